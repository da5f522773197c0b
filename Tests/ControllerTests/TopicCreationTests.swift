import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

@testable import Controller

struct TopicCreationTests {
    private let one: ClusterImage
    private let rules = ConfigRules(
        check: { _, all, _ in
            all["bad"].map {
                Refusal(.invalidConfig, "Invalid value \($0) for configuration bad: Not a number of type LONG")
            }
        },
        shape: { _, _ in .single })

    init() throws {
        one = try Cluster.image()
    }

    private func create(
        _ topics: [NewTopic], in image: ClusterImage? = nil, defaults: TopicDefaults = .init(),
        intent: Intent = .change
    ) -> Decision<TopicCreation> {
        var generator = FixedGenerator()
        return TopicChanges.create(
            topics, in: image ?? one, defaults: defaults, rules: rules, intent: intent, using: &generator)
    }

    private func refusal(_ topic: NewTopic, in image: ClusterImage? = nil) -> String? {
        let decision = create([topic], in: image)
        #expect(decision.records.isEmpty || decision.items[0].refusal == nil)
        return decision.items[0].refusal?.description
    }

    @Test func `a topic is a record for itself, its settings and each partition, in this order`() throws {
        let decision = create([
            NewTopic("t", partitionCount: 3, replicationFactor: 1, configs: [("z", "1"), ("a", "2")])
        ])
        #expect(
            decision.records.map(\.kind) == [.topic, .config, .config, .partition, .partition, .partition])
        let created = try #require(decision.items[0].created)
        #expect(created.partitionCount == 3)
        #expect(created.replicationFactor == 1)
        #expect(created.configs == ["z": "1", "a": "2"])

