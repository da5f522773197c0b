import Configuration
import KafkaModel
import KafkaProtocol
import Storage
import Telemetry
import Testing

@testable import Broker

struct ConfigTests {
    let server: TestBroker
    let client: TestClient
    private static let topic: Int8 = 2
    private static let broker: Int8 = 4

    init() throws {
        server = try TestBroker(["log.retention.hours": "24"])
        client = try server.client()
        try client.createTopic("t", configs: ["retention.ms": "5000"])
    }

    private func describe(
        _ type: Int8, _ name: String, keys: [String]? = nil, version: Int16? = nil
    ) throws -> DescribeConfigsResponse.DescribeConfigsResult {
        var resource = DescribeConfigsRequest.DescribeConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configurationKeys = keys
        var request = DescribeConfigsRequest()
        request.resources = [resource]
        request.includeSynonyms = true
        request.includeDocumentation = true
        return try client.call(request, version: version).results[0]
    }

    private func value(_ type: Int8, _ name: String, _ key: String) throws -> String? {
        try describe(type, name, keys: [key]).configs.first?.value
    }

    enum Verb: Int8 { case set, delete, append, subtract }

    private func alter(
        _ type: Int8, _ name: String, _ verb: Verb, _ key: String, _ value: String?, validateOnly: Bool = false
    ) throws -> IncrementalAlterConfigsResponse.AlterConfigsResourceResponse {
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        config.name = key
        config.configOperation = verb.rawValue
        config.value = value
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = [config]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        request.validateOnly = validateOnly
        return try client.call(request).responses[0]
    }

