public import KafkaModel
import KafkaProtocol
public import Metadata

/// Moving the replicas of partitions to other brokers (KIP-455). It takes as long as the new replicas need to catch up;
/// until then the partition has the old ones and the new ones. Where the new list asks for no broker that must catch up
/// first it is done at once.
public enum Reassignment {
    public struct Target: Sendable {
        public var partition: TopicPartition
        /// Nil takes back a reassignment that is under way.
        public var replicas: [BrokerID]?

        public init(_ partition: TopicPartition, _ replicas: [BrokerID]?) {
            self.partition = partition
            self.replicas = replicas
        }
    }

    /// Whether a reassignment may change how many replicas there are (KIP-860).
    public enum ReplicationFactor: Sendable {
        case mayChange
        case stays
    }

    public static func alter(
        _ targets: [Target], _ factor: ReplicationFactor = .mayChange, in image: ClusterImage,
        isUncleanElectionEnabled: (String) -> Bool
    ) -> Decision<(partition: TopicPartition, refusal: Refusal?)> {
        var decision = Decision<(partition: TopicPartition, refusal: Refusal?)>()
        var seen: Set<TopicPartition> = []
        for target in targets {
            do throws(Refusal) {
                guard seen.insert(target.partition).inserted else {
                    throw Refusal(.invalidRequest, "The partition \(target.partition) appears more than once.")
                }
                let record = try record(
                    target, factor, in: image, isUnclean: isUncleanElectionEnabled(target.partition.topic))
                if let record { decision.records.append(.partitionChange(record)) }
                decision.items.append((target.partition, nil))
            } catch {
                decision.items.append((target.partition, error))
            }
        }
        return decision
    }

    /// The partitions whose reassignment is under way; nil asks for all of them.
    public static func ongoing(
        _ asked: [TopicPartition]?, in image: ClusterImage
    ) -> [(partition: TopicPartition, image: PartitionImage)] {
        let partitions =
            asked
            ?? image.topics.sorted { $0.name < $1.name }.flatMap { topic in
                topic.partitions.indices.map { TopicPartition(topic.name, Int32($0)) }
            }
        return partitions.compactMap { name in
            image.partition(name).flatMap { $0.isReassigning ? (partition: name, image: $0) : nil }
        }
    }

    private static func record(
        _ target: Target, _ factor: ReplicationFactor, in image: ClusterImage, isUnclean: Bool
    ) throws(Refusal) -> PartitionChangeRecord? {
        let name = target.partition
        guard let topic = image.topic(name.topic) else {
            throw Refusal(.unknownTopicOrPartition, "Unable to find a topic named \(name.topic).")
        }
        guard let partition = topic[partition: name.partition] else {
            throw Refusal(.unknownTopicOrPartition, "Unable to find partition \(name.topic):\(name.partition).")
        }
        guard let replicas = target.replicas else {
            return try cancellation(of: name, partition, topic, in: image, isUnclean: isUnclean)
        }
        try TopicChanges.check(assignment: replicas, replicationFactor: nil, in: image)
        let before = partition.replicas.count - partition.addingReplicas.count
        if factor == .stays, replicas.count != before {
            throw Refusal(
                .invalidReplicationFactor, "The replication factor is changed from \(before) to \(replicas.count)")
        }
        let removing = partition.replicas.filter { !replicas.contains($0) }.sorted()
        let adding = replicas.filter { !partition.replicas.contains($0) }.sorted()
        var change = Change(partition)
        change.adding = adding
        change.removing = removing
        change.replicas = replicas + removing
        let isr = partition.isr.filter { !removing.contains($0) }
        // Fewer replicas must not mean fewer in sync than there are now.
        let isComplete =
            !isr.isEmpty && isr.contains(all: adding)
            && (adding.count >= removing.count || isr.contains(all: replicas))
        if isComplete {
            change.adding = []
            change.removing = []
            change.replicas = replicas
            change.isr = isr
        }
        return change.record(topic, name.partition, in: image, isUnclean: isUnclean)
    }

    private static func cancellation(
        of name: TopicPartition, _ partition: PartitionImage, _ topic: TopicImage, in image: ClusterImage,
        isUnclean: Bool
    ) throws(Refusal) -> PartitionChangeRecord? {
        guard partition.isReassigning else {
            throw Refusal(.noReassignmentInProgress, "No partition reassignment is in progress.")
        }
        var change = Change(partition)
        change.adding = []
        change.removing = []
        change.replicas = partition.replicas.filter { !partition.addingReplicas.contains($0) }
        change.isr = partition.isr.filter { !partition.addingReplicas.contains($0) }
        if change.isr.isEmpty {
            guard let first = change.replicas.first else {
                throw Refusal(
                    .invalidReplicaAssignment, "Invalid replica assignment: addingReplicas contains all replicas.")
            }
            guard isUnclean else {
                throw Refusal(
                    .invalidReplicaAssignment,
                    "Unable to revert partition assignment for \(name.topic):\(name.partition) because it would "
                        + "require an unclean leader election.")
            }
            change.isr = [first]
        }
        return change.record(topic, name.partition, in: image, isUnclean: isUnclean)
    }

    /// What a partition shall be, beside what it is.
    private struct Change {
        let before: PartitionImage
        var replicas: [BrokerID]
        var isr: [BrokerID]
        var adding: [BrokerID]
        var removing: [BrokerID]

        init(_ partition: PartitionImage) {
            before = partition
            replicas = partition.replicas
            isr = partition.isr
            adding = partition.addingReplicas
            removing = partition.removingReplicas
        }

        /// Nil when nothing changes.
        func record(
            _ topic: TopicImage, _ index: Int32, in image: ClusterImage, isUnclean: Bool
        ) -> PartitionChangeRecord? {
            var record = PartitionChangeRecord()
            record.topicId = topic.id
            record.partitionId = index
            var isChanged = false
            if replicas != before.replicas {
                record.replicas = replicas.map(\.rawValue)
                record.directories = replicas.map { replica in
                    guard let position = before.replicas.firstIndex(of: replica), position < before.directories.count
                    else { return image.brokers[replica]?.defaultDirectory ?? DirectoryID.unassigned }
                    return before.directories[position]
                }
                isChanged = true
            }
            if isr != before.isr {
                record.isr = isr.map(\.rawValue)
                isChanged = true
            }
            if adding != before.addingReplicas {
                record.addingReplicas = adding.map(\.rawValue)
                isChanged = true
            }
            if removing != before.removingReplicas {
                record.removingReplicas = removing.map(\.rawValue)
                isChanged = true
            }
            if !isr.contains(before.leader) {
                let leader = replicas.first { isr.contains($0) && image.isActive($0) } ?? .none
                if leader != before.leader {
                    record.leader = leader.rawValue
                    isChanged = true
                }
            }
            return isChanged ? record : nil
        }
    }
}

extension [BrokerID] {
    fileprivate func contains(all others: [BrokerID]) -> Bool { others.allSatisfy { contains($0) } }
}
