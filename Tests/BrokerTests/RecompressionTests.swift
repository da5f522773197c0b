import Bytes
import Compression
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Testing
import Timing

@testable import Broker

/// `compression.type`, timestamps and sizes, as producers and consumers see them.
struct RecompressionTests {
    static let texts = (0..<300).map { "value \($0 % 7) of many that look alike" }

    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    private func packed(
        _ type: CompressionType, _ values: [String] = texts, timestamp: Int64 = Clock.system.timestamp.milliseconds,
        sequence: Int32 = -1
    ) throws -> [UInt8] {
        var fields = RecordBatchBuilder.Fields()
        fields.compression = type
        if sequence >= 0 { (fields.producerID, fields.producerEpoch, fields.baseSequence) = (9, 0, sequence) }
        return try batch(values, timestamp: timestamp, fields)
    }

    /// The headers of the batches that a partition holds.
    private func headers(_ topic: String) throws -> [BatchHeader] {
        let answer = try client.fetch(topic)
        guard case .range(let range) = answer.records else { return [] }
        let bytes = Array(client.frame[range])
        var cursor = BatchCursor(bytes.span.bytes)
        var headers: [BatchHeader] = []
        while let batch = try cursor.next() {
            let isValid = BatchChecksum.isValid(cursor.bytes(of: batch))
            #expect(isValid)
            headers.append(batch.header)
        }
        return headers
    }

    @Test(arguments: ["uncompressed", "gzip", "snappy", "lz4", "zstd"])
    func `a topic keeps its codec, whatever comes`(kept: String) throws {
        try client.createTopic("t", configs: ["compression.type": kept])
        var offset: Int64 = 0
        for type in CompressionType.allCases {
            let answer = try client.produce("t", packed(type))
            #expect(answer.errorCode == 0)
            #expect(answer.baseOffset == offset)
            offset += Int64(Self.texts.count)
        }
        let expected = kept == "uncompressed" ? CompressionType.none : CompressionType(name: kept)
        #expect(try headers("t").map(\.compression) == Array(repeating: expected, count: 5))
        #expect(try client.values("t") == (0..<5).flatMap { _ in Self.texts })
    }

    @Test func `the broker's codec holds for topics that have none, and can be altered`() throws {
        let server = try TestBroker(["compression.type": "zstd"])
        let client = try server.client()
        try client.createTopic("a")
        try client.createTopic("b", configs: ["compression.type": "producer"])
        try client.produce("a", packed(.gzip))
        try client.produce("b", packed(.gzip))
        #expect(try RecompressionTests.headers("a", client).map(\.compression) == [.zstd])
        #expect(try RecompressionTests.headers("b", client).map(\.compression) == [.gzip])
    }

    private static func headers(_ topic: String, _ client: TestClient) throws -> [BatchHeader] {
        let answer = try client.fetch(topic)
        guard case .range(let range) = answer.records else { return [] }
        return [try BatchHeader(Array(client.frame[range]).span.bytes)]
    }

    @Test func `the level changes the size`() throws {
        func size(_ topic: String, _ configs: [String: String]) throws -> Int {
            try client.createTopic(topic, configs: configs)
            try client.produce(topic, packed(.none, (0..<2000).map { "value \($0 * 7919 % 1009) \($0 % 13)" }))
            return try headers(topic)[0].sizeInBytes
        }
        let low = try size("low", ["compression.type": "gzip", "compression.gzip.level": "1"])
        let high = try size("high", ["compression.type": "gzip", "compression.gzip.level": "9"])
        #expect(high < low)
        let fast = try size("fast", ["compression.type": "zstd", "compression.zstd.level": "-100"])
        let slow = try size("slow", ["compression.type": "zstd", "compression.zstd.level": "19"])
        #expect(slow < fast)
    }

    @Test func `a duplicate is known again after it was written in another codec`() throws {
        try client.createTopic("t", configs: ["compression.type": "lz4"])
        let first = try packed(.zstd, sequence: 0)
        let second = try packed(.none, sequence: 300)
        #expect(try client.produce("t", first).baseOffset == 0)
        #expect(try client.produce("t", second).baseOffset == 300)
        let again = try client.produce("t", first)
        #expect(again.errorCode == 0)
        #expect(again.baseOffset == 0)
        #expect(try client.produce("t", packed(.gzip, sequence: 600)).baseOffset == 600)
        let header = try headers("t")[0]
        #expect(header.producerID == 9)
        #expect(header.baseSequence == 0)
        #expect(header.lastSequence == 299)
    }

    @Test func `a batch that takes long is done on a request thread, and answers keep their order`() throws {
        try client.createTopic("t", configs: ["compression.type": "gzip"])
        try client.createTopic("other")
        let large = try packed(.none, (0..<4000).map { "value \($0)" })
        for round in 0..<5 {
            try client.send(client.produceRequest("t", large), version: 9)
            try client.send(client.produceRequest("other", batch(["\(round)"])), version: 9)
        }
        // The numbers of the answers are compared by the client, which expects that of its last request.
        for round in 0..<10 {
            try client.receiveFrame()
            let frame = client.frame
            var reader = ByteReader(frame.span.bytes)
            let header = try ResponseHeader.decode(&reader, api: .produce, version: 9)
            let answer = try ProduceResponse.decode(&reader, version: 9).responses[0]
            #expect(answer.name == (round % 2 == 0 ? "t" : "other"))
            #expect(answer.partitionResponses[0].errorCode == 0)
            #expect(header > 0)
        }
        #expect(try client.offset("t", at: -1).offset == 20_000)
        #expect(try headers("t").allSatisfy { $0.compression == .gzip })
    }