        var image = one
        try image.apply(decision.records)
        let topic = try #require(image.topic("t"))
        #expect(topic.id == created.id)
        #expect(image.config(.topic("t")) == ["z": "1", "a": "2"])
        for partition in topic.partitions {
            #expect(partition.replicas == [BrokerID(1)])
            #expect(partition.isr == [BrokerID(1)])
            #expect(partition.leader == BrokerID(1))
            #expect(partition.leaderEpoch == 0)
            #expect(partition.directories == [UUID(high: 8, low: 1)])
        }
    }

    @Test func `-1 takes the defaults`() {
        let decision = create([NewTopic("t")], defaults: TopicDefaults(partitionCount: 7, replicationFactor: 1))
        #expect(decision.items[0].created?.partitionCount == 7)
    }

    @Test func `validation alone writes nothing`() {
        let decision = create([NewTopic("t")], intent: .validateOnly)
        #expect(decision.records.isEmpty)
        #expect(decision.items[0].created != nil)
    }

    @Test func `one bad topic does not keep the others from being created`() {
        let decision = create([NewTopic("a"), NewTopic("b c"), NewTopic("d")])
        #expect(decision.items.map { $0.refusal?.code } == [nil, .invalidTopicException, nil])
        #expect(decision.records.filter { $0.kind == .topic }.count == 2)
    }

    @Test func `names are refused as Kafka refuses them`() throws {
        var image = one
        try image.apply(create([NewTopic("here"), NewTopic("a.b")]).records)
        #expect(
            refusal(NewTopic("")) == "Topic name is invalid: the empty string is not allowed (INVALID_TOPIC_EXCEPTION)")
        #expect(
            refusal(NewTopic("here"), in: image) == "Topic 'here' already exists. (TOPIC_ALREADY_EXISTS)")
        #expect(
            refusal(NewTopic("a_b"), in: image)
                == "Topic 'a_b' collides with existing topic: a.b (INVALID_TOPIC_EXCEPTION)")
        #expect(
            refusal(NewTopic("__cluster_metadata"))
                == "Creation of internal topic __cluster_metadata is prohibited. (INVALID_REQUEST)")
    }

    @Test func `names in one request must differ and not collide`() {
        let decision = create([NewTopic("a"), NewTopic("a"), NewTopic("x.y"), NewTopic("x_y")])
        #expect(
            decision.items.map { $0.refusal?.description } == [
                "Duplicate topic name. (INVALID_REQUEST)", "Duplicate topic name. (INVALID_REQUEST)", nil,
                "Topic 'x_y' collides with existing topic: x.y (INVALID_TOPIC_EXCEPTION)",
            ])
    }

    @Test func `counts are refused as Kafka refuses them`() {
        for count in [0, -2] as [Int32] {
            #expect(
                refusal(NewTopic("t", partitionCount: count))
                    == "Number of partitions was set to an invalid non-positive value. (INVALID_PARTITIONS)")
        }
        for factor in [0, -2] as [Int16] {
            #expect(
                refusal(NewTopic("t", replicationFactor: factor))
                    == "Replication factor must be larger than 0, or -1 to use the default value. "
                    + "(INVALID_REPLICATION_FACTOR)")
        }
        #expect(
            refusal(NewTopic("t", partitionCount: .max))
                == "Unable to perform excessively large batch operation. (POLICY_VIOLATION)")
        let half = Int32(TopicChanges.partitionsPerRequestMax / 2 + 1)
        let decision = create([NewTopic("a", partitionCount: half), NewTopic("b", partitionCount: half)])
        #expect(decision.items.map { $0.refusal?.code } == [nil, .policyViolation])
    }

    @Test func `more replicas than brokers are refused`() throws {
        let three = try Cluster.image(brokers: [(1, nil), (2, nil), (3, nil)])
        #expect(
            refusal(NewTopic("overrep", partitionCount: 2, replicationFactor: 4), in: three)
                == "Unable to replicate the partition 4 time(s): The target replication factor of 4 cannot be reached "
                + "because only 3 broker(s) are registered. (INVALID_REPLICATION_FACTOR)")
        #expect(refusal(NewTopic("t", replicationFactor: 3), in: three) == nil)
    }

    @Test func `a fenced broker takes replicas only when the others are too few, and never leads`() throws {
        let image = try Cluster.image(brokers: [(1, nil), (2, nil), (3, nil)], fenced: [2])
        var after = image
        try after.apply(
            create(
                [
                    NewTopic("two", partitionCount: 30, replicationFactor: 2),
                    NewTopic("three", partitionCount: 30, replicationFactor: 3),
                ], in: image
            ).records)
        for partition in after.topic("two")?.partitions ?? [] {
            #expect(Set(partition.replicas) == [BrokerID(1), BrokerID(3)])
        }
        for partition in after.topic("three")?.partitions ?? [] {
            #expect(Set(partition.replicas).count == 3)
            #expect(!partition.isr.contains(BrokerID(2)))
            #expect(partition.leader == partition.isr.first)
        }
        let none = try Cluster.image(fenced: [1])
        #expect(
            refusal(NewTopic("t"), in: none)
                == "Unable to replicate the partition 1 time(s): All brokers are currently fenced. "
                + "(INVALID_REPLICATION_FACTOR)")
    }

    @Test func `settings are checked with their name and value`() {
        #expect(
            refusal(NewTopic("t", configs: [("bad", "x")]))
                == "Invalid value x for configuration bad: Not a number of type LONG (INVALID_CONFIG)")
        #expect(
            refusal(NewTopic("t", configs: [("a", nil), ("b", nil)]))
                == "Null value not supported for topic configs: a,b (INVALID_CONFIG)")
    }

    @Test func `replicas can be given by hand`() throws {
        let image = try Cluster.image(brokers: [(1, nil), (2, nil), (3, nil)], fenced: [3])
        func ids(_ numbers: Int32...) -> [BrokerID] { numbers.map { BrokerID($0) } }
        var after = image
        try after.apply(
            create([NewTopic("t", assignments: [(1, ids(3, 2)), (0, ids(1, 2))])], in: image).records)
        #expect(after.topic("t")?.partitions.map(\.replicas) == [ids(1, 2), ids(3, 2)])
        #expect(after.topic("t")?.partitions.map(\.isr) == [ids(1, 2), ids(2)])
        #expect(after.topic("t")?.partitions.map(\.leader) == ids(1, 2))

        let cases: [(NewTopic, String)] = [
            (
                NewTopic("t", replicationFactor: 1, assignments: [(0, ids(1))]),
                "A manual partition assignment was specified, but replication factor was not set to -1. "
                    + "(INVALID_REQUEST)"
            ),
            (
                NewTopic("t", partitionCount: 1, assignments: [(0, ids(1))]),
                "A manual partition assignment was specified, but numPartitions was not set to -1. (INVALID_REQUEST)"
            ),
            (
                NewTopic("t", assignments: [(0, ids(1)), (0, ids(1))]),
                "Found multiple manual partition assignments for partition 0 (INVALID_REPLICA_ASSIGNMENT)"
            ),
            (
                NewTopic("t", assignments: [(0, ids(1)), (2, ids(1))]),
                "partitions should be a consecutive 0-based integer sequence (INVALID_REPLICA_ASSIGNMENT)"
            ),
            (
                NewTopic("t", assignments: [(0, [])]),
                "The manual partition assignment includes an empty replica list. (INVALID_REPLICA_ASSIGNMENT)"
            ),
            (
                NewTopic("t", assignments: [(0, ids(9))]),
                "The manual partition assignment includes broker 9, but no such broker is registered. "
                    + "(INVALID_REPLICA_ASSIGNMENT)"
            ),
            (
                NewTopic("t", assignments: [(0, ids(1, 1))]),
                "The manual partition assignment includes the broker 1 more than once. (INVALID_REPLICA_ASSIGNMENT)"
            ),
            (
                NewTopic("t", assignments: [(0, ids(1, 2)), (1, ids(1))]),
                "The manual partition assignment includes a partition with 1 replica(s), but this is not consistent "
                    + "with previous partitions, which have 2 replica(s). (INVALID_REPLICA_ASSIGNMENT)"
            ),
            (
                NewTopic("t", assignments: [(0, ids(3))]),
                "All brokers specified in the manual partition assignment for partition 0 are fenced or in controlled "
                    + "shutdown. (INVALID_REPLICA_ASSIGNMENT)"
            ),
        ]
        for (topic, text) in cases { #expect(refusal(topic, in: image) == text) }
    }

    @Test func `a topic id from the same chance is the same, and never looks like an option`() {
        #expect(create([NewTopic("t")]).items[0].created?.id == create([NewTopic("t")]).items[0].created?.id)
        var generator = FixedGenerator()
        for _ in 0..<2000 {
            let id = UUID.random(using: &generator)
            #expect(!id.description.hasPrefix("-"))
            #expect(id.high & 0xf000 == 0x4000)
        }
    }
}