    @Test func `a topic tells its settings and where they come from`() throws {
        for version in 1...client.newest(.describeConfigs) {
            let all = try describe(Self.topic, "t", version: version)
            #expect(all.errorCode == 0)
            let retention = try #require(all.configs.first { $0.name == "retention.ms" })
            #expect(retention.value == "5000")
            #expect(retention.configSource == 1)
            #expect(retention.synonyms.map(\.name) == ["retention.ms", "log.retention.hours", "log.retention.hours"])
            if version >= 3 { #expect(retention.documentation?.isEmpty == false) }
            #expect(all.configs.first { $0.name == "segment.bytes" }?.configSource == 5)
        }
    }

    @Test func `keys choose, and no keys choose everything`() throws {
        #expect(try describe(Self.topic, "t", keys: ["retention.ms", "nope"]).configs.map(\.name) == ["retention.ms"])
        let all = try describe(Self.topic, "t").configs.count
        #expect(all > 20)
        #expect(try describe(Self.topic, "t", keys: []).configs.count == all)
    }

    @Test func `what cannot be described says why`() throws {
        #expect(try code(describe(Self.topic, "missing").errorCode) == .unknownTopicOrPartition)
        #expect(try code(describe(Self.topic, "a b").errorCode) == .invalidTopicException)
        #expect(try code(describe(Self.broker, "7").errorCode) == .invalidRequest)
        #expect(try code(describe(Self.broker, "one").errorCode) == .invalidRequest)
        #expect(try code(describe(99, "x").errorCode) == .invalidRequest)
    }

    @Test func `single settings of a topic are set and taken back`() throws {
        #expect(try alter(Self.topic, "t", .set, "retention.ms", "7000").errorCode == 0)
        #expect(try value(Self.topic, "t", "retention.ms") == "7000")
        #expect(try alter(Self.topic, "t", .set, "retention.ms", "1", validateOnly: true).errorCode == 0)
        #expect(try value(Self.topic, "t", "retention.ms") == "7000")
        #expect(try alter(Self.topic, "t", .append, "cleanup.policy", "compact").errorCode == 0)
        #expect(try value(Self.topic, "t", "cleanup.policy") == "delete,compact")
        #expect(try alter(Self.topic, "t", .subtract, "cleanup.policy", "delete").errorCode == 0)
        #expect(try value(Self.topic, "t", "cleanup.policy") == "compact")
        #expect(try alter(Self.topic, "t", .delete, "retention.ms", nil).errorCode == 0)
        #expect(try value(Self.topic, "t", "retention.ms") == "86400000")
    }

    @Test func `wrong changes name the key and the value, and change nothing`() throws {
        let wrong = try alter(Self.topic, "t", .set, "retention.ms", "soon")
        #expect(code(wrong.errorCode) == .invalidConfig)
        #expect(wrong.errorMessage?.contains("retention.ms") == true)
        #expect(wrong.errorMessage?.contains("soon") == true)
        #expect(try code(alter(Self.topic, "t", .set, "nope", "1").errorCode) == .invalidConfig)
        #expect(try code(alter(Self.topic, "missing", .set, "retention.ms", "1").errorCode) == .unknownTopicOrPartition)
        #expect(try code(alter(Self.broker, "1", .set, "node.id", "4").errorCode) == .invalidRequest)
        #expect(try code(alter(Self.broker, "9", .set, "log.retention.ms", "4").errorCode) == .invalidRequest)
        #expect(try value(Self.topic, "t", "retention.ms") == "5000")
    }

    @Test func `replacing alteration puts everything else back`() throws {
        var config = AlterConfigsRequest.AlterableConfig()
        config.name = "segment.bytes"
        config.value = "1048576"
        var resource = AlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = Self.topic
        resource.resourceName = "t"
        resource.configs = [config]
        var request = AlterConfigsRequest()
        request.resources = [resource]
        for version in 0...client.newest(.alterConfigs) {
            #expect(try client.call(request, version: version).responses[0].errorCode == 0)
        }
        #expect(try value(Self.topic, "t", "segment.bytes") == "1048576")
        #expect(try value(Self.topic, "t", "retention.ms") == "86400000")
    }

    @Test func `settings of the brokers take effect at once, in topics that do not say otherwise`() throws {
        try client.createTopic("u")
        let big = String(repeating: "x", count: 2000)
        #expect(try alter(Self.broker, "", .set, "message.max.bytes", "1000").errorCode == 0)
        #expect(try code(client.produce("u", big).errorCode) == .messageTooLarge)
        #expect(try alter(Self.broker, "1", .set, "message.max.bytes", "9000").errorCode == 0)
        #expect(try client.produce("u", big).errorCode == 0)
        #expect(try alter(Self.broker, "1", .delete, "message.max.bytes", nil).errorCode == 0)
        #expect(try code(client.produce("u", big).errorCode) == .messageTooLarge)
        #expect(try alter(Self.topic, "u", .set, "max.message.bytes", "9000").errorCode == 0)
        #expect(try client.produce("u", big).errorCode == 0)

        #expect(try alter(Self.broker, "", .set, "log.retention.ms", "60000").errorCode == 0)
        #expect(try value(Self.topic, "u", "retention.ms") == "60000")
        #expect(try value(Self.topic, "t", "retention.ms") == "5000")
        #expect(try value(Self.broker, "1", "log.retention.ms") == "60000")
        let standard = try describe(Self.broker, "").configs
        #expect(standard.map(\.name).sorted() == ["log.retention.ms", "message.max.bytes"])
    }

    @Test func `threads come and go while the broker runs`() throws {
        for count in ["4", "1", "3"] {
            #expect(try alter(Self.broker, "", .set, "num.io.threads", count).errorCode == 0)
            #expect(try alter(Self.broker, "", .set, "num.network.threads", count).errorCode == 0)
            #expect(try server.client().metadata(nil).brokers.count == 1)
        }
    }

    @Test func `an altered number of network threads was forgotten by a restart`() throws {
        #expect(try alter(Self.broker, "", .set, "num.network.threads", "4").errorCode == 0)
        server.stop()
        let again = try TestBroker(in: server.directory)
        // Loops are counted from 0; each has counters of its own.
        #expect(again.broker.metrics.prometheusText().contains("loop=\"3\""))
    }

    @Test func `what was altered holds after a restart`() throws {
        #expect(try alter(Self.broker, "1", .set, "log.retention.ms", "60000").errorCode == 0)
        #expect(try alter(Self.topic, "t", .set, "segment.bytes", "1048576").errorCode == 0)
        server.stop()
        let again = try TestBroker(in: server.directory)
        let image = again.broker.cluster.image
        #expect(again.broker.partitionSettings("t", image).log.segmentBytes == 1_048_576)
        #expect(again.broker.partitionSettings("t", image).log.retentionMs == 5000)
        #expect(again.broker.partitionSettings("u", image).log.retentionMs == 60000)
    }
}
