import Configuration
import KafkaModel
import KafkaProtocol
import Metadata
import Testing

@testable import Controller

struct ConfigChangesTests {
    private typealias Operation = ConfigChange.Operation

    private let image: ClusterImage
    private let rules: ConfigRules
    private let topic = ConfigResource.topic("t")
    private let broker = ConfigResource(.broker, "1")

    init() throws {
        var image = try Cluster.image()
        var generator = FixedGenerator()
        let new = NewTopic("t", configs: [("retention.ms", "5"), ("cleanup.policy", "compact")])
        try image.apply(
            TopicChanges.create([new], in: image, defaults: .init(), rules: .permissive, using: &generator).records)
        self.image = image
        rules = .standard(broker: try BrokerConfiguration(properties: BrokerConfiguration.developerProperties))
    }

    private func alter(_ changes: [ConfigChange], intent: Intent = .change) -> Decision<ConfigChangeResult> {
        ConfigChanges.incrementalAlter(changes, in: image, nodeID: BrokerID(1), rules: rules, intent: intent)
    }

    /// The settings of the resource afterwards, or the refusal.
    private func alter(_ resource: ConfigResource, _ operations: [Operation]) throws -> String {
        let decision = alter([ConfigChange(resource, operations)])
        if let refusal = decision.items[0].refusal {
            #expect(decision.records.isEmpty)
            return refusal.description
        }
        var after = image
        try after.apply(decision.records)
        return after.config(resource).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }

    @Test func `settings are set and deleted one by one`() throws {
        #expect(
            try alter(topic, [Operation("segment.bytes", "2000000"), Operation("retention.ms", .delete, nil)])
                == "cleanup.policy=compact segment.bytes=2000000")
        // What stays as it is needs no record.
        #expect(alter([ConfigChange(topic, [Operation("retention.ms", "5")])]).records.isEmpty)
        #expect(alter([ConfigChange(topic, [Operation("flush.ms", .delete, nil)])]).records.isEmpty)
    }

    @Test func `values are added to lists and taken away`() throws {
        #expect(
            try alter(topic, [Operation("cleanup.policy", .append, "delete,compact")])
                == "cleanup.policy=compact,delete retention.ms=5")
        #expect(
            try alter(topic, [Operation("leader.replication.throttled.replicas", .append, "0:1")])
                == "cleanup.policy=compact leader.replication.throttled.replicas=0:1 retention.ms=5")
        #expect(
            try alter(topic, [Operation("cleanup.policy", .subtract, "nothing")])
                == "cleanup.policy=compact retention.ms=5")
        #expect(
            try alter(topic, [Operation("retention.ms", .append, "6")])
                == "Can't APPEND to key retention.ms because its type is not LIST. (INVALID_CONFIG)")
        #expect(
            try alter(topic, [Operation("retention.ms", .subtract, "6")])
                == "Can't SUBTRACT to key retention.ms because its type is not LIST. (INVALID_CONFIG)")
    }

    @Test func `AlterConfigs forgets what it does not mention`() throws {
        let change = ConfigChange(topic, [Operation("segment.ms", "7"), Operation("retention.ms", "5")])
        let decision = ConfigChanges.alter([change], in: image, nodeID: BrokerID(1), rules: rules)
        #expect(decision.records.count == 2)
        var after = image
        try after.apply(decision.records)
        #expect(after.config(topic) == ["segment.ms": "7", "retention.ms": "5"])
    }

    @Test func `bad names and values are refused with both`() throws {
        #expect(
            try alter(topic, [Operation("retention.ms", "soon")])
                == "Invalid value soon for configuration retention.ms: Not a number of type LONG (INVALID_CONFIG)")
        #expect(
            try alter(topic, [Operation("retention.centuries", "1")])
                == "Unknown topic config name: retention.centuries (INVALID_CONFIG)")
        #expect(
            try alter(topic, [Operation("cleanup.policy", "shred")]).hasPrefix("Invalid value shred for configuration"))
    }

    @Test func `requests that make no sense are refused`() throws {
        #expect(
            try alter(topic, [Operation("a", "1"), Operation("a", "2")])
                == "Error due to duplicate config keys (INVALID_REQUEST)")
        #expect(
            try alter(topic, [Operation("a", nil), Operation("b", .append, nil)])
                == "Null value not supported for : a, b (INVALID_REQUEST)")
        #expect(
            try alter(topic, [Operation("a", verb: 9, "1")]) == "Unknown operations type 9 (INVALID_REQUEST)")
        #expect(
            try alter(.topic("nope"), [Operation("retention.ms", "1")])
                == "The topic 'nope' does not exist. (UNKNOWN_TOPIC_OR_PARTITION)")
        #expect(
            try alter(.topic(""), [Operation("retention.ms", "1")])
                == "Default topic resources are not allowed. (INVALID_REQUEST)")
        #expect(try alter(.topic("a b"), []).hasPrefix("Topic name is invalid"))
        #expect(
            try alter(ConfigResource(.broker, "2"), [])
                == "Unexpected broker id, expected 1, but received 2 (INVALID_REQUEST)")
        #expect(
            try alter(ConfigResource(.broker, "x"), []) == "Node id must be an integer, but it is: x (INVALID_REQUEST)")
        #expect(
            try alter(ConfigResource(.group, ""), [])
                == "Default group resources are not allowed. (INVALID_REQUEST)")
        #expect(try alter(ConfigResource(.brokerLogger, "1"), []).hasSuffix("(INVALID_REQUEST)"))
        let unknown = ConfigChange(resourceType: 77, resourceName: "x", operations: [])
        #expect(alter([unknown]).items[0].refusal?.description == "Unknown resource type 77 (INVALID_REQUEST)")
    }

    @Test func `a resource appears once, and one refusal leaves the others`() throws {
        let good = ConfigChange(topic, [Operation("segment.ms", "7")])
        let decision = alter([good, good, ConfigChange(.allBrokers, [Operation("num.io.threads", "4")])])
        #expect(decision.items.map { $0.refusal?.code } == [.invalidRequest, .invalidRequest, nil])
        #expect(decision.records.count == 1)
        #expect(alter([good], intent: .validateOnly).records.isEmpty)
        #expect(alter([good], intent: .validateOnly).items[0].refusal == nil)
    }

    @Test func `brokers change what is dynamic, for one or for all`() throws {
        #expect(try alter(broker, [Operation("num.io.threads", "4")]) == "num.io.threads=4")
        #expect(try alter(.allBrokers, [Operation("num.io.threads", "4")]) == "num.io.threads=4")
        #expect(
            try alter(broker, [Operation("node.id", "4"), Operation("log.dirs", "/x")])
                == "Cannot update these configs dynamically: Set(log.dirs, node.id) (INVALID_REQUEST)")
        #expect(
            try alter(.allBrokers, [Operation("listeners", "PLAINTEXT://:1")])
                == "Cannot update these configs at default cluster level, broker id must be specified: Set(listeners) "
                + "(INVALID_REQUEST)")
        #expect(try alter(broker, [Operation("num.io.threads", "many")]).hasPrefix("Invalid value many"))
    }

    @Test func `a broker's setting is written though it stays the same`() throws {
        var image = image
        try image.apply(.config(ConfigRecord(broker, "num.io.threads", "4")))
        let change = ConfigChange(broker, [Operation("num.io.threads", "4")])
        let decision = ConfigChanges.incrementalAlter([change], in: image, nodeID: BrokerID(1), rules: rules)
        #expect(decision.records.count == 1)
    }
}
