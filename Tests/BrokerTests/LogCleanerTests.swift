import Compression
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Storage
import Telemetry
import TestSupport
import Testing
import Timing

@testable import Broker

/// Compaction through the broker's own threads.
struct LogCleanerTests {
    private static let eager = ["log.cleaner.backoff.ms": "10", "log.initial.task.delay.ms": "0"]
    private static let compacted = [
        "cleanup.policy": "compact", "segment.bytes": "1048576", "min.cleanable.dirty.ratio": "0.01",
        "file.delete.delay.ms": "0",
    ]

    private func keyed(_ records: [(String?, String?)], codec: CompressionType = .none) throws -> [UInt8] {
        var fields = RecordBatchBuilder.Fields()
        fields.compression = codec
        var builder = RecordBatchBuilder(fields)
        for (key, value) in records {
            try builder.append(
                timestamp: Clock.system.timestamp.milliseconds, key: key.map { Array($0.utf8) },
                value: value.map { Array($0.utf8) })
        }
        return try builder.finish()
    }

    /// So many values for one key, two to a segment, of which all but the last are on the device.
    private func fill(_ server: TestBroker, _ client: TestClient, _ topic: String, _ count: Int) throws {
        for index in 0..<count {
            let value = "\(index)" + String(repeating: "x", count: 400_000)
            #expect(try client.produce(topic, keyed([("k", value)])).errorCode == 0)
        }
        try flush(server, topic)
    }

    private func flush(_ server: TestBroker, _ topic: String) throws {
        try server.partition(topic).upkeep { log, _ throws(StorageError) in
            try log.flush(now: Clock.system.timestamp)
        }
    }

    private func offsets(_ client: TestClient, _ topic: String) throws -> [Int64] {
        var offsets: [Int64] = []
        var next = try client.offset(topic, at: -2).offset
        let end = try client.offset(topic, at: -1).offset
        while next < end {
            let seen = try client.seen(client.fetch(topic, from: next))
            guard let last = seen.last else { break }
            offsets += seen.map(\.offset)
            next = last.offset + 1
        }
        return offsets
    }

    private func alter(_ client: TestClient, _ type: Int8, _ name: String, _ key: String, _ value: String) throws {
        var config = IncrementalAlterConfigsRequest.AlterableConfig()
        config.name = key
        config.value = value
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = type
        resource.resourceName = name
        resource.configs = [config]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        #expect(try client.call(request).responses[0].errorCode == 0)
    }

    @Test func `a compacted topic keeps the last value, and the checkpoint says how far`() throws {
        let server = try TestBroker(Self.eager)
        let client = try server.client()
        try client.createTopic("t", configs: Self.compacted)
        try fill(server, client, "t", 9)
        try eventually("nothing is compacted") { try offsets(client, "t").count <= 2 }
        #expect(try offsets(client, "t").last == 8)
        eventually("the checkpoint is not written") {
            server.broker.directories.cleanedOffset(of: TopicPartition("t", 0)) == 8
        }
        let text = try Disk.real.contents(of: server.directory.file("data/cleaner-offset-checkpoint"))
        #expect(String(decoding: text, as: UTF8.self) == "0\n1\nt 0 8\n")
        server.stop()
        let again = try TestBroker(Self.eager, in: server.directory)
        #expect(try offsets(again.client(), "t").last == 8)
        #expect(again.broker.directories.cleanedOffset(of: TopicPartition("t", 0)) == 8)
    }

    @Test func `threads come and go with the settings`() throws {
        let server = try TestBroker(Self.eager.merging(["log.cleaner.threads": "0"]) { $1 })
        let client = try server.client()
        try client.createTopic("t", configs: Self.compacted)
        try fill(server, client, "t", 5)
        #expect(try offsets(client, "t").count == 5)
        try alter(client, 4, "", "log.cleaner.threads", "2")
        try eventually("nothing is compacted") { try offsets(client, "t").count <= 2 }
    }

    @Test func `a topic that becomes compacted loses its records without a key`() throws {
        let server = try TestBroker(Self.eager)
        let client = try server.client()
        try client.createTopic("t", configs: ["segment.bytes": "1048576", "min.cleanable.dirty.ratio": "0.01"])
        try client.produce("t", keyed([(nil, "a"), ("k", "b"), (nil, "c")]))
        try fill(server, client, "t", 4)
        try alter(client, 2, "t", "cleanup.policy", "compact")
        try eventually("nothing is compacted") { try offsets(client, "t").first ?? 0 > 0 }
        let answer = try client.produce("t", keyed([("k", "a"), (nil, "b"), (nil, "c")], codec: .zstd))
        #expect(code(answer.errorCode) == .invalidRecord)
        #expect(answer.recordErrors.first?.batchIndex == 1)
    }

