import KafkaModel
import KafkaProtocol
import Metadata
import Telemetry
import Testing

@testable import Broker

/// Settings of what is neither a topic nor a broker, and the list of all that has settings.
struct ConfigResourceTests {
    let server: TestBroker
    let client: TestClient
    private static let logger = ConfigResource.Kind.brokerLogger.rawValue
    private static let metrics = ConfigResource.Kind.clientMetrics.rawValue
    private static let group = ConfigResource.Kind.group.rawValue

    init() throws {
        server = try TestBroker(["group.consumer.heartbeat.interval.ms": "6000"])
        client = try server.client()
    }

    private func describe(
        _ type: Int8, _ name: String, keys: [String]? = nil, _ other: TestClient? = nil
    ) throws -> DescribeConfigsResponse.DescribeConfigsResult {
        var resource = DescribeConfigsRequest.DescribeConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configurationKeys = keys
        var request = DescribeConfigsRequest()
        request.resources = [resource]
        request.includeSynonyms = true
        return try (other ?? client).call(request).results[0]
    }

    /// `value source [source:name=value …]`
    private func text(_ type: Int8, _ name: String, _ key: String, _ other: TestClient? = nil) throws -> String? {
        try describe(type, name, keys: [key], other).configs.first.map { config in
            let synonyms = config.synonyms.map { "\($0.source):\($0.name)=\($0.value ?? "")" }
            return "\(config.value ?? "") \(config.configSource) [\(synonyms.joined(separator: " "))]"
        }
    }

    private enum Verb: Int8 { case set, delete, append, subtract }

    private func alter(
        _ type: Int8, _ name: String, _ verb: Verb, _ key: String, _ value: String?
    ) throws -> (code: ErrorCode, message: String?) {
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
        let answer = try client.call(request).responses[0]
        return (code(answer.errorCode), answer.errorMessage)
    }

    private func list(_ types: [Int8] = [], version: Int16 = 1) throws -> [String] {
        var request = ListConfigResourcesRequest()
        request.resourceTypes = types
        let answer = try client.call(request, version: version)
        #expect(answer.errorCode == 0)
        return answer.configResources.map { "\($0.resourceType) \($0.resourceName)" }
    }

