public import KafkaModel
import KafkaProtocol
public import Metadata

/// Elections that somebody asks for.
public enum LeaderElection {
    /// The raw values are those of ElectLeaders.
    public enum Kind: Int8, Sendable {
        /// The first replica shall lead again.
        case preferred = 0
        /// Any replica that lives may lead, at the cost of what only the others have.
        case unclean = 1

        fileprivate var unavailable: Refusal {
            switch self {
            case .preferred: Refusal(.preferredLeaderNotAvailable, "The preferred leader was not available.")
            case .unclean:
                Refusal(.eligibleLeadersNotAvailable, "Eligible topic partition leaders are not available.")
            }
        }
    }

    public struct Result: Sendable {
        public let partition: TopicPartition
        /// Nil when there is a new leader.
        public let refusal: Refusal?
    }

    /// Nil for `partitions` means all that need it; those that do not are then left out of the answer. Nobody leads the
    /// partitions that are `offline`, whatever the image says: their only replica cannot be read.
    public static func elect(
        _ kind: Kind, _ partitions: [TopicPartition]?, offline: Set<TopicPartition> = [], in image: ClusterImage
    ) -> Decision<Result> {
        var decision = Decision<Result>()
        for partition in partitions ?? allPartitions(in: image) {
            var refusal: Refusal?
            do throws(Refusal) {
                if offline.contains(partition), image.partition(partition) != nil { throw kind.unavailable }
                decision.records.append(try election(kind, partition, in: image))
            } catch {
                if partitions == nil, error.code == .electionNotNeeded { continue }
                refusal = error
            }
            decision.items.append(Result(partition: partition, refusal: refusal))
        }
        return decision
    }

    private static func allPartitions(in image: ClusterImage) -> [TopicPartition] {
        image.topics.sorted { $0.name < $1.name }.flatMap { topic in
            topic.partitions.indices.map { TopicPartition(topic.name, Int32($0)) }
        }
    }

    private static func election(
        _ kind: Kind, _ name: TopicPartition, in image: ClusterImage
    ) throws(Refusal) -> MetadataRecord {
        guard let topic = image.topic(name.topic) else {
            throw Refusal(.unknownTopicOrPartition, "No such topic as \(name.topic)")
        }
        guard let partition = topic[partition: name.partition] else {
            throw Refusal(.unknownTopicOrPartition, "No such partition as \(name)")
        }
        var change = PartitionChangeRecord()
        change.topicId = topic.id
        change.partitionId = name.partition
        switch kind {
        case .preferred:
            guard partition.leader != partition.preferredLeader else { throw .electionNotNeeded }
            let preferred = partition.preferredLeader
            guard partition.isr.contains(preferred), image.isActive(preferred) else {
                throw kind.unavailable
            }
            change.leader = preferred.rawValue
        case .unclean:
            guard !partition.hasLeader else { throw .electionNotNeeded }
            let living = partition.replicas.filter { image.isActive($0) }
            if let clean = living.first(where: { partition.isr.contains($0) }) {
                change.leader = clean.rawValue
            } else if let leader = living.first {
                change.leader = leader.rawValue
                change.isr = [leader.rawValue]
                if !partition.isRecovering { change.leaderRecoveryState = 1 }
            } else {
                throw kind.unavailable
            }
        }
        return .partitionChange(change)
    }
}

extension Refusal {
    fileprivate static let electionNotNeeded = Refusal(
        .electionNotNeeded, "Leader election not needed for topic partition.")
}
