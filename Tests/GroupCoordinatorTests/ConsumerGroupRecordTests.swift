import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Testing

@testable import GroupCoordinator

/// The records of consumer groups, good and bad.
@Suite struct ConsumerGroupRecordTests {
    /// A log with every kind of record in it.
    private func log() throws -> [CoordinatorRecord] {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        _ = stage.join("a", instance: "i", assignor: "range")
        _ = stage.join("b", [], regex: "t.*")
        _ = stage.joinClassic("c", ["t"], owned: [:])
        _ = stage.beat("a", 1, instance: "i")
        _ = stage.leave("b")
        return stage.log
    }

    @Test func `bytes that are cut off or changed are told as such, or harmless`() throws {
        var random = SplitMix(1)
        for record in try log() {
            let type = Int16(record.key[1])
            for length in 0..<record.key.count {
                let cut = Array(record.key.prefix(length))
                _ = try? ConsumerGroupRecord.decode(type: type, key: cut.span.bytes, value: nil)
            }
            guard let value = record.value else { continue }
            for length in 0..<value.count {
                let cut = Array(value.prefix(length))
                _ = try? ConsumerGroupRecord.decode(type: type, key: record.key.span.bytes, value: cut.span.bytes)
            }
            var group = try ConsumerGroupStage.rebuilt(log())
            for _ in 0..<200 {
                var changed = value
                for _ in 0..<3 {
                    changed[Int.random(in: changed.indices, using: &random)] = UInt8.random(
                        in: .min ... .max, using: &random)
                }
                let decoded = try? ConsumerGroupRecord.decode(
                    type: type, key: record.key.span.bytes, value: changed.span.bytes)
                if let decoded { group.replay(decoded.record) }
            }
            // Whatever it has read, it answers.
            var stage = ConsumerGroupStage()
            try stage.topic("t", partitions: 4)
            stage.group = group
            stage.perform { group, context, effects in group.loaded(context, into: &effects) }
            for assignor in ["uniform", "range"] {
                let joined = stage.join("new-\(assignor)", assignor: assignor)
                #expect(joined.error == .none)
                _ = stage.beat("new-\(assignor)", joined.memberEpoch, owned: ["t": [0, -1, .max]])
            }
            _ = stage.group.described(stage.context)
            stage.wait(.seconds(60))
        }
    }

