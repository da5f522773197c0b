import KafkaModel
import KafkaProtocol
import Testing

@testable import GroupCoordinator

@Suite struct ClassicSyncTests {
    private func completing() -> ClassicStage {
        var stage = ClassicStage()
        _ = stage.join("a", version: 3)
        _ = stage.join("b", version: 3)
        _ = stage.pass(.seconds(6))
        return stage
    }

    @Test func `followers wait for the leader, and all are answered when the assignment is written`() {
        var stage = completing()
        #expect(stage.sync("b#2") == [])
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 10 s", "sync in 60 s"])
        #expect(
            stage.sync("a#1", [("a#1", "A"), ("b#2", "B")]) == [
                "record: v3 generation 1 consumer range leader a#1 a#1=[A] b#2=[B]", "sync a#1: range [A]",
                "sync b#2: range [B]",
            ])
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 10 s"])
    }

    @Test func `who syncs late finds its assignment`() {
        var stage = completing()
        _ = stage.sync("a#1", [("b#2", "B")])
        #expect(stage.notes.contains("Setting empty assignments for members [a#1] of g for generation 1."))
        #expect(stage.notes.contains("Sending empty assignment to member a#1 of g for generation 1 with no errors"))
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 10 s", "sync in 60 s"])
        #expect(stage.sync("b#2") == ["sync b#2: range [B]"])
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 10 s"])
        #expect(stage.sync("b#2") == ["sync b#2: range [B]"])
    }

    @Test func `a sync is checked for its member, generation and protocol`() {
        var stage = completing()
        #expect(stage.sync("z#9") == ["sync z#9: UNKNOWN_MEMBER_ID"])
        #expect(stage.sync("b#2", generation: 0) == ["sync b#2: ILLEGAL_GENERATION"])
        #expect(stage.sync("b#2", type: "connect") == ["sync b#2: INCONSISTENT_GROUP_PROTOCOL"])
        #expect(stage.sync("b#2", name: "sticky") == ["sync b#2: INCONSISTENT_GROUP_PROTOCOL"])
        #expect(stage.sync("b#2", type: nil, name: nil) == [])
    }

    @Test func `a sync that comes while others have to join again is told so`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("c", version: 3)
        #expect(stage.sync("b#2") == ["sync b#2: REBALANCE_IN_PROGRESS"])
    }

    @Test func `an empty group knows no member`() {
        var stage = ClassicStage()
        #expect(stage.sync("b#2") == ["sync b#2: UNKNOWN_MEMBER_ID"])
    }

    @Test func `waiting syncs are refused when the group rebalances again`() {
        var stage = completing()
        _ = stage.sync("b#2")
        #expect(stage.join("c", version: 3) == ["sync b#2: REBALANCE_IN_PROGRESS"])
        #expect(
            stage.schedule == ["join in 60 s", "session a#1 in 10 s", "session b#2 in 10 s", "session c#3 in 300 s"])
    }

    @Test func `a second sync of a member ends the first`() {
        var stage = completing()
        _ = stage.sync("b#2")
        #expect(stage.sync("b#2") == ["sync b#2: REBALANCE_IN_PROGRESS"])
        #expect(stage.sync("a#1", [("a#1", "A"), ("b#2", "B")]).count == 3)
        #expect(stage.waiting.isEmpty)
    }

    @Test func `members that do not sync in time are out, the leader as any other`() {
        var stage = completing()
        _ = stage.sync("b#2")
        for _ in 0..<6 {
            _ = stage.heartbeat("a#1")
            #expect(stage.pass(.seconds(9)) == [])
        }
        _ = stage.heartbeat("a#1")
        #expect(stage.pass(.seconds(6)) == ["sync b#2: REBALANCE_IN_PROGRESS"])
        #expect(stage.group.members.count == 1)
        #expect(
            stage.notes.last
                == """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: Removing \
                [a#1] on pending sync request expiration).
                """)
        #expect(stage.join("b#2") == ["join b#2: generation 2 as b#2, range, leader b#2 of b#2"])
    }

    @Test func `one that never syncs with a stable group is out too`() {
        var stage = completing()
        _ = stage.sync("a#1", [("a#1", "A"), ("b#2", "B")])
        for _ in 0..<6 {
            _ = stage.heartbeat("a#1")
            _ = stage.heartbeat("b#2")
            _ = stage.pass(.seconds(9))
        }
        _ = stage.heartbeat("a#1")
        _ = stage.heartbeat("b#2")
        _ = stage.pass(.seconds(6))
        #expect(stage.group.state == .preparingRebalance)
        #expect(stage.group.members.count == 1)
        #expect(stage.schedule == ["join in 60 s", "session a#1 in 4 s"])
    }

    @Test func `a session that ends while its member waits for the assignment is excused`() {
        var stage = completing()
        _ = stage.sync("b#2")
        for _ in 0..<3 {
            _ = stage.heartbeat("a#1")
            #expect(stage.pass(.seconds(9)) == [])
        }
        #expect(stage.group.members.count == 2)
        _ = stage.sync("a#1", [("a#1", "A"), ("b#2", "B")])
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 10 s"])
    }

    @Test func `an assignment that cannot be written is told to all, and they join again`() {
        var stage = completing()
        _ = stage.sync("b#2")
        stage.appendError = .unknownServerError
        #expect(
            stage.sync("a#1", [("a#1", "A"), ("b#2", "B")]) == [
                "sync b#2: refused UNKNOWN_SERVER_ERROR", "sync a#1: refused UNKNOWN_SERVER_ERROR",
            ])
        #expect(stage.group.state == .preparingRebalance)
        #expect(
            stage.notes.last
                == """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: Error \
                UNKNOWN_SERVER_ERROR when storing group assignment during SyncGroup.).
                """)
        stage.appendError = nil
        _ = stage.join("a#1")
        #expect(stage.join("b#2").count == 2)
        _ = stage.sync("b#2")
        #expect(stage.sync("a#1", [("a#1", "A"), ("b#2", "B")]).count == 3)
    }
}
