import Testing

@testable import Configuration

struct TopicConfigurationTests {
    private func topic(
        _ overrides: [String: String] = [:], file: [String: String] = [:], allBrokers: [String: String] = [:],
        thisBroker: [String: String] = [:]
    ) throws -> TopicConfiguration {
        let broker = try BrokerConfiguration(properties: file)
            .altered(allBrokers: allBrokers, thisBroker: thisBroker)
        return try TopicConfiguration(overrides: overrides, broker: broker)
    }

    @Test func `without any setting a topic has Kafka's defaults`() throws {
        let topic = try topic()
        #expect(topic.segmentBytes == 1 << 30)
        #expect(topic.segmentMs == 604_800_000)
        #expect(topic.segmentJitterMs == 0)
        #expect(topic.segmentIndexBytes == 10 << 20)
        #expect(topic.retentionMs == 604_800_000)
        #expect(topic.retentionBytes == -1)
        #expect(topic.flushMs == .max)
        #expect(topic.flushMessages == .max)
        #expect(topic.messageBytesMax == 1_048_588)
        #expect(topic.timestampAfterMaxMs == 3_600_000)
        #expect(topic.deletes && !topic.compacts)
        #expect(topic.recordTime == .createTime)
    }

    @Test(
        arguments: [
            (["log.retention.hours": "2"], 7_200_000),
            (["log.retention.hours": "2", "log.retention.minutes": "3"], 180_000),
            (["log.retention.hours": "2", "log.retention.minutes": "3", "log.retention.ms": "5"], 5),
            (["log.retention.ms": "-1", "log.retention.hours": "2"], -1), (["log.retention.hours": "-1"], -1),
            (["log.retention.minutes": "-7"], -1), (["log.retention.hours": "2147483647"], 7_730_941_129_200_000),
        ] as [([String: String], Int64)])
    func `the finest unit of retention that is set counts`(_ file: [String: String], _ expected: Int64) throws {
        #expect(try topic(file: file).retentionMs == expected)
        #expect(try topic(["retention.ms": "9"], file: file).retentionMs == 9)
    }

    @Test func `a coarser unit altered at run time counts before a finer one of the file`() throws {
        let topic = try topic(file: ["log.retention.ms": "5"], allBrokers: ["log.retention.minutes": "1"])
        #expect(topic.retentionMs == 60_000)
    }

    @Test func `roll and jitter come in hours too, and flush has its period as the default`() throws {
        let topic = try topic(file: [
            "log.roll.hours": "1", "log.roll.jitter.hours": "2", "log.flush.scheduler.interval.ms": "3000",
        ])
        #expect(topic.segmentMs == 3_600_000)
        #expect(topic.segmentJitterMs == 7_200_000)
        #expect(topic.flushMs == 3000)
    }

    @Test func `a topic's own setting counts before its broker's`() throws {
        let topic = try topic(
            [
                "segment.bytes": "1048576", "cleanup.policy": "compact,delete",
                "message.timestamp.type": "LogAppendTime",
            ],
            file: ["log.segment.bytes": "2097152"])
        #expect(topic.segmentBytes == 1 << 20)
        #expect(topic.deletes && topic.compacts)
        #expect(topic.recordTime == .logAppendTime)
        let entry = try #require(topic.describe("segment.bytes"))
        #expect(entry.source == .topic)
        #expect(entry.value == "1048576")
        #expect(
            entry.synonyms.map { "\($0.source.name):\($0.name)=\($0.value ?? "")" } == [
                "DYNAMIC_TOPIC_CONFIG:segment.bytes=1048576", "STATIC_BROKER_CONFIG:log.segment.bytes=2097152",
                "DEFAULT_CONFIG:log.segment.bytes=1073741824",
            ])
    }

    @Test func `every source of a value is told`() throws {
        let topic = try topic(
            ["retention.bytes": "1"], file: ["log.retention.hours": "1", "num.io.threads": "3"],
            allBrokers: ["message.max.bytes": "100"], thisBroker: ["log.index.interval.bytes": "7"])
        func source(_ name: String) -> ConfigSource? { topic.describe(name)?.source }
        #expect(source("retention.bytes") == .topic)
        #expect(source("index.interval.bytes") == .dynamicBroker)
        #expect(source("max.message.bytes") == .dynamicDefaultBroker)
        #expect(source("retention.ms") == .staticBroker)
        #expect(topic.describe("retention.ms")?.value == "3600000")
        #expect(source("preallocate") == .defaultValue)
        #expect(source("leader.replication.throttled.replicas") == .defaultValue)
        #expect(topic.describe("leader.replication.throttled.replicas")?.synonyms == [])
        #expect(topic.indexIntervalBytes == 7)
        #expect(topic.messageBytesMax == 100)
    }

    @Test func `a listing has the settings of Kafka 4`() throws {
        let names = try topic().describe().map(\.name)
        #expect(names.count == 33)
        #expect(names == names.sorted())
        #expect(try topic(["message.format.version": "3.0"]).describe().map(\.name).contains("message.format.version"))
    }

    @Test(arguments: [
        (["retention.hours": "1"], "retention.hours", "Unknown topic config name: retention.hours"),
        (["segment.bytes": "1"], "segment.bytes", "Value must be at least 1048576"),
        (["retention.ms": "-2"], "retention.ms", "Value must be at least -1"),
        (["remote.storage.enable": "perhaps"], "remote.storage.enable", "Expected value to be either true or false"),
        (["cleanup.policy": "keep"], "cleanup.policy", "'keep' is not one of: compact, delete"),
        (
            ["min.compaction.lag.ms": "9", "max.compaction.lag.ms": "8"], "min.compaction.lag.ms",
            "it is larger than max.compaction.lag.ms, which is 8"
        ),
    ])
    func `what a topic may not be set to is refused`(_ overrides: [String: String], _ key: String, _ reason: String)
        throws
    {
        let error = try #require(throws: ConfigurationError.self) { try topic(overrides) }
        #expect(error.key == key)
        #expect(error.reason == reason)
    }

    @Test func `stored settings of another version do not stop the start`() throws {
        let broker = try BrokerConfiguration(properties: [:])
        let (topic, refused) = try TopicConfiguration.lenient(
            overrides: ["segment.bytes": "100", "future.setting": "1", "retention.ms": "5"], broker: broker)
        #expect(topic.segmentBytes == 1 << 30)
        #expect(topic.retentionMs == 5)
        #expect(refused.map(\.key).sorted() == ["future.setting", "segment.bytes"])
    }

    @Test func `a compacted topic deletes nothing, and an empty policy keeps all`() throws {
        let compacted = try topic(["cleanup.policy": "compact"])
        #expect(compacted.compacts && !compacted.deletes)
        let kept = try topic(["cleanup.policy": ""])
        #expect(!kept.compacts && !kept.deletes)
    }
}
