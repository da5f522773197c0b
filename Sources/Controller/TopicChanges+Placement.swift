import KafkaModel
import Metadata

extension TopicChanges {
    static func check(_ partitionCount: Int) throws(Refusal) {
        guard partitionCount <= partitionsPerRequestMax else {
            throw Refusal(.policyViolation, "Unable to perform excessively large batch operation.")
        }
    }

    /// Brokers that may take new replicas: those that live, and when they are too few, also those that do not just now.
    static func placement(in image: ClusterImage, replicationFactor: Int) throws(Refusal) -> ReplicaPlacement {
        let active = image.brokers.values.filter(\.isActive)
        let chosen = active.count >= replicationFactor ? active : Array(image.brokers.values)
        do throws(ReplicaPlacement.Problem) {
            if active.isEmpty { throw .noBrokers }
            return try ReplicaPlacement(chosen.map { .init($0.id, rack: $0.rack) })
        } catch {
            throw refusal(error, replicationFactor: replicationFactor)
        }
    }

    static func place(
        _ indices: Range<Int>, replicationFactor: Int, _ placement: ReplicaPlacement,
        from start: ReplicaPlacement.Start,
        in image: ClusterImage
    ) throws(Refusal) -> [PartitionImage] {
        let replicas: [[BrokerID]]
        do throws(ReplicaPlacement.Problem) {
            replicas = try placement.place(indices, replicationFactor: replicationFactor, from: start)
        } catch {
            throw refusal(error, replicationFactor: replicationFactor)
        }
        var partitions: [PartitionImage] = []
        partitions.reserveCapacity(replicas.count)
        for replicas in replicas {
            guard let partition = newPartition(replicas, in: image) else {
                throw Refusal(
                    .invalidReplicationFactor,
                    "Unable to replicate the partition \(replicationFactor) time(s): "
                        + "All brokers are currently fenced or in controlled shutdown.")
            }
            partitions.append(partition)
        }
        return partitions
    }

    private static func refusal(_ problem: ReplicaPlacement.Problem, replicationFactor: Int) -> Refusal {
        let reason =
            switch problem {
            case .noBrokers: "All brokers are currently fenced."
            case .tooFewBrokers(let wanted, let available):
                "The target replication factor of \(wanted) cannot be reached because only "
                    + "\(available) broker(s) are registered."
            case .someWithoutRack: "Not all brokers have rack information for replica rack aware assignment."
            }
        return Refusal(
            .invalidReplicationFactor, "Unable to replicate the partition \(replicationFactor) time(s): \(reason)")
    }

    /// A partition whose replicas the client chose.
    static func partition(
        _ index: Int32, assignedTo replicas: [BrokerID], replicationFactor: Int?, in image: ClusterImage
    ) throws(Refusal) -> PartitionImage {
        try check(assignment: replicas, replicationFactor: replicationFactor, in: image)
        guard let partition = newPartition(replicas, in: image) else {
            throw Refusal(
                .invalidReplicaAssignment,
                "All brokers specified in the manual partition assignment for partition \(index) "
                    + "are fenced or in controlled shutdown.")
        }
        return partition
    }

    static func check(
        assignment replicas: [BrokerID], replicationFactor: Int?, in image: ClusterImage
    ) throws(Refusal) {
        guard !replicas.isEmpty else {
            throw Refusal(
                .invalidReplicaAssignment, "The manual partition assignment includes an empty replica list.")
        }
        var previous: BrokerID?
        for broker in replicas.sorted() {
            guard image.brokers[broker] != nil else {
                throw Refusal(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes broker \(broker), but no such broker is registered.")
            }
            guard broker != previous else {
                throw Refusal(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes the broker \(broker) more than once.")
            }
            previous = broker
        }
        if let replicationFactor, replicas.count != replicationFactor {
            throw Refusal(
                .invalidReplicaAssignment,
                "The manual partition assignment includes a partition with \(replicas.count) replica(s), but this is "
                    + "not consistent with previous partitions, which have \(replicationFactor) replica(s).")
        }
    }

    /// Nil when none of the replicas lives.
    private static func newPartition(_ replicas: [BrokerID], in image: ClusterImage) -> PartitionImage? {
        let isr = replicas.filter { image.isActive($0) }
        guard let leader = isr.first else { return nil }
        return PartitionImage(
            replicas: replicas,
            directories: replicas.map { image.brokers[$0]?.defaultDirectory ?? DirectoryID.unassigned },
            isr: isr, leader: leader)
    }
}
