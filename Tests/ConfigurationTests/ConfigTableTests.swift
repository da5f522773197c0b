import Testing

@testable import Configuration

struct ConfigTableTests {
    @Test func `every name is declared once`() {
        let names = BrokerConfigTable.definitions.map(\.name)
        #expect(Set(names).count == names.count)
        let topicNames = TopicConfigTable.definitions.map(\.name)
        #expect(Set(topicNames).count == topicNames.count)
    }

    @Test func `every default is a value its own validator allows`() {
        for definition in BrokerConfigTable.definitions + TopicConfigTable.definitions {
            guard let text = definition.defaultValue else { continue }
            // Kafka itself takes an empty default for settings whose validator asks for a value.
            if text.isEmpty, definition.type != .list { continue }
            #expect(throws: Never.self, "\(definition.name)") { try definition.parse(text) }
        }
    }

    @Test func `every setting has a sentence about it`() {
        for definition in BrokerConfigTable.definitions + TopicConfigTable.definitions {
            #expect(definition.documentation.hasSuffix("."), "\(definition.name)")
            #expect(definition.documentation.first?.isUppercase == true, "\(definition.name)")
        }
    }

    @Test func `every synonym of a topic setting is a setting of the broker with the same default`() throws {
        for definition in TopicConfigTable.definitions {
            for synonym in definition.synonyms { _ = try #require(BrokerConfigTable.find(synonym)) }
            guard let last = definition.synonyms.last, let broker = BrokerConfigTable.find(last) else { continue }
            let unit = BrokerConfigTable.millisecondsPerUnit(of: last)
            if case .integer(let number)? = broker.parsedDefault {
                #expect(definition.parsedDefault == .integer(number * unit), "\(definition.name)")
            } else {
                #expect(definition.parsedDefault == broker.parsedDefault, "\(definition.name)")
            }
        }
    }

    @Test(arguments: [
        ("num.partitions", "0", "Value must be at least 1"),
        ("num.partitions", "many", "Not a number of type INT"),
        ("num.partitions", "2147483648", "Not a number of type INT"),
        ("offsets.topic.replication.factor", "32768", "Not a number of type SHORT"),
        ("log.retention.bytes", "1e3", "Not a number of type LONG"),
        ("log.segment.bytes", "1048575", "Value must be at least 1048576"),
        ("group.share.delivery.count.limit", "11", "Value must be no more than 10"),
        ("log.cleaner.min.cleanable.ratio", "1.5", "Value must be no more than 1.0"),
        ("delete.topic.enable", "yes", "Expected value to be either true or false"),
        ("log.message.timestamp.type", "Now", "String must be one of: CreateTime, LogAppendTime"),
        ("compression.type", "none", "String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer"),
        ("compression.gzip.level", "0", "Value must be between 1 and 9 or equal to -1"),
        ("compression.lz4.level", "18", "Value must be no more than 17"),
        ("log.cleanup.policy", "delete,compress", "'compress' is not one of: compact, delete"),
        ("log.cleanup.policy", "delete,delete", "list values must not be duplicated"),
        ("log.cleanup.policy", "delete,", "list values must not be empty"),
        ("log.dirs", "", "the list must not be empty"),
        ("process.roles", "", "the list must not be empty"),
        ("controller.quorum.voters", "1@host", "'1@host' is not of the form {id}@{host}:{port}"),
        ("controller.quorum.bootstrap.servers", "host", "'host' is not of the form {host}:{port}"),
        ("metrics.listener", "9404", "'9404' is not of the form {host}:{port}"),
        ("max.connections.per.ip.overrides", "a:1,b:-2", "'b:-2' is not of the form {host}:{count}"),
        ("listener.security.protocol.map", "A:PLAIN", "'PLAIN' is not one of the protocols"),
        ("listener.security.protocol.map", "A", "'A' is not of the form {name}:{protocol}"),
        ("remote.log.storage.manager.impl.prefix", "", "String must be non-empty"),
    ])
    func `a value that is not allowed is refused with the reason`(_ name: String, _ value: String, _ reason: String)
        throws
    {
        let definition = try #require(BrokerConfigTable.find(name))
        let error = try #require(throws: ConfigurationError.self) { try definition.parse(value) }
        #expect(error.key == name)
        #expect(error.value == value)
        #expect(error.reason.hasPrefix(reason), "\(error.reason)")
        #expect(error.description.hasPrefix("Invalid value \(value) for configuration \(name): \(reason)"))
    }

    @Test(arguments: [
        ("num.partitions", " 3 ", "3"), ("delete.topic.enable", "FALSE", "false"),
        ("log.cleanup.policy", " compact , delete ", "compact,delete"), ("log.cleanup.policy", "", ""),
        ("compression.zstd.level", "-131072", "-131072"), ("log.cleaner.io.max.bytes.per.second", "1e309", "inf"),
        ("group.consumer.migration.policy", "Upgrade", "Upgrade"), ("log.retention.ms", "+5", "5"),
    ])
    func `a value is trimmed and read`(_ name: String, _ value: String, _ canonical: String) throws {
        let definition = try #require(BrokerConfigTable.find(name))
        #expect(try definition.parse(value).canonicalText == canonical)
    }

    @Test(arguments: [
        ("", true), ("*", true), ("0:1", true), ("0:1,12:3", true), ("0:1,*", false), ("0", false), ("a:1", false),
        ("-1:0", false), ("0:1:2", false),
    ])
    func `throttled replicas are partitions and brokers, or all`(_ value: String, _ isAllowed: Bool) throws {
        let definition = try #require(TopicConfigTable.find("leader.replication.throttled.replicas"))
        do throws(ConfigurationError) {
            _ = try definition.parse(value)
            #expect(isAllowed)
        } catch {
            #expect(!isAllowed)
        }
    }

    @Test func `a password is never shown`() throws {
        let definition = try #require(BrokerConfigTable.find("ssl.key.password"))
        #expect(definition.isSensitive)
        #expect(definition.refusal(of: "secret", "x").description.contains("secret") == false)
    }

    @Test func `doubles are printed as Java prints them`() throws {
        #expect(ConfigValue.double(1.7976931348623157e308).canonicalText == "1.7976931348623157E308")
        #expect(ConfigValue.double(0.5).canonicalText == "0.5")
        #expect(ConfigValue.double(1e20).canonicalText == "1.0E20")
    }

    @Test func `the settings of Kafka 3 are known as removed`() {
        for name in ["log.message.format.version", "broker.id.generation.enable", "offsets.commit.required.acks"] {
            #expect(BrokerConfigTable.find(name)?.serving == .removed, "\(name)")
        }
    }

    @Test func `what can change while the broker runs is what Kafka lets change`() {
        func names(_ mode: DynamicMode) -> Int { BrokerConfigTable.definitions.count { $0.dynamic == mode } }
        #expect(BrokerConfigTable.find("log.retention.ms")?.dynamic == .clusterWide)
        #expect(BrokerConfigTable.find("log.retention.hours")?.dynamic == .readOnly)
        #expect(BrokerConfigTable.find("listeners")?.dynamic == .perBroker)
        #expect(BrokerConfigTable.find("num.io.threads")?.dynamic == .clusterWide)
        #expect(BrokerConfigTable.find("ssl.keystore.key")?.dynamic == .perBroker)
        #expect(names(.perBroker) + names(.clusterWide) > 80)
    }
}
