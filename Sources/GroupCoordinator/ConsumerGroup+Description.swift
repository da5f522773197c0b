import Bytes
public import KafkaProtocol
import Metadata

extension ConsumerGroup {
    /// As ConsumerGroupDescribe tells it.
    public func described(_ context: GroupContext) -> ConsumerGroupDescribeResponse.DescribedGroup {
        var told = ConsumerGroupDescribeResponse.DescribedGroup()
        told.groupId = id
        told.groupState = stateName
        told.groupEpoch = epoch
        told.assignmentEpoch = target.epoch
        told.assignorName = preferredAssignor(context)
        told.members = members.keys.sorted().compactMap { members[$0] }.map { described($0, context.image) }
        return told
    }

    private func described(
        _ member: ConsumerGroupMember, _ image: ClusterImage
    ) -> ConsumerGroupDescribeResponse.Member {
        var told = ConsumerGroupDescribeResponse.Member()
        told.memberId = member.id
        told.instanceId = member.instanceID
        told.rackId = member.rackID
        told.memberEpoch = member.epoch
        told.clientId = member.client.id
        told.clientHost = member.client.host
        told.subscribedTopicNames = member.topics
        told.subscribedTopicRegex = member.regex ?? ""
        // What it is giving up is in its hands until it did.
        let held = member.assigned.merging(member.revoking) { $0.merging($1) { first, _ in first } }
        told.assignment = Self.described(held.mapValues { $0.keys.sorted() }, image)
        told.targetAssignment = Self.described(target.members[member.id] ?? [:], image)
        told.memberType = member.classic == nil ? 1 : 0
        return told
    }

    /// A topic that is gone has no name to tell.
    private static func described(
        _ partitions: PartitionsByTopic, _ image: ClusterImage
    ) -> ConsumerGroupDescribeResponse.Assignment {
        var told = ConsumerGroupDescribeResponse.Assignment()
        told.topicPartitions = partitions.keys.sorted().compactMap { topic in
            guard let name = image.topic(id: topic)?.name else { return nil }
            var told = ConsumerGroupDescribeResponse.TopicPartitions()
            told.topicId = topic
            told.topicName = name
            told.partitions = partitions[topic] ?? []
            return told
        }
        return told
    }
}
