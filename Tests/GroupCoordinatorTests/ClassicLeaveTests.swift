import KafkaModel
import Testing

@testable import GroupCoordinator

@Suite struct ClassicLeaveTests {
    @Test func `who leaves makes the others join again`() {
        var stage = ClassicStage.stablePair()
        #expect(stage.leave(("b#2", nil)) == ["leave: NONE b#2 NONE"])
        #expect(
            stage.notes.suffix(2) == [
                """
                [Group g] Member b#2 has left group through explicit `LeaveGroup` request; client reason: not provided
                """,
                """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: explicit \
                `LeaveGroup` request for (b#2) members.).
                """,
            ])
        #expect(stage.schedule == ["join in 60 s", "session a#1 in 10 s"])
        #expect(stage.join("a#1") == ["join a#1: generation 2 as a#1, range, leader a#1 of a#1"])
    }

    @Test func `a leader that leaves is followed by the one that came next`() {
        var stage = ClassicStage.stablePair()
        _ = stage.leave(("a#1", nil))
        #expect(stage.group.leaderID == ClassicStage.long("b#2"))
        #expect(stage.join("b#2") == ["join b#2: generation 2 as b#2, range, leader b#2 of b#2"])
    }

    @Test func `with its last member the group is empty, and says so in its record`() {
        var stage = ClassicStage.stablePair()
        #expect(
            stage.leave(("a#1", nil), ("b#2", nil)) == [
                "record: v3 generation 2 consumer - leader -", "leave: NONE a#1 NONE, b#2 NONE",
            ])
        #expect(stage.notes.last == "Group g with generation 2 is now empty.")
        #expect(stage.group.state == .empty)
        #expect(stage.schedule == [])
        #expect(stage.group.subscribedTopics == [])
    }

    @Test func `before version 3 the error of the one is the error of all`() {
        var stage = ClassicStage.stablePair()
        #expect(stage.leave(("z#9", nil), version: 2) == ["leave: UNKNOWN_MEMBER_ID"])
        #expect(stage.leave(("a#1", nil), version: 0) == ["leave: NONE"])
    }

    @Test func `each of a batch is answered for itself`() {
        var stage = ClassicStage()
        _ = stage.join("s", instance: "one")
        _ = stage.join("a", version: 3)
        _ = stage.pass(.seconds(6))
        _ = stage.join("p")
        #expect(
            stage.leave(("", "one"), ("a#2", "one"), ("", "two"), ("p#3", nil), ("z#9", nil), ("a#2", nil)) == [
                "record: v3 generation 2 consumer - leader -",
                """
                leave: NONE one NONE, a#2 UNKNOWN_MEMBER_ID, two UNKNOWN_MEMBER_ID, p#3 NONE, z#9 UNKNOWN_MEMBER_ID, \
                a#2 NONE
                """,
            ])
        #expect(stage.schedule == [])
    }

    @Test func `a static member that leaves under another's id is fenced`() {
        var stage = ClassicStage()
        _ = stage.join("s", instance: "one")
        _ = stage.pass(.seconds(3))
        #expect(stage.leave(("z#9", "one")) == ["leave: NONE z#9 FENCED_INSTANCE_ID"])
    }

    @Test func `who leaves while others are waited for lets them go on`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("c", version: 3)
        _ = stage.join("a#1")
        #expect(
            stage.leave(("b#2", nil)) == [
                "leave: NONE b#2 NONE", "join a#1: generation 2 as a#1, range, leader a#1 of a#1 c#3",
                "join c: generation 2 as c#3, range, leader a#1",
            ])
    }

    @Test func `who leaves while its join waits has that answered`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("a#1")
        #expect(
            stage.leave(("a#1", nil)) == ["join a#1: UNKNOWN_MEMBER_ID", "leave: NONE a#1 NONE"])
    }

    @Test func `who leaves while its sync waits has that answered`() {
        var stage = ClassicStage()
        _ = stage.join("a", version: 3)
        _ = stage.join("b", version: 3)
        _ = stage.pass(.seconds(6))
        _ = stage.sync("b#2")
        #expect(stage.leave(("b#2", nil)) == ["sync b#2: UNKNOWN_MEMBER_ID", "leave: NONE b#2 NONE"])
        #expect(stage.waiting.isEmpty)
    }

    @Test func `the first rebalance keeps its time even when nobody is left`() {
        var stage = ClassicStage()
        _ = stage.join("a", version: 3)
        #expect(stage.leave(("a#1", nil)) == ["join a: UNKNOWN_MEMBER_ID", "leave: NONE a#1 NONE"])
        #expect(stage.group.state == .preparingRebalance)
        #expect(stage.pass(.seconds(3)) == ["record: v3 generation 1 consumer - leader -"])
        #expect(stage.group.state == .empty)
    }

    @Test func `a leave that cannot be written leaves the member where it is`() {
        var stage = ClassicStage.stablePair()
        _ = stage.leave(("b#2", nil))
        _ = stage.join("a#1")
        _ = stage.sync("a#1", [("a#1", "A")])
        stage.appendError = .notCoordinator
        #expect(stage.leave(("a#1", nil)) == ["leave: refused NOT_COORDINATOR"])
        #expect(stage.group.state == .stable)
        #expect(stage.schedule == ["session a#1 in 10 s"])
    }

    @Test func `a join that waits is let go when the leave of its member cannot be written`() {
        var stage = ClassicStage()
        _ = stage.join("a")
        _ = stage.join("a#1")
        _ = stage.pass(.seconds(3))
        _ = stage.join("p")
        _ = stage.join("a#1", [("range", "new")])
        #expect(stage.group.state == .preparingRebalance)
        stage.appendError = .coordinatorNotAvailable
        #expect(
            stage.leave(("a#1", nil), ("p#2", nil)) == [
                "join a#1: refused COORDINATOR_NOT_AVAILABLE", "leave: refused COORDINATOR_NOT_AVAILABLE",
            ])
        #expect(stage.group.members.count == 1)
        stage.appendError = nil
        #expect(stage.join("a#1", [("range", "new")]) == [])
        #expect(stage.pass(.seconds(10)) == ["join a#1: generation 2 as a#1, range, leader a#1 of a#1=new"])
    }
}
