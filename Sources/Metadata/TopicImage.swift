public import Bytes
import KafkaModel

/// A topic with its partitions.
public struct TopicImage: Sendable, Equatable {
    public let name: String
    public let id: UUID
    /// By partition index, without gaps.
    public internal(set) var partitions: [PartitionImage]
    /// Partitions whose predecessors have not been read yet: a snapshot may list them in any order.
    var ahead: [Int32: PartitionImage]

    public init(name: String, id: UUID, partitions: [PartitionImage] = []) {
        self.name = name
        self.id = id
        self.partitions = partitions
        ahead = [:]
    }

    public var isInternal: Bool { TopicName.isInternal(name) }
    public var replicationFactor: Int { partitions.first?.replicas.count ?? 0 }

    public subscript(partition index: Int32) -> PartitionImage? {
        index >= 0 && Int(index) < partitions.count ? partitions[Int(index)] : nil
    }

    mutating func place(_ partition: PartitionImage, at index: Int32) {
        if Int(index) < partitions.count {
            partitions[Int(index)] = partition
            return
        }
        guard Int(index) == partitions.count else {
            ahead[index] = partition
            return
        }
        partitions.append(partition)
        while !ahead.isEmpty, let next = ahead.removeValue(forKey: Int32(partitions.count)) { partitions.append(next) }
    }
}
