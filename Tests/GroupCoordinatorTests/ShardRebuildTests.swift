import Coordination
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

/// Whatever happens to a shard, its log tells all of it that has to survive.
@Suite struct ShardRebuildTests {
    /// What a log says once only the last record of each key is left.
    private func compacted(_ log: [CoordinatorRecord], keepingTombstones: Bool) -> [CoordinatorRecord] {
        var last: [[UInt8]: Int] = [:]
        for (index, record) in log.enumerated() { last[record.key] = index }
        return log.enumerated().filter { index, record in
            last[record.key] == index && (keepingTombstones || record.value != nil)
        }.map(\.element)
    }

    private func expectSame(_ bench: ShardBench, _ log: [CoordinatorRecord], _ what: Comment) {
        let rebuilt = ShardBench(reading: log, like: bench)
        #expect(rebuilt.shard.state.offsets == bench.shard.state.offsets, what)
        let live = bench.groups.filter { !$0.value.isEmpty || bench.shard.state.offsets.topics(of: $0.key) != nil }
        for (id, group) in live {
            let other = rebuilt.groups[id]
            #expect(other?.type == group.type, what)
            // A generation that has not got its assignment is not written.
            guard case .classic(let was) = group, was.state == .stable, case .classic(let now) = other else { continue }
            #expect(now.generation == was.generation, what)
            #expect(now.members.keys.sorted() == was.members.keys.sorted(), what)
            #expect(now.leaderID == was.leaderID && now.protocolName == was.protocolName, what)
        }
    }

    @Test(arguments: 0..<20) func `a shard read from its log is the one that wrote it`(seed: Int) {
        var random = SplitMix(UInt64(seed))
        var bench = ShardBench(topics: ["t": 4, "u": 4])
        var members: [(group: String, member: String, generation: Int32)] = []
        for _ in 0..<400 {
            let group = "g\(Int.random(in: 0..<5, using: &random))"
            let topic = Bool.random(using: &random) ? "t" : "u"
            let partition = Int32.random(in: 0..<4, using: &random)
            if Int.random(in: 0..<12, using: &random) == 0 { bench.appendFailure = .notEnoughReplicas }
            switch Int.random(in: 0..<12, using: &random) {
            case 0..<4: _ = bench.commit(group, topic, partition, .random(in: 0..<100, using: &random))
            case 4:
                if let joined = bench.join(group, ""), joined.errorCode == 0 {
                    members.append((group, joined.memberId, joined.generationId))
                }
            case 5:
                if let one = members.randomElement(using: &random) {
                    _ = bench.sync(one.group, one.member, generation: one.generation)
                }
            case 6:
                if let one = members.randomElement(using: &random) {
                    _ = bench.commit(one.group, topic, partition, .random(in: 0..<100, using: &random)) {
                        $0.memberId = one.member
                        $0.generationIdOrMemberEpoch = one.generation
                    }
                }
            case 7: bench.pass(.milliseconds(Int64.random(in: 0..<20_000, using: &random)))
            case 8:
                bench.run { shard, _, context, effects in _ = shard.delete(group, context, into: &effects) }
            case 9:
                bench.run { shard, _, context, effects in _ = shard.topicsDeleted([topic], context, into: &effects) }
            case 10:
                bench.pass(.seconds(86_400))
                bench.expire()
            default:
                bench.appendFailure = nil
                heartbeat(&bench, group, &random)
            }
        }
        bench.appendFailure = nil
        expectSame(bench, bench.log, "of the whole log")
        expectSame(bench, compacted(bench.log, keepingTombstones: true), "of the log without what was overwritten")
        expectSame(bench, compacted(bench.log, keepingTombstones: false), "of the log without tombstones")
    }

    private func heartbeat(_ bench: inout ShardBench, _ group: String, _ random: inout SplitMix) {
        var request = ConsumerGroupHeartbeatRequest()
        request.groupId = "c\(group)"
        request.memberId = "m\(Int.random(in: 0..<3, using: &random))"
        request.memberEpoch = [0, 0, 1, 2, -1].randomElement(using: &random) ?? 0
        request.rebalanceTimeoutMs = 1000
        request.subscribedTopicNames = ["t"]
        request.topicPartitions = []
        bench.run { shard, owed, context, effects in
            shard.heartbeat(
                request, newMemberID: "n", client: GroupClient(id: "c", host: "/h"), owed: owed, context,
                into: &effects)
        }
    }
}
