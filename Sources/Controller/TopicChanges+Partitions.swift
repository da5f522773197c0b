public import KafkaModel
public import Metadata

/// A topic that is to have more partitions.
public struct PartitionIncrease: Sendable {
    public var topic: String
    /// How many it shall have in all.
    public var count: Int32
    /// The replicas of each additional partition; nil leaves the choice to the controller.
    public var assignments: [[BrokerID]]?

    public init(_ topic: String, count: Int32, assignments: [[BrokerID]]? = nil) {
        self.topic = topic
        self.count = count
        self.assignments = assignments
    }
}

public struct PartitionIncreaseResult: Sendable {
    public let topic: String
    /// Nil when it was done.
    public let refusal: Refusal?
}

extension TopicChanges {
    public static func createPartitions(
        _ topics: [PartitionIncrease], in image: ClusterImage, intent: Intent = .change
    ) -> Decision<PartitionIncreaseResult> {
        var seen: [String: Int] = [:]
        for topic in topics { seen[topic.topic, default: 0] += 1 }
        var decision = Decision<PartitionIncreaseResult>()
        for topic in topics {
            do throws(Refusal) {
                guard seen[topic.topic] == 1 else { throw Refusal(.invalidRequest, "Duplicate topic name.") }
                decision.records += try partitionRecords(topic, behind: decision.records.count, in: image)
                decision.items.append(PartitionIncreaseResult(topic: topic.topic, refusal: nil))
            } catch {
                decision.items.append(PartitionIncreaseResult(topic: topic.topic, refusal: error))
            }
        }
        return decision.carried(out: intent)
    }

    private static func partitionRecords(
        _ increase: PartitionIncrease, behind count: Int, in image: ClusterImage
    ) throws(Refusal) -> [MetadataRecord] {
        guard let topic = image.topic(increase.topic) else { throw .unknownTopic }
        let present = topic.partitions.count
        if Int(increase.count) == present {
            throw Refusal(.invalidPartitions, "Topic already has \(present) partition(s).")
        }
        if Int(increase.count) < present {
            throw Refusal(
                .invalidPartitions,
                "The topic \(topic.name) currently has \(present) partition(s); \(increase.count) "
                    + "would not be an increase.")
        }
        let added = present..<Int(increase.count)
        try check(count + added.count)
        let partitions: [PartitionImage]
        if let assignments = increase.assignments {
            partitions = try assigned(assignments, to: added, of: topic, in: image)
        } else {
            let placement = try placement(in: image, replicationFactor: topic.replicationFactor)
            let first = topic.partitions.first?.preferredLeader ?? .none
            partitions = try place(
                added, replicationFactor: topic.replicationFactor, placement, from: placement.start(after: first),
                in: image)
        }
        return zip(added, partitions).map { .partition($1.record(topicID: topic.id, index: Int32($0))) }
    }

    private static func assigned(
        _ assignments: [[BrokerID]], to added: Range<Int>, of topic: TopicImage, in image: ClusterImage
    ) throws(Refusal) -> [PartitionImage] {
        guard assignments.count == added.count else {
            throw Refusal(
                .invalidReplicaAssignment,
                "Attempted to add \(added.count) additional partition(s), but only \(assignments.count) "
                    + "assignment(s) were specified.")
        }
        var partitions: [PartitionImage] = []
        for (index, replicas) in zip(added, assignments) {
            partitions.append(
                try partition(
                    Int32(index), assignedTo: replicas, replicationFactor: topic.replicationFactor, in: image))
        }
        return partitions
    }
}