    @Test func `a topic that is deleted in the middle of a cleaning goes at once`() throws {
        let slow = Self.eager.merging(["log.cleaner.io.max.bytes.per.second": "200000"]) { $1 }
        let server = try TestBroker(slow)
        let client = try server.client()
        try client.createTopic("t", configs: Self.compacted)
        try fill(server, client, "t", 9)
        let partition = try server.partition("t")
        eventually("no cleaning begins") { partition.lock.withLock { partition.maintenance != nil } }
        var request = DeleteTopicsRequest()
        request.topicNames = ["t"]
        _ = try client.call(request, version: 5)
        try client.createTopic("t", configs: Self.compacted)
        eventually("the cleaning goes on") { partition.lock.withLock { partition.maintenance == nil } }
        try client.produce("t", keyed([("k", "new")]))
        #expect(try offsets(client, "t") == [0])
        let names = try entries(of: server.directory.file("data/t-0"))
        #expect(!names.contains { $0.hasSuffix(".cleaned") })
        // The end of the broker waits for no cleaning.
        try fill(server, client, "t", 9)
        let again = try server.partition("t")
        eventually("no cleaning begins") { again.lock.withLock { again.maintenance != nil } }
        let began = Clock.system.now
        server.stop()
        #expect(Clock.system.now - began < .seconds(5))
        #expect(try !entries(of: server.directory.file("data/t-0")).contains { $0.hasSuffix(".cleaned") })
    }

    @Test func `a log that is damaged is left alone, and others are compacted`() throws {
        let server = try TestBroker(Self.eager.merging(["log.cleaner.threads": "0"]) { $1 })
        let client = try server.client()
        for topic in ["bad", "good"] {
            try client.createTopic(topic, configs: Self.compacted)
            try fill(server, client, topic, 7)
        }
        let path = server.directory.file("data/bad-0/00000000000000000000.log")
        let file = try Disk.real.open(path, .readWrite)
        try file.write([0x55], at: 1000)
        try alter(client, 4, "", "log.cleaner.threads", "1")
        try eventually("the other topic is not compacted") { try offsets(client, "good").count <= 2 }
        let bad = try server.partition("bad")
        eventually("the damage is not noticed") { bad.cannotBeCleaned }
        #expect(try client.produce("bad", keyed([("k", "on")])).errorCode == 0)
        #expect(server.broker.metrics.prometheusText().contains("skafka_uncleanable_partitions 1"))
        #expect(server.broker.directories.onlineDirectories.count == 1)
    }

    @Test func `compact and delete together lose old segments too`() throws {
        let server = try TestBroker(Self.eager.merging(["log.retention.check.interval.ms": "20"]) { $1 })
        let client = try server.client()
        try client.createTopic(
            "t",
            configs: Self.compacted.merging(["cleanup.policy": "compact,delete", "retention.bytes": "1000000"]) { $1 })
        for index in 0..<8 {
            try client.produce("t", keyed([("k\(index)", String(repeating: "x", count: 400_000))]))
        }
        try flush(server, "t")
        try eventually("nothing is deleted") { try client.offset("t", at: -2).offset >= 4 }
        #expect(try offsets(client, "t").last == 7)
    }
}

@Suite struct RateLimitTests {
    @Test func `bytes pass at the rate, and a pause is no credit`() {
        var limit = RateLimit()
        var now = Instant(nanoseconds: 5_000_000_000)
        #expect(limit.moved(100, bytesPerSecond: 1000, now: now) == .zero)
        #expect(limit.moved(500, bytesPerSecond: 1000, now: now) == .milliseconds(500))
        now = now + .milliseconds(500)
        #expect(limit.moved(1000, bytesPerSecond: 1000, now: now) == .seconds(1))
        now = now + .seconds(3600)
        #expect(limit.moved(1100, bytesPerSecond: 1000, now: now) == .seconds(1))
        // A higher rate counts at once.
        #expect(limit.moved(1000, bytesPerSecond: 1e9, now: now) < .milliseconds(1002))
    }
}