    @Test(arguments: CompressionType.allCases)
    func `log append time stamps batches of every codec`(type: CompressionType) throws {
        try client.createTopic("t", configs: ["message.timestamp.type": "LogAppendTime"])
        // Neither bound counts: nobody asked the producer for its time.
        for timestamp in [1, Clock.system.timestamp.milliseconds + 100_000_000] {
            let answer = try client.produce("t", packed(type, ["a", "b"], timestamp: timestamp))
            #expect(answer.errorCode == 0)
            #expect(answer.logAppendTimeMs > 1_700_000_000_000)
            let header = try #require(try headers("t").last)
            #expect(header.timestampType == .logAppendTime)
            #expect(header.maxTimestamp == answer.logAppendTimeMs)
            let seen = try client.seen(client.fetch("t")).suffix(2)
            #expect(seen.map(\.timestamp) == [answer.logAppendTimeMs, answer.logAppendTimeMs])
            let found = try client.offset("t", at: answer.logAppendTimeMs)
            #expect(found.timestamp == answer.logAppendTimeMs)
        }
    }

    @Test func `log append time and another codec go together`() throws {
        try client.createTopic(
            "t", configs: ["message.timestamp.type": "LogAppendTime", "compression.type": "snappy"])
        let answer = try client.produce("t", packed(.lz4, ["a", "b"], timestamp: 5))
        let header = try headers("t")[0]
        #expect(header.timestampType == .logAppendTime)
        #expect(header.compression == .snappy)
        #expect(header.maxTimestamp == answer.logAppendTimeMs)
        #expect(header.baseTimestamp == 5)
    }

    @Test(arguments: CompressionType.allCases)
    func `records out of time are refused, each with its number`(type: CompressionType) throws {
        let now = Clock.system.timestamp.milliseconds
        try client.createTopic(
            "t", configs: ["message.timestamp.before.max.ms": "60000", "message.timestamp.after.max.ms": "60000"])
        var fields = RecordBatchBuilder.Fields()
        fields.compression = type
        var builder = RecordBatchBuilder(fields)
        for timestamp in [now, now - 120_000, now, now + 120_000, -1] {
            try builder.append(timestamp: timestamp, key: nil, value: [1])
        }
        let answer = try client.produce("t", builder.finish())
        #expect(code(answer.errorCode) == .invalidTimestamp)
        #expect(answer.recordErrors.map(\.batchIndex) == [1, 3])
        #expect(answer.recordErrors[0].batchIndexErrorMessage?.contains(String(now - 120_000)) == true)
        #expect(answer.recordErrors[1].batchIndexErrorMessage?.contains(String(now + 120_000)) == true)
        #expect(answer.errorMessage?.isEmpty == false)
        #expect(try client.values("t").isEmpty)
        var unstamped = RecordBatchBuilder(fields)
        try unstamped.append(timestamp: -1, key: nil, value: [1])
        #expect(try client.produce("t", unstamped.finish()).errorCode == 0)
    }

    @Test func `the size limit counts what comes and what is kept`() throws {
        try client.createTopic("t", configs: ["compression.type": "uncompressed", "max.message.bytes": "2000"])
        let small = try packed(.zstd)
        #expect(small.count < 2000)
        #expect(try code(client.produce("t", small).errorCode) == .messageTooLarge)
        try client.createTopic("u", configs: ["compression.type": "zstd", "max.message.bytes": "2000"])
        #expect(try code(client.produce("u", packed(.none)).errorCode) == .messageTooLarge)
        #expect(try client.produce("u", small).errorCode == 0)
    }

    @Test func `a batch that is larger than a segment is refused by its own code`() throws {
        try client.createTopic(
            "t",
            configs: [
                "compression.type": "uncompressed", "segment.bytes": "1048576", "max.message.bytes": "3000000",
            ])
        let packed = try packed(.zstd, Array(repeating: String(repeating: "x", count: 10_000), count: 150))
        #expect(packed.count < 10_000)
        #expect(try code(client.produce("t", packed).errorCode) == .recordListTooLarge)
    }

    /// As from a producer that means harm: the header is signed over records that are not there.
    @Test(arguments: CompressionType.allCases.dropFirst())
    func `what no consumer could read is not taken`(type: CompressionType) throws {
        try client.createTopic("t")
        let good = try packed(type, ["a", "b", "c"])
        for count in [Int32(2), 4, 100_000] {
            var forged = good
            store(count, at: RecordBatchLayout.recordCount, &forged)
            store(count - 1, at: RecordBatchLayout.lastOffsetDelta, &forged)
            sign(&forged)
            #expect(try code(client.produce("t", forged).errorCode) == .invalidRecord)
        }
        var garbled = Array(good.prefix(RecordBatchLayout.headerSize)) + [UInt8](repeating: 0xa5, count: 40)
        store(Int32(garbled.count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength, &garbled)
        sign(&garbled)
        #expect(try code(client.produce("t", garbled).errorCode) == .corruptMessage)
        #expect(try client.produce("t", good).baseOffset == 0)
    }

    private func sign(_ batch: inout [UInt8]) {
        let crc = BatchChecksum.compute(batch.span.bytes)
        store(Int32(bitPattern: crc), at: RecordBatchLayout.crc, &batch)
    }

    private func store(_ value: Int32, at position: Int, _ bytes: inout [UInt8]) {
        for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: value >> Int32(24 - 8 * index)) }
    }
}
