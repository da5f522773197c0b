import KafkaModel

/// Which partitions were moved between which members, to take one back instead of moving another of its topic the other
/// way.
struct PartitionMovements {
    private struct Pair: Hashable {
        let from: Int
        let to: Int
    }

    private var pairs: [TopicPartition: Pair] = [:]
    private var moved: [String: [Pair: JavaPartitionSet]] = [:]

    /// The partition to move so that this one's topic gains where it should.
    func actual(_ partition: TopicPartition, from member: Int, to other: Int) -> TopicPartition {
        guard let moved = moved[partition.topic] else { return partition }
        let origin = pairs[partition]?.from ?? member
        guard let number = moved[Pair(from: other, to: origin)]?.first else { return partition }
        return TopicPartition(partition.topic, number)
    }

    mutating func move(_ partition: TopicPartition, from member: Int, to other: Int) {
        guard let known = pairs.removeValue(forKey: partition) else {
            return add(partition, Pair(from: member, to: other))
        }
        moved[partition.topic]?[known]?.remove(partition.partition)
        if moved[partition.topic]?[known]?.isEmpty ?? false { moved[partition.topic]?[known] = nil }
        if moved[partition.topic]?.isEmpty ?? false { moved[partition.topic] = nil }
        if known.from != other { add(partition, Pair(from: known.from, to: other)) }
    }

    private mutating func add(_ partition: TopicPartition, _ pair: Pair) {
        pairs[partition] = pair
        moved[partition.topic, default: [:]][pair, default: JavaPartitionSet(of: partition.topic)]
            .insert(partition.partition)
    }
}
