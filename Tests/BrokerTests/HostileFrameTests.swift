import Bytes
import KafkaModel
import KafkaProtocol
import Posix
import TestSupport
import Testing

@testable import Broker

/// Frames that no client sends. Each is answered or closes its own connection; another connection goes on.
struct HostileFrameTests {
    let server: TestBroker
    let witness: TestClient

    init() throws {
        server = try TestBroker(["auto.create.topics.enable": "false", "connections.max.idle.ms": "600000"])
        witness = try server.client()
        try witness.createTopic("orders")
        try witness.produce("orders", "kept")
    }

    /// One request of each served API and version that Kafka's clients were seen to send (see
    /// Tests/KafkaProtocolTests/Fixtures/README.md), the shortest.
    private static let seeds: [[UInt8]] = {
        let path =
            #filePath.dropLast("BrokerTests/HostileFrameTests.swift".count)
            + "KafkaProtocolTests/Fixtures/kafka-3.9-frames.jsonl"
        guard let bytes = try? Disk.real.contents(of: String(path)) else { return [] }
        let served = Set(Dispatch.routes.map(\.api.rawValue))
        var shortest: [Int16: [UInt8]] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            let words = line.split(separator: "\"")
            guard let name = words.firstIndex(of: "request"), name + 2 < words.count else { continue }
            let digits = Array(words[name + 2].utf8)
            let frame = stride(from: 0, to: digits.count - 1, by: 2).map {
                digit(digits[$0]) << 4 | digit(digits[$0 + 1])
            }
            guard frame.count > 8 else { continue }
            let key = Int16(frame[0]) << 8 | Int16(frame[1])
            guard served.contains(key), frame.count < shortest[key]?.count ?? 400 else { continue }
            shortest[key] = frame
        }
        return shortest.sorted { $0.key < $1.key }.map(\.value)
    }()

    private static func digit(_ character: UInt8) -> UInt8 {
        character >= UInt8(ascii: "a") ? character - UInt8(ascii: "a") + 10 : character - UInt8(ascii: "0")
    }

    /// Sends frames, and waits for an answer or the end of each but those that may rightly take long.
    private func send(_ frames: some Sequence<[UInt8]>) throws {
        var client = try server.client()
        for frame in frames {
            try client.sendFrame(frame)
            guard client.hasNews(within: 10), try client.receiveFrameIfAny() else {
                client.hangUp()
                client = try server.client()
                continue
            }
        }
    }

    private func expectHealth() throws {
        #expect(try witness.values("orders").first == "kept")
        #expect(try server.client().metadata(["orders"]).topics[0].errorCode == 0)
    }

    @Test func `there are seeds for most of what is served`() {
        #expect(Self.seeds.count >= 15, "\(Self.seeds.count)")
    }

    @Test func `requests that end anywhere`() throws {
        for seed in Self.seeds { try send(seed.indices.lazy.map { Array(seed[..<$0]) }) }
        try expectHealth()
    }

    @Test func `requests with a byte that was turned over`() throws {
        for seed in Self.seeds {
            try send(
                (8..<seed.count).lazy.map { index in
                    var frame = seed
                    frame[index] ^= 0xff
                    return frame
                })
        }
        try expectHealth()
    }

    @Test func `requests with forged counts and lengths`() throws {
        for seed in Self.seeds where seed.count > 12 {
            for forged in [[0x7f, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0xfe], [0xff, 0xff, 0xff, 0x0f]] as [[UInt8]] {
                try send(
                    stride(from: 8, to: seed.count - 4, by: 3).lazy.map { index in
                        var frame = seed
                        frame.replaceSubrange(index..<index + 4, with: forged)
                        return frame
                    })
            }
        }
        try expectHealth()
    }

    @Test func `lying lengths of frames, unknown keys and versions close the connection`() throws {
        for bytes in [
            [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0, 0, 0, 0], Array("GET / HTTP/1.1\r\n".utf8),
        ]
            as [[UInt8]]
        {
            let client = try server.client()
            try client.sendBytes(bytes)
            #expect(try client.isClosedByServer)
        }
        for (key, version) in [(3, 99), (3, -1), (0, 14), (999, 0), (-1, 0), (11, 0)] as [(Int16, Int16)] {
            var writer = ByteWriter()
            RequestHeader(apiKey: key, apiVersion: version, correlationId: 1, clientId: nil).encode(into: &writer)
            let client = try server.client()
            try client.sendFrame(Array(writer.bytes))
            #expect(try client.isClosedByServer)
        }
        try expectHealth()
    }

    private static let long = String(repeating: "x", count: Int(Int16.max))

    private func answers<Request: RequestMessage>(_ request: Request) throws {
        let versions = try #require(Dispatch.routes.first { $0.api == Request.api }).versions
        for version in versions where version >= 3 || version == versions.upperBound {
            _ = try witness.call(request, version: version)
        }
    }

    @Test func `names as long as the protocol allows are answered`() throws {
        let long = Self.long
        try answers(witness.produceRequest(long, batch(["a"])))
        try answers(witness.fetchRequest(long, [(0, 0)]))
        _ = try witness.offset(long, at: -1)
        _ = try witness.metadata([long], autoCreate: true)
        var coordinator = FindCoordinatorRequest()
        coordinator.key = long
        coordinator.coordinatorKeys = [long]
        try answers(coordinator)
        var versions = ApiVersionsRequest()
        versions.clientSoftwareName = long
        versions.clientSoftwareVersion = long
        try answers(versions)
        #expect(try witness.createTopic(long).errorCode != 0)
        #expect(try witness.createTopic("ok", configs: [long: long]).errorCode != 0)
        #expect(try witness.createTopic("ok", configs: ["retention.ms": long]).errorCode != 0)
        #expect(try witness.createTopic("ok", configs: ["cleanup.policy": long]).errorCode != 0)
        var named = DeleteTopicsRequest.DeleteTopicState()
        named.name = long
        var deletion = DeleteTopicsRequest()
        deletion.topics = [named]
        deletion.topicNames = [long]
        try answers(deletion)
        var records = DeleteRecordsRequest.DeleteRecordsTopic()
        records.name = long
        records.partitions = [DeleteRecordsRequest.DeleteRecordsPartition()]
        var deleteRecords = DeleteRecordsRequest()
        deleteRecords.topics = [records]
        try answers(deleteRecords)
        var producer = InitProducerIdRequest()
        producer.transactionalId = long
        try answers(producer)
        _ = try endOffset(witness, long, 0)
        for type in [2, 4, 8, 16, 32, 99] as [Int8] { try configs(type) }
        var directories = DescribeLogDirsRequest.DescribableLogDirTopic()
        directories.topic = long
        directories.partitions = [0]
        var describe = DescribeLogDirsRequest()
        describe.topics = [directories]
        try answers(describe)
        var grown = CreatePartitionsRequest.CreatePartitionsTopic()
        grown.name = long
        grown.count = 5
        var partitions = CreatePartitionsRequest()
        partitions.topics = [grown]
        try answers(partitions)
        var producers = DescribeProducersRequest.TopicRequest()
        producers.name = long
        producers.partitionIndexes = [0]
        var describeProducers = DescribeProducersRequest()
        describeProducers.topics = [producers]
        try answers(describeProducers)
        var page = DescribeTopicPartitionsRequest()
        var topic = DescribeTopicPartitionsRequest.TopicRequest()
        topic.name = long
        page.topics = [topic]
        var cursor = DescribeTopicPartitionsRequest.Cursor()
        cursor.topicName = long
        page.cursor = cursor
        try answers(page)
        try expectHealth()
    }

    private func configs(_ type: Int8) throws {
        let long = Self.long
        var resource = DescribeConfigsRequest.DescribeConfigsResource()
        resource.resourceType = type
        resource.resourceName = long
        resource.configurationKeys = [long]
        var described = DescribeConfigsRequest()
        described.resources = [resource]
        try answers(described)
        for (name, key) in [(long, long), ("orders", long), ("1", long), ("", long), ("1", "log.retention.ms")] {
            var config = IncrementalAlterConfigsRequest.AlterableConfig()
            config.name = key
            config.value = long
            var changed = IncrementalAlterConfigsRequest.AlterConfigsResource()
            changed.resourceType = type
            changed.resourceName = name
            changed.configs = [config]
            var request = IncrementalAlterConfigsRequest()
            request.resources = [changed]
            try answers(request)
            var old = AlterConfigsRequest.AlterConfigsResource()
            old.resourceType = type
            old.resourceName = name
            var pair = AlterConfigsRequest.AlterableConfig()
            pair.name = key
            pair.value = long
            old.configs = [pair]
            var oldRequest = AlterConfigsRequest()
            oldRequest.resources = [old]
            try answers(oldRequest)
        }
    }
}