    @Test func `a record of another kind is nobody's here`() throws {
        var key = OffsetCommitKey()
        key.group = "g"
        #expect(
            try ConsumerGroupRecord.decode(type: OffsetCommitKey.recordType, key: key.framed.span.bytes, value: nil)
                == nil)
    }

    @Test func `partitions of a member that an older broker wrote count from its epoch`() throws {
        var value = ConsumerGroupCurrentMemberAssignmentValue()
        (value.memberEpoch, value.previousMemberEpoch) = (5, 4)
        var topic = ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions()
        (topic.topicId, topic.partitions) = (ConsumerGroupStage.id("t"), [1, 2])
        value.assignedPartitions = [topic]
        var group = ConsumerGroup(id: "g")
        group.replay(.current(member: "a", value))
        #expect(group.members["a"]?.assigned == [ConsumerGroupStage.id("t"): [1: 5, 2: 5]])
    }

    @Test func `a member in a state that only a newer broker knows begins again`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        var value = ConsumerGroupCurrentMemberAssignmentValue()
        (value.memberEpoch, value.previousMemberEpoch, value.state) = (1, 0, 42)
        stage.group.replay(.current(member: "a", value))
        #expect(stage.beat("a", 1).error == .fencedMemberEpoch)
        let again = stage.join("a")
        #expect(again.error == .none)
        #expect(again.assigned("t") == ["t": [0, 1]])
    }

    @Test func `the end of a group takes back all of its records`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        _ = stage.join("b", [], regex: "t")
        stage.perform { group, context, effects in group.tombstones(into: &effects) }
        #expect(stage.compacted.isEmpty)
    }

    @Test func `commits are taken by epoch and by partition`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        func claim(_ member: String, _ epoch: Int32, version: Int16 = 9, isTransactional: Bool = false) -> CommitClaim {
            CommitClaim(memberID: member, generation: epoch, isTransactional: isTransactional, version: version)
        }
        #expect(stage.group.admission(of: claim("", -1)) == .admitted)
        _ = stage.join("a")
        _ = stage.join("b")
        _ = stage.beat("a", 1, owned: ["t": [0, 1, 2, 3]])
        _ = stage.beat("a", 1, owned: ["t": [0, 1]])
        _ = stage.beat("b", 2)
        let group = stage.group
        #expect(group.admission(of: claim("", -1)) == .refused(.unknownMemberID))
        #expect(group.admission(of: claim("", -1, isTransactional: true)) == .admitted)
        #expect(group.admission(of: claim("x", 1)) == .refused(.unknownMemberID))
        #expect(group.admission(of: claim("a", 2, version: 8)) == .refused(.unsupportedVersion))
        #expect(group.admission(of: claim("a", 2)) == .admitted)
        #expect(group.admission(of: claim("a", 3)) == .refused(.staleMemberEpoch))
        #expect(group.admission(of: claim("a", 1)) == .byPartition)
        let topic = ConsumerGroupStage.id("t")
        #expect(group.refusal(of: claim("a", 1), topic: topic, partition: 0) == nil, "it has had it since then")
        #expect(group.refusal(of: claim("a", 1), topic: topic, partition: 2) == .staleMemberEpoch)
        #expect(group.refusal(of: claim("b", 1), topic: topic, partition: 2) == .staleMemberEpoch)
        #expect(group.refusalOfOffsetFetch(memberID: nil, epoch: -1) == nil)
        #expect(group.refusalOfOffsetFetch(memberID: "a", epoch: 2) == nil)
        #expect(group.refusalOfOffsetFetch(memberID: "a", epoch: 1) == .staleMemberEpoch)
        #expect(group.refusalOfOffsetFetch(memberID: "x", epoch: 1) == .unknownMemberID)
        #expect(group.refusalOfDelete() == .nonEmptyGroup)
        #expect(group.isSubscribed(to: "t"))
    }

    @Test func `requests that make no sense are refused in Kafka's words`() {
        func message(version: Int16 = 1, _ change: (inout ConsumerGroupHeartbeatRequest) -> Void) -> String? {
            var request = ConsumerGroupHeartbeatRequest()
            (request.groupId, request.memberId, request.rebalanceTimeoutMs) = ("g", "a", 1)
            (request.subscribedTopicNames, request.topicPartitions) = ([], [])
            change(&request)
            let refused = ConsumerGroup.refusal(of: request, version: version, GroupSettings())
            return refused?.errorMessage
        }
        #expect(message { _ in } == nil)
        #expect(message { $0.memberId = "" } == "MemberId can't be empty.")
        #expect(message(version: 0) { $0.memberId = "" } == nil)
        #expect(message(version: 0) { ($0.memberId, $0.memberEpoch) = (" ", 1) } == "MemberId can't be empty.")
        #expect(message { $0.groupId = "" } == "GroupId can't be empty.")
        #expect(message { $0.instanceId = "" } == "InstanceId can't be empty.")
        #expect(message { $0.rackId = "" } == "RackId can't be empty.")
        #expect(message { $0.rebalanceTimeoutMs = -1 } == "RebalanceTimeoutMs must be provided in first request.")
        #expect(message { $0.topicPartitions = nil } == "TopicPartitions must be empty when (re-)joining.")
        #expect(
            message { $0.subscribedTopicNames = nil }
                == "Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
        #expect(message { $0.memberEpoch = -2 } == "InstanceId can't be null.")
        #expect(message { $0.memberEpoch = -3 } == "MemberEpoch is invalid.")
        #expect(
            message { $0.serverAssignor = "sticky" }
                == "ServerAssignor sticky is not supported. Supported assignors: uniform, range.")
    }
}
