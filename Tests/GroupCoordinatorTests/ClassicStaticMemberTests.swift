import KafkaModel
import Testing

@testable import GroupCoordinator

@Suite struct ClassicStaticMemberTests {
    /// Two static members, the first leads.
    private func stable(_ protocols: [(String, String)] = [("range", "")]) -> ClassicStage {
        var stage = ClassicStage()
        _ = stage.join("a", protocols, instance: "one")
        _ = stage.join("b", protocols, instance: "two")
        _ = stage.pass(.seconds(6))
        _ = stage.sync("one#1", [("one#1", "A"), ("two#2", "B")], instance: "one", name: nil)
        _ = stage.sync("two#2", instance: "two", name: nil)
        return stage
    }

    @Test func `a static member joins without being asked for an id, and is named after its instance`() {
        var stage = ClassicStage()
        #expect(stage.join("a", instance: "one") == ["record: v3 generation 0 - - leader -"])
        #expect(stage.pass(.seconds(3)) == ["join a: generation 1 as one#1, range, leader one#1 of one#1"])
    }

    @Test func `a follower that restarts gets its assignment back without a rebalance`() {
        var stage = stable()
        #expect(
            stage.join("b", instance: "two") == [
                "record: v3 generation 1 consumer range leader one#1 one#1=[A] two#3=[B]",
                "join b: generation 1 as two#3, range, leader one#1",
            ])
        #expect(stage.group.state == .stable)
        #expect(stage.schedule == ["session one#1 in 10 s", "session two#3 in 10 s"])
        #expect(stage.sync("two#3", instance: "two") == ["sync two#3: range [B]"])
        #expect(stage.heartbeat("two#2", instance: "two") == ["heartbeat two#2: FENCED_INSTANCE_ID"])
        #expect(stage.heartbeat("two#2") == ["heartbeat two#2: UNKNOWN_MEMBER_ID"])
        #expect(stage.sync("two#2", instance: "two") == ["sync two#2: FENCED_INSTANCE_ID"])
        #expect(stage.join("two#2", instance: "two") == ["join two#2: FENCED_INSTANCE_ID two#2"])
        #expect(stage.commit("two#2", instance: "two") == .refused(.fencedInstanceID))
        #expect(stage.commit("two#3", instance: "two") == .admitted)
    }

    @Test func `a leader that restarts is told to assign nothing`() {
        var stage = stable()
        #expect(
            stage.join("a", instance: "one") == [
                "record: v3 generation 1 consumer range leader one#3 one#3=[A] two#2=[B]",
                "join a: generation 1 as one#3, range, leader one#3 of one#3 two#2, assigns nothing",
            ])
    }

    @Test func `before version 9 a leader that restarts is told of the old leader`() {
        var stage = stable()
        #expect(
            stage.join("a", instance: "one", version: 8).last == "join a: generation 1 as one#3, range, leader one#1")
        #expect(stage.group.leaderID == ClassicStage.long("one#3"))
    }

    @Test func `a restart that changes which protocol wins makes the group rebalance`() {
        var stage = stable([("range", ""), ("sticky", "")])
        #expect(stage.join("b", [("sticky", "")], instance: "two") == [])
        #expect(stage.group.state == .preparingRebalance)
        #expect(
            stage.notes.last
                == """
                Preparing to rebalance group g in state PreparingRebalance with old generation 1 (reason: Group's \
                selectedProtocol will change because static member two#3 with instance id two joined with change of \
                protocol; client reason: not provided).
                """)
        #expect(
            stage.join("one#1", [("range", ""), ("sticky", "")], instance: "one").first
                == "join b: generation 2 as two#3, sticky, leader one#1" || stage.group.protocolName == "sticky")
    }

    @Test func `a restart with other metadata but the same protocol is not noticed by the others`() {
        var stage = stable()
        #expect(stage.join("b", [("range", "new")], instance: "two").count == 2)
        #expect(stage.group.state == .stable)
    }

    @Test func `a restart while the assignment is awaited makes the group rebalance`() {
        var stage = ClassicStage()
        _ = stage.join("a", instance: "one")
        _ = stage.join("b", instance: "two")
        _ = stage.pass(.seconds(6))
        _ = stage.sync("two#2", instance: "two")
        #expect(stage.join("b", instance: "two") == ["sync two#2: FENCED_INSTANCE_ID"])
        #expect(stage.group.state == .preparingRebalance)
        #expect(
            stage.join("one#1", instance: "one") == [
                "join one#1: generation 2 as one#1, range, leader one#1 of one#1 two#3",
                "join b: generation 2 as two#3, range, leader one#1",
            ])
    }

    @Test func `a restart while joins are awaited fences the join of old`() {
        var stage = ClassicStage()
        _ = stage.join("a", instance: "one")
        #expect(stage.join("a", instance: "one") == ["join a: FENCED_INSTANCE_ID one#1"])
        #expect(stage.pass(.seconds(3)) == ["join a: generation 1 as one#2, range, leader one#2 of one#2"])
    }

    @Test func `two with one instance id fence each other in turn, and each request is answered once`() {
        var stage = stable()
        for _ in 0..<5 {
            #expect(stage.join("x", instance: "two").count == 2)
            #expect(stage.join("y", instance: "two").count == 2)
        }
        #expect(stage.waiting.isEmpty)
        #expect(stage.group.members.count == 2)
        #expect(stage.schedule.count == 2)
    }

    @Test func `a static member that is silent during a rebalance keeps its place until its session ends`() {
        var stage = stable()
        #expect(stage.join("one#1", instance: "one", rebalance: 5000) == [])
        // The members' longest rebalance timeout is still the other's 60 seconds; its session ends first.
        #expect(stage.pass(.seconds(10)) == ["join one#1: generation 2 as one#1, range, leader one#1 of one#1"])
    }

    @Test func `static members that heartbeat but do not join are part of the next generation`() {
        var stage = stable()
        _ = stage.join("one#1", instance: "one")
        for _ in 0..<6 {
            _ = stage.heartbeat("two#2", instance: "two")
            _ = stage.pass(.seconds(9))
        }
        _ = stage.heartbeat("two#2", instance: "two")
        #expect(
            stage.pass(.seconds(6)) == ["join one#1: generation 2 as one#1, range, leader one#1 of one#1 two#2"])
        #expect(stage.group.members.count == 2)
        #expect(stage.heartbeat("two#2", generation: 1, instance: "two") == ["heartbeat two#2: ILLEGAL_GENERATION"])
    }

    @Test func `a generation waits for a first static member that joins`() {
        var stage = stable()
        _ = stage.join("c", version: 3)
        _ = stage.leave(("c#3", nil))
        #expect(stage.group.state == .preparingRebalance)
        for _ in 0..<6 {
            _ = stage.heartbeat("one#1", instance: "one")
            _ = stage.heartbeat("two#2", instance: "two")
            _ = stage.pass(.seconds(9))
        }
        _ = stage.heartbeat("one#1", instance: "one")
        _ = stage.heartbeat("two#2", instance: "two")
        #expect(stage.pass(.seconds(6)) == [])
        #expect(stage.notes.last == "Group g could not complete rebalance because no members rejoined.")
        #expect(stage.schedule.first == "join in 60 s")
    }

    @Test(arguments: [0, -5] as [Int32])
    func `static members without a rebalance timeout do not keep the broker busy`(timeout: Int32) {
        var stage = ClassicStage()
        _ = stage.join("a", instance: "one", rebalance: timeout)
        _ = stage.join("b", rebalance: timeout, version: 3)
        _ = stage.fire(.join(group: "g"))
        _ = stage.sync("b#2", name: nil)
        _ = stage.sync("one#1", [("one#1", "A"), ("b#2", "B")], instance: "one")
        #expect(stage.group.state == .stable)
        _ = stage.leave(("b#2", nil))
        _ = stage.heartbeat("one#1", instance: "one")
        let before = stage.notes.count
        _ = stage.pass(.seconds(9))
        #expect((1...20).contains(stage.notes.count - before), "each round says that nobody joined")
        #expect(stage.group.state == .preparingRebalance)
    }

    @Test func `a restart that cannot be written leaves the old member its place`() {
        var stage = stable()
        stage.appendError = .coordinatorNotAvailable
        #expect(stage.join("b", instance: "two") == ["join b: refused COORDINATOR_NOT_AVAILABLE"])
        #expect(stage.heartbeat("two#2", instance: "two") == ["heartbeat two#2: NONE"])
        #expect(stage.schedule == ["session one#1 in 10 s", "session two#2 in 10 s"])
    }

    @Test func `an instance id that nobody has is unknown`() {
        var stage = stable()
        #expect(stage.heartbeat("one#1", instance: "three") == ["heartbeat one#1: UNKNOWN_MEMBER_ID"])
        #expect(stage.join("one#1", instance: "three") == ["join one#1: UNKNOWN_MEMBER_ID one#1"])
    }

    @Test func `an id given in advance is no static member's`() {
        var stage = ClassicStage()
        _ = stage.join("a")
        #expect(stage.join("a#1", instance: "one") == ["join a#1: UNKNOWN_SERVER_ERROR a#1"])
    }
}
