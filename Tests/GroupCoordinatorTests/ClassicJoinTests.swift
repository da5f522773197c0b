import GroupCoordinator
import KafkaProtocol
import Testing

@Suite struct ClassicJoinTests {
    @Test func `a new member is given its id first, and joins with it`() {
        var stage = ClassicStage()
        #expect(
            stage.join("a") == ["record: v3 generation 0 - - leader -", "join a: MEMBER_ID_REQUIRED a#1"])
        #expect(stage.schedule == ["session a#1 in 10 s"])
        #expect(stage.group.state == .empty)
        #expect(stage.join("a#1") == [])
        #expect(stage.group.state == .preparingRebalance)
        #expect(stage.schedule == ["join in 3 s", "session a#1 in 300 s"])
        #expect(
            stage.pass(.seconds(3)) == ["join a#1: generation 1 as a#1, range, leader a#1 of a#1"])
        #expect(stage.group.state == .completingRebalance)
        #expect(stage.schedule == ["session a#1 in 10 s", "sync in 60 s"])
        #expect(
            stage.sync("a#1", [("a#1", "0,1")]) == [
                "record: v3 generation 1 consumer range leader a#1 a#1=[0,1]", "sync a#1: range [0,1]",
            ])
        #expect(stage.group.state == .stable)
        #expect(stage.events == [.rebalanced(.classic)])
        #expect(stage.schedule == ["session a#1 in 10 s"])
    }

    @Test func `before version 4 a member joins without being asked for an id`() {
        var stage = ClassicStage()
        #expect(stage.join("a", version: 3) == ["record: v3 generation 0 - - leader -"])
        #expect(stage.pass(.seconds(3)) == ["join a: generation 1 as a#1, range, leader a#1 of a#1"])
    }

    @Test func `an id that is not used is forgotten with its session`() {
        var stage = ClassicStage()
        _ = stage.join("a", session: 7000)
        #expect(stage.pass(.seconds(7)) == [])
        #expect(stage.group.pendingMembers.isEmpty)
        #expect(
            stage.notes.last == "Pending member a#1 in group g has been removed after session timeout expiration.")
        #expect(stage.join("a#1") == ["join a#1: UNKNOWN_MEMBER_ID a#1"])
    }

    @Test func `the first rebalance waits on while members come, as long as their rebalance timeout`() {
        var stage = ClassicStage()
        _ = stage.join("a", rebalance: 7000, version: 3)
        _ = stage.pass(.seconds(1))
        _ = stage.join("b", rebalance: 5000, version: 3)
        #expect(stage.pass(.seconds(2)) == [])
        #expect(stage.schedule.first == "join in 3 s")
        _ = stage.join("c", rebalance: 5000, version: 3)
        #expect(stage.pass(.seconds(3)) == [])
        #expect(stage.schedule.first == "join in 1 s")
        _ = stage.join("d", rebalance: 5000, version: 3)
        #expect(
            stage.pass(.seconds(1)) == [
                "join a: generation 1 as a#1, range, leader a#1 of a#1 b#2 c#3 d#4",
                "join b: generation 1 as b#2, range, leader a#1", "join c: generation 1 as c#3, range, leader a#1",
                "join d: generation 1 as d#4, range, leader a#1",
            ])
    }

    @Test func `without a delay the first member starts at once`() {
        var stage = ClassicStage()
        stage.settings.initialRebalanceDelay = .zero
        _ = stage.join("a", version: 3)
        #expect(stage.pass(.zero) == ["join a: generation 1 as a#1, range, leader a#1 of a#1"])
    }

    @Test func `a member that comes to a stable group makes the others join again`() {
        var stage = ClassicStage.stablePair()
        #expect(stage.join("c", version: 3) == [])
        #expect(
            stage.notes.last
                == """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: Adding new \
                member c#3 with group instance id null; client reason: not provided).
                """)
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: REBALANCE_IN_PROGRESS"])
        #expect(stage.join("a#1") == [])
        #expect(
            stage.join("b#2") == [
                "join a#1: generation 2 as a#1, range, leader a#1 of a#1 b#2 c#3",
                "join b#2: generation 2 as b#2, range, leader a#1", "join c: generation 2 as c#3, range, leader a#1",
            ])
    }

    @Test func `who has an id but has not joined holds the rebalance up`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("c")
        #expect(stage.group.state == .stable)
        _ = stage.join("a#1")
        #expect(stage.join("b#2") == [])
        #expect(stage.join("c#3").count == 3)
    }

    @Test func `members that do not join again in time are out`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("c", version: 3)
        _ = stage.join("b#2")
        for _ in 0..<6 {
            #expect(stage.pass(.seconds(9)) == [])
            #expect(stage.heartbeat("a#1") == ["heartbeat a#1: REBALANCE_IN_PROGRESS"])
        }
        #expect(
            stage.pass(.seconds(6)) == [
                "join b#2: generation 2 as b#2, range, leader b#2 of b#2 c#3",
                "join c: generation 2 as c#3, range, leader b#2",
            ])
        #expect(stage.notes.contains("Group g removed dynamic members who haven't joined: [a#1]"))
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: UNKNOWN_MEMBER_ID"])
    }

    @Test func `a leader that joins again asks for a rebalance, a follower with the same metadata does not`() {
        var stage = ClassicStage.stablePair([("range", "t")])
        #expect(
            stage.join("b#2", [("range", "t")]) == ["join b#2: generation 1 as b#2, range, leader a#1"])
        #expect(stage.group.state == .stable)
        #expect(stage.join("a#1", [("range", "t")], reason: "new partitions") == [])
        #expect(
            stage.notes.last
                == """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: Leader a#1 \
                re-joining group during Stable; client reason: new partitions).
                """)
        #expect(
            stage.join("b#2", [("range", "t")]) == [
                "join a#1: generation 2 as a#1, range, leader a#1 of a#1=t b#2=t",
                "join b#2: generation 2 as b#2, range, leader a#1",
            ])
    }

    @Test func `a follower with new metadata makes the group rebalance`() {
        var stage = ClassicStage.stablePair([("range", "t")])
        #expect(stage.join("b#2", [("range", "u")]) == [])
        #expect(stage.group.state == .preparingRebalance)
        #expect(
            stage.join("a#1", [("range", "t")]).first
                == "join a#1: generation 2 as a#1, range, leader a#1 of a#1=t b#2=u")
    }

    @Test func `an answer that was lost is given again until the group is stable`() {
        var stage = ClassicStage()
        _ = stage.join("a", version: 3)
        _ = stage.join("b", version: 3)
        _ = stage.pass(.seconds(6))
        #expect(stage.join("a#1") == ["join a#1: generation 1 as a#1, range, leader a#1 of a#1 b#2"])
        #expect(stage.join("b#2") == ["join b#2: generation 1 as b#2, range, leader a#1"])
        #expect(stage.sync("b#2", name: nil) == [])
        #expect(stage.join("b#2", [("range", "new")]) == ["sync b#2: REBALANCE_IN_PROGRESS"])
        #expect(stage.group.state == .preparingRebalance)
    }

    @Test func `a member that joins twice is answered twice`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("a#1", reason: "first")
        #expect(stage.join("a#1", reason: "second") == ["join a#1: REBALANCE_IN_PROGRESS a#1"])
        #expect(stage.join("b#2").count == 2)
        #expect(stage.waiting.isEmpty)
    }

    @Test func `a new member that gives up waiting makes room for its next try`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("c", rebalance: 600_000, version: 3)
        for _ in 0..<33 {
            _ = stage.heartbeat("a#1")
            _ = stage.heartbeat("b#2")
            _ = stage.pass(.seconds(9))
        }
        _ = stage.heartbeat("a#1")
        _ = stage.heartbeat("b#2")
        #expect(stage.pass(.seconds(3)) == ["join c: UNKNOWN_MEMBER_ID"])
    }

    @Test func `a full group takes no new member, and nobody who is not back yet when it was shrunk`() {
        var stage = ClassicStage.stablePair()
        stage.settings.membersMax = 2
        #expect(stage.join("c") == ["join c: GROUP_MAX_SIZE_REACHED"])
        stage.settings.membersMax = 1
        #expect(stage.join("a#1") == [])
        #expect(
            stage.join("b#2") == [
                "join b#2: GROUP_MAX_SIZE_REACHED", "join a#1: generation 2 as a#1, range, leader a#1 of a#1",
            ])
        #expect(stage.schedule == ["session a#1 in 10 s", "sync in 60 s"])
    }

    @Test func `a full group refuses the owner of an id that it gave out itself`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("c")
        stage.settings.membersMax = 2
        #expect(stage.join("c#3") == ["join c#3: GROUP_MAX_SIZE_REACHED"])
        #expect(stage.group.pendingMembers.isEmpty)
        #expect(!stage.schedule.contains { $0.contains("c#3") })
    }

    @Test func `a member with an id that nobody knows has to begin anew`() {
        var stage = ClassicStage.stablePair()
        #expect(stage.join("z#9") == ["join z#9: UNKNOWN_MEMBER_ID z#9"])
        #expect(stage.group.state == .stable)
    }
}
