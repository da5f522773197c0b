import Bytes
import Controller
import KafkaModel
import Metadata
import Testing

struct ReassignmentTests {
    private static let name = TopicPartition("t", 0)

    private static func brokers(_ ids: [Int32]) -> [BrokerID] { ids.map { BrokerID($0) } }

    private static func image(_ replicas: [Int32], isr: [Int32], leader: Int32) throws -> ClusterImage {
        var image = try Cluster.image(brokers: [(1, nil), (2, nil), (3, nil), (4, nil)])
        let partition = PartitionImage(replicas: brokers(replicas), isr: brokers(isr), leader: BrokerID(leader))
        try image.apply(TopicImage(name: "t", id: UUID(high: 2, low: 2), partitions: [partition]).records)
        return image
    }

    /// The partition afterwards, or why it was refused.
    private static func alter(
        _ replicas: [Int32]?, in image: inout ClusterImage, _ factor: Reassignment.ReplicationFactor = .mayChange,
        unclean: Bool = false
    ) throws -> String {
        let decision = Reassignment.alter(
            [.init(name, replicas.map(brokers))], factor, in: image, isUncleanElectionEnabled: { _ in unclean })
        if let refusal = decision.items[0].refusal { return refusal.description }
        try image.apply(decision.records)
        guard let after = image.partition(name) else { return "" }
        return "\(after.replicas) isr \(after.isr) leader \(after.leader) adding \(after.addingReplicas) "
            + "removing \(after.removingReplicas) epoch \(after.partitionEpoch)"
    }

    @Test func `the replicas it has are no change`() throws {
        var image = try Self.image([1], isr: [1], leader: 1)
        #expect(try Self.alter([1], in: &image) == "[1] isr [1] leader 1 adding [] removing [] epoch 0")
    }

    @Test func `another order and fewer replicas in sync are done at once`() throws {
        var image = try Self.image([1, 2, 3], isr: [1, 2, 3], leader: 1)
        #expect(
            try Self.alter([3, 2, 1], in: &image) == "[3, 2, 1] isr [1, 2, 3] leader 1 adding [] removing [] epoch 1")
        #expect(try Self.alter([2, 3], in: &image) == "[2, 3] isr [2, 3] leader 2 adding [] removing [] epoch 2")
        #expect(image.partition(Self.name)?.directories.count == 2)
    }

    @Test func `a new replica must catch up first, and can be taken back`() throws {
        var image = try Self.image([1, 2], isr: [1, 2], leader: 1)
        #expect(
            try Self.alter([2, 3], in: &image)
                == "[2, 3, 1] isr [1, 2] leader 1 adding [3] removing [1] epoch 1")
        #expect(Reassignment.ongoing(nil, in: image).map(\.partition) == [Self.name])
        #expect(Reassignment.ongoing([TopicPartition("t", 1)], in: image).isEmpty)
        #expect(try Self.alter(nil, in: &image) == "[2, 1] isr [1, 2] leader 1 adding [] removing [] epoch 2")
        #expect(Reassignment.ongoing(nil, in: image).isEmpty)
    }

    @Test func `what cannot be is refused in Kafka's words`() throws {
        var image = try Self.image([1, 2], isr: [1, 2], leader: 1)
        #expect(
            try Self.alter(nil, in: &image)
                == "No partition reassignment is in progress. (NO_REASSIGNMENT_IN_PROGRESS)")
        #expect(
            try Self.alter([1, 9], in: &image)
                == "The manual partition assignment includes broker 9, but no such broker is registered. "
                + "(INVALID_REPLICA_ASSIGNMENT)")
        #expect(
            try Self.alter([], in: &image)
                == "The manual partition assignment includes an empty replica list. (INVALID_REPLICA_ASSIGNMENT)")
        #expect(
            try Self.alter([1], in: &image, .stays)
                == "The replication factor is changed from 2 to 1 (INVALID_REPLICATION_FACTOR)")
        let unknown = Reassignment.alter(
            [.init(TopicPartition("u", 0), nil), .init(TopicPartition("t", 7), nil)], in: image,
            isUncleanElectionEnabled: { _ in false })
        #expect(
            unknown.items.map { $0.refusal?.message } == [
                "Unable to find a topic named u.", "Unable to find partition t:7.",
            ])
    }
}
