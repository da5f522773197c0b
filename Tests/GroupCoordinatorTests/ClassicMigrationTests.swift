import Coordination
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

@Suite struct ClassicMigrationTests {
    @Test func `a group that is handed over tells everybody who waits to join again, and is gone from the log`() {
        var stage = ClassicStage.stablePair()
        _ = stage.join("a#1")
        _ = stage.join("c", version: 3)
        _ = stage.join("p")
        let lines = stage.perform(nil) { group, _, _, effects in group.handOver(into: &effects) }
        #expect(
            lines == ["record: tombstone", "join a#1: REBALANCE_IN_PROGRESS a#1", "join c: REBALANCE_IN_PROGRESS c#3"])
        #expect(stage.schedule == ["session a#1 in 10 s", "session b#2 in 10 s", "session c#3 in 300 s"])
    }

    @Test func `a group that takes over is stable, with the assignments that its members had`() {
        var stage = ClassicStage()
        let members = ["m1", "m2"].map { id in
            ClassicMember(
                id: id, instanceID: nil, client: GroupClient(id: "c", host: "/h"), rebalanceTimeout: .seconds(60),
                sessionTimeout: .seconds(10),
                protocols: [.init(name: "range", metadata: []), .init(name: id, metadata: [])])
        }
        stage.group = ClassicGroup(
            takingOver: "g", epoch: 7, members: members, wall: Timestamp(milliseconds: 1)
        ) { member, protocolName in Array("\(member.id) by \(protocolName)".utf8) }
        let lines = stage.perform(nil) { group, _, context, effects in group.tookOver(context, into: &effects) }
        #expect(
            lines == ["record: v3 generation 7 consumer range leader m1 m1=[m1 by range] m2=[m2 by range]"])
        #expect(stage.schedule == ["session m1 in 10 s", "session m2 in 10 s"])
        #expect(stage.heartbeat("m2") == ["heartbeat m2: NONE"])
    }

    @Test func `a group that takes over because a member left makes the others join again`() {
        var stage = ClassicStage.stablePair()
        _ = stage.perform(nil) { group, _, context, effects in
            group.tookOver(
                rebalancingBecause: "Downgrade group g from consumer to classic for member leaving.", context,
                into: &effects)
        }
        #expect(stage.heartbeat("a#1") == ["heartbeat a#1: REBALANCE_IN_PROGRESS"])
    }
}
