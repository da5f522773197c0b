import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

@testable import Controller

struct TopicChangesTests {
    private let image: ClusterImage
    private let ids: [String: UUID]

    init() throws {
        var image = try Cluster.image(brokers: [(1, nil), (2, nil), (3, nil)])
        var generator = FixedGenerator()
        let topics = ["a", "b", "c"].map { NewTopic($0, partitionCount: 4, replicationFactor: 2) }
        try image.apply(
            TopicChanges.create(topics, in: image, defaults: .init(), rules: .permissive, using: &generator).records)
        self.image = image
        ids = Dictionary(uniqueKeysWithValues: image.topics.map { ($0.name, $0.id) })
    }

    // Deletion.

    @Test func `topics are deleted by name or by id`() throws {
        let decision = TopicChanges.delete(
            [TopicReference(name: "a"), TopicReference(id: try #require(ids["b"]))], in: image)
        #expect(decision.items.map(\.name) == ["a", "b"])
        #expect(decision.items.map(\.id) == [ids["a"], ids["b"]])
        #expect(decision.items.allSatisfy { $0.refusal == nil })
        var after = image
        try after.apply(decision.records)
        #expect(after.topicNames == ["c"])
    }

    @Test func `what cannot be deleted is refused as Kafka refuses it`() throws {
        let a = try #require(ids["a"])
        let b = try #require(ids["b"])
        let decision = TopicChanges.delete(
            [
                TopicReference(name: "nope"), TopicReference(id: UUID(high: 9, low: 9)), TopicReference(),
                TopicReference(name: "a", id: a), TopicReference(name: "c"), TopicReference(name: "c"),
                TopicReference(name: "b"), TopicReference(id: b), TopicReference(id: a), TopicReference(id: a),
            ], in: image)
        let named = "The provided topic name maps to an ID that was already supplied. (INVALID_REQUEST)"
        #expect(
            decision.items.map { $0.refusal?.description } == [
                "This server does not host this topic-partition. (UNKNOWN_TOPIC_OR_PARTITION)",
                "This server does not host this topic ID. (UNKNOWN_TOPIC_ID)",
                "Neither topic name nor id were specified. (INVALID_REQUEST)",
                "You may not specify both topic name and topic id. (INVALID_REQUEST)",
                "Duplicate topic name. (INVALID_REQUEST)", "Duplicate topic name. (INVALID_REQUEST)",
                named, named, "Duplicate topic id. (INVALID_REQUEST)", "Duplicate topic id. (INVALID_REQUEST)",
            ])
        #expect(decision.records.isEmpty)
    }

    @Test func `deletion may be switched off`() {
        let decision = TopicChanges.delete([TopicReference(name: "a")], in: image, deletion: .disabled)
        #expect(decision.records.isEmpty)
        #expect(decision.items[0].refusal?.code == .topicDeletionDisabled)
    }

    // More partitions.

    private func refusal(_ increase: PartitionIncrease) -> String? {
        let decision = TopicChanges.createPartitions([increase], in: image)
        #expect(decision.records.isEmpty)
        return decision.items[0].refusal?.description
    }

    @Test func `a topic grows with the same number of replicas`() throws {
        let decision = TopicChanges.createPartitions([PartitionIncrease("a", count: 9)], in: image)
        #expect(decision.records.count == 5)
        var after = image
        try after.apply(decision.records)
        let partitions = try #require(after.topic("a")?.partitions)
        #expect(partitions.count == 9)
        #expect(partitions.allSatisfy { Set($0.replicas).count == 2 && $0.leader == $0.replicas[0] })
        #expect(Array(partitions[..<4]) == image.topic("a")?.partitions)
        #expect(
            TopicChanges.createPartitions([PartitionIncrease("a", count: 9)], in: image, intent: .validateOnly)
                .records.isEmpty)
    }

    @Test func `replicas of further partitions can be given by hand`() throws {
        let replicas = [[BrokerID(3), BrokerID(1)]]
        let decision = TopicChanges.createPartitions(
            [PartitionIncrease("a", count: 5, assignments: replicas)], in: image)
        var after = image
        try after.apply(decision.records)
        #expect(after.partition(TopicPartition("a", 4))?.replicas == replicas[0])
        #expect(
            refusal(PartitionIncrease("a", count: 6, assignments: replicas))
                == "Attempted to add 2 additional partition(s), but only 1 assignment(s) were specified. "
                + "(INVALID_REPLICA_ASSIGNMENT)")
        #expect(
            refusal(PartitionIncrease("a", count: 5, assignments: [[BrokerID(3)]]))?.contains("1 replica(s)") == true)
    }

    @Test func `what would not be an increase is refused`() {
        #expect(
            refusal(PartitionIncrease("a", count: 4)) == "Topic already has 4 partition(s). (INVALID_PARTITIONS)")
        #expect(
            refusal(PartitionIncrease("a", count: 2))
                == "The topic a currently has 4 partition(s); 2 would not be an increase. (INVALID_PARTITIONS)")
        #expect(refusal(PartitionIncrease("a", count: -1))?.contains("would not be an increase") == true)
        #expect(refusal(PartitionIncrease("nope", count: 2))?.contains("UNKNOWN_TOPIC_OR_PARTITION") == true)
        #expect(refusal(PartitionIncrease("a", count: .max))?.contains("POLICY_VIOLATION") == true)
        let twice = TopicChanges.createPartitions(
            [PartitionIncrease("a", count: 9), PartitionIncrease("a", count: 8)], in: image)
        #expect(twice.items.allSatisfy { $0.refusal?.code == .invalidRequest })
    }
}