    @Test func `a group takes the broker's settings until it has its own`() throws {
        let broker = "group.consumer.heartbeat.interval.ms"
        let key = "consumer.heartbeat.interval.ms"
        #expect(try describe(Self.group, "g").configs.count == 17)
        #expect(try text(Self.group, "g", key) == "6000 4 [4:\(broker)=6000 5:\(broker)=5000]")
        #expect(
            try text(Self.group, "g", "share.auto.offset.reset") == "latest 5 [5:share.auto.offset.reset=latest]")
        #expect(try alter(Self.group, "g", .set, key, "7000").code == .none)
        #expect(try text(Self.group, "g", key) == "7000 8 [8:\(key)=7000 4:\(broker)=6000 5:\(broker)=5000]")
        server.stop()
        let again = try TestBroker(in: server.directory)
        #expect(try text(Self.group, "g", key, again.client())?.hasPrefix("7000 8 ") == true)
    }

    @Test func `what a group cannot have is refused in Kafka's words`() throws {
        func refusal(_ key: String, _ value: String, _ verb: Verb = .set) throws -> String {
            let (code, message) = try alter(Self.group, "g", verb, key, value)
            return "\(code.name) \(message ?? "")"
        }
        #expect(try refusal("nope", "1") == "INVALID_CONFIG Unknown group config name: nope")
        #expect(
            try refusal("consumer.session.timeout.ms", "1")
                == "INVALID_CONFIG consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.")
        #expect(
            try refusal("streams.num.standby.replicas", "3")
                == "INVALID_CONFIG streams.num.standby.replicas must be less than or equal to 2")
        #expect(
            try refusal("share.delivery.count.limit", "x")
                == "INVALID_CONFIG Invalid value x for configuration share.delivery.count.limit: Not a number of type INT"
        )
        #expect(try refusal("share.auto.offset.reset", "none").hasPrefix("INVALID_CONFIG Invalid value none"))
        #expect(try refusal("share.auto.offset.reset", "by_duration:P1DT2H3.5S") == "NONE ")
        #expect(
            try refusal("share.isolation.level", "x", .append)
                == "INVALID_CONFIG Can't APPEND to key share.isolation.level because its type is not LIST.")
        let unnamed = try alter(Self.group, "", .set, "share.isolation.level", "read_committed")
        #expect(unnamed.message == "Default group resources are not allowed.")
        #expect(try describe(Self.group, "").errorMessage == "Group name must not be empty")
    }

    @Test func `a subscription to metrics of clients`() throws {
        #expect(try text(Self.metrics, "s", "interval.ms") == "300000 5 []")
        #expect(try alter(Self.metrics, "s", .set, "interval.ms", "1000").code == .none)
        #expect(try alter(Self.metrics, "s", .append, "metrics", "org.apache.kafka.,a.b").code == .none)
        #expect(try alter(Self.metrics, "s", .subtract, "metrics", "a.b").code == .none)
        #expect(
            try alter(Self.metrics, "s", .set, "match", "client_id=app.*,client_source_port=1[0-9]+").code == .none)
        #expect(try text(Self.metrics, "s", "interval.ms") == "1000 7 [7:interval.ms=1000]")
        #expect(try text(Self.metrics, "s", "metrics") == "org.apache.kafka. 7 [7:metrics=org.apache.kafka.]")
        #expect(try list(version: 0) == ["16 s"])
        for key in ["interval.ms", "metrics", "match"] {
            #expect(try alter(Self.metrics, "s", .delete, key, nil).code == .none)
        }
        #expect(try list(version: 0).isEmpty)
        func refusal(_ key: String, _ value: String) throws -> String {
            let (code, message) = try alter(Self.metrics, "s", .set, key, value)
            return "\(code.name) \(message ?? "")"
        }
        #expect(
            try refusal("interval.ms", "99")
                == "INVALID_REQUEST Invalid value 99 for interval.ms, interval must be between 100 and 3600000 (1 hour)"
        )
        #expect(try refusal("nope", "1") == "INVALID_REQUEST Unknown client metrics configuration: nope")
        for pattern in ["client_id", "colour=red", "client_id=[", "client_id="] {
            #expect(try refusal("match", pattern) == "INVALID_CONFIG Illegal client matching pattern: \(pattern)")
        }
        #expect(try alter(Self.metrics, "", .set, "metrics", "*").message == "Subscription name can't be empty")
        #expect(
            try describe(Self.metrics, "").errorMessage == "Client metrics subscription name must not be empty")
    }

    @Test func `everything that can have settings is listed`() throws {
        try client.createTopic("t")
        #expect(try alter(Self.group, "g", .set, "share.isolation.level", "read_committed").code == .none)
        #expect(try list() == ["2 t", "4 1", "8 1", "32 g"])
        #expect(try list([32, 2]) == ["32 g", "2 t"])
        var request = ListConfigResourcesRequest()
        request.resourceTypes = [77]
        #expect(try code(client.call(request).errorCode) == .unsupportedVersion)
    }

    @Test func `loggers are described, and only one that exists can be altered`() throws {
        // The levels of the process are left alone: other tests run beside this one.
        let all = try describe(Self.logger, "1").configs
        #expect(all.map(\.name).contains("root"))
        #expect(all.map(\.name).contains("skafka.Broker"))
        #expect(all.allSatisfy { $0.configSource == 6 && !$0.readOnly })
        #expect(try describe(Self.logger, "").errorMessage == "Broker id must not be empty")
        #expect(try describe(Self.logger, "7").errorMessage == "Unexpected broker id, expected 1 but received 7")
        func refusal(_ name: String, _ verb: Verb, _ key: String, _ value: String?) throws -> String {
            let (code, message) = try alter(Self.logger, name, verb, key, value)
            return "\(code.name) \(message ?? "")"
        }
        #expect(
            try refusal("1", .set, "kafka.server", "INFO") == "INVALID_CONFIG Logger kafka.server does not exist!")
        #expect(
            try refusal("1", .set, "skafka.Broker", "LOUD")
                == "INVALID_CONFIG Cannot set the log level of skafka.Broker to LOUD as it is not a supported log level. "
                + "Valid log levels are DEBUG, ERROR, FATAL, INFO, TRACE, WARN")
        #expect(
            try refusal("1", .delete, "root", nil)
                == "INVALID_REQUEST Removing the log level of the root logger is not allowed")
        #expect(
            try refusal("1", .append, "skafka.Broker", "INFO")
                == "INVALID_REQUEST APPEND operation is not allowed for the BROKER_LOGGER resource")
        #expect(
            try refusal("2", .set, "skafka.Broker", "INFO")
                == "INVALID_REQUEST Unexpected node id. Expected 1, but received 2")
        #expect(try refusal("1", .set, "skafka.Broker", "INFO") == "NONE ")
        #expect(try refusal("1", .delete, "skafka.Broker", nil) == "NONE ")
    }
}
