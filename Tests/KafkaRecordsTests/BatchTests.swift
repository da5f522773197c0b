import Bytes
import Compression
import KafkaRecords
import Testing

@Suite struct BatchTests {
    @Test func `a batch of one record has the bytes that Java writes`() throws {
        var fields = RecordBatchBuilder.Fields()
        fields.producerID = 0x0102
        fields.producerEpoch = 3
        fields.baseSequence = 4
        fields.isTransactional = true
        var builder = RecordBatchBuilder(fields)
        try builder.append(
            timestamp: 0x018b_cfe5_6800, key: [0x6b], value: nil, headers: [RecordHeader(key: "h", value: [0x76])])
        let batch = try builder.finish()
        // swift-format-ignore
        let expected: [UInt8] = [
            0, 0, 0, 0, 0, 0, 0, 0,                             // base offset
            0, 0, 0, 61,                                        // length
            0xff, 0xff, 0xff, 0xff, 2,                          // leader epoch, magic
            0, 0, 0, 0, 0, 0x10,                                // crc, attributes
            0, 0, 0, 0,                                         // last offset delta
            0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00,           // base timestamp
            0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00,           // largest timestamp
            0, 0, 0, 0, 0, 0, 0x01, 0x02, 0, 3, 0, 0, 0, 4,     // producer id, epoch, sequence
            0, 0, 0, 1,                                         // count
            22, 0, 0, 0,                                        // length 11, attributes, deltas
            2, 0x6b, 1,                                         // key, null value
            2, 2, 0x68, 2, 0x76,                                // one header
        ]
        var unsigned = batch
        unsigned.replace(UInt32(0), at: RecordBatchLayout.crc)
        #expect(unsigned == expected)
        let isValid = BatchChecksum.isValid(batch.span.bytes)
        #expect(isValid)
    }

    @Test(arguments: CompressionType.allCases)
    func `records come out as they went in`(type: CompressionType) throws {
        let batch = try sampleBatch(200) {
            $0.compression = type
            $0.baseOffset = 1000
            $0.baseSequence = Int32.max - 1
            $0.producerID = 9
            $0.producerEpoch = 0
        }
        let records = try plainRecords(batch)
        #expect(records.count == 200)
        #expect(records.map(\.offset) == Array(1000..<1200))
        #expect(records.prefix(3).map(\.sequence) == [Int32.max - 1, Int32.max, 0])
        #expect(records[2].key == nil)
        #expect(records[2].headers == [RecordHeader(key: "trace", value: [1, 2]), RecordHeader(key: "", value: nil)])
        #expect(records[3].value == nil)
        let header = try BatchHeader(batch.span.bytes)
        #expect(header.compression == type)
        #expect(header.lastOffset == 1199)
        #expect(header.nextOffset == 1200)
        #expect(header.lastSequence == 197)
    }

    @Test func `offset and leader epoch are given without touching the checksum`() throws {
        var batch = try sampleBatch()
        let before = try plainRecords(batch)
        var span = batch.mutableSpan
        var bytes = span.mutableBytes
        BatchAssignment.assign(&bytes, baseOffset: 1 << 40, leaderEpoch: 77)
        let isValid = BatchChecksum.isValid(batch.span.bytes)
        #expect(isValid)
        let header = try BatchHeader(batch.span.bytes)
        #expect(header.baseOffset == 1 << 40)
        #expect(header.partitionLeaderEpoch == 77)
        #expect(try plainRecords(batch).map(\.offset) == before.map { $0.offset + 1 << 40 })
    }

    @Test func `log append time counts for all records and signs the batch anew`() throws {
        var batch = try sampleBatch(3)
        var span = batch.mutableSpan
        var bytes = span.mutableBytes
        BatchAssignment.stampLogAppendTime(&bytes, 1_800_000_000_000)
        let isValid = BatchChecksum.isValid(batch.span.bytes)
        #expect(isValid)
        #expect(try plainRecords(batch).map(\.timestamp) == [Int64](repeating: 1_800_000_000_000, count: 3))
        let built = try sampleBatch(3) { $0.logAppendTime = 1_800_000_000_000 }
        #expect(batch == built)
    }

    @Test func `a delete horizon takes the place of the base timestamp`() throws {
        let batch = try sampleBatch(3, timestamp: 5000) { $0.deleteHorizon = 9_000_000 }
        let header = try BatchHeader(batch.span.bytes)
        #expect(header.deleteHorizon == 9_000_000)
        #expect(header.baseTimestamp == 9_000_000)
        #expect(header.maxTimestamp == 5002)
        #expect(try plainRecords(batch).map(\.timestamp) == [5000, 5001, 5002])
    }

    @Test func `compaction leaves gaps and may leave a batch without records`() throws {
        var fields = RecordBatchBuilder.Fields()
        fields.baseOffset = 10
        fields.lastOffset = 20
        fields.maxTimestampWhenEmpty = 99
        var builder = RecordBatchBuilder(fields)
        try builder.append(offset: 12, timestamp: 1, key: [1], value: [])
        try builder.append(offset: 17, timestamp: 2, key: [2], value: nil)
        let batch = try builder.finish()
        #expect(try plainRecords(batch).map(\.offset) == [12, 17])
        #expect(try BatchHeader(batch.span.bytes).lastOffset == 20)

        let empty = try RecordBatchBuilder(fields).finish()
        let header = try BatchHeader(empty.span.bytes)
        #expect(header.recordCount == 0)
        #expect(header.lastOffset == 20)
        #expect(header.maxTimestamp == 99)
        #expect(header.sizeInBytes == RecordBatchLayout.headerSize)
        #expect(try plainRecords(empty) == [])
    }

    @Test func `what cannot be a batch is not built`() throws {
        var builder = RecordBatchBuilder()
        try builder.append(offset: 5, timestamp: 1, key: nil, value: nil)
        for (offset, timestamp) in [(Int64(5), Int64(1)), (4, 1), (1 << 33, 1), (6, -2)] {
            var refused = false
            do { try builder.append(offset: offset, timestamp: timestamp, key: nil, value: nil) } catch {
                refused = true
            }
            #expect(refused)
        }
        let count = builder.count
        #expect(count == 1)
        #expect(throws: RecordError.self) { try RecordBatchBuilder().finish() }
        #expect(throws: RecordError.self) { try sampleBatch(1) { $0.isTransactional = true } }
    }

    @Test func `a cursor stops in front of a batch that is cut off`() throws {
        let one = try sampleBatch(2)
        let two = try sampleBatch(4)
        for cut in 0...two.count {
            let bytes = one + two.prefix(cut)
            var cursor = BatchCursor(bytes.span.bytes)
            let first = try cursor.next()
            #expect(first?.range == 0..<one.count)
            let second = try cursor.next()
            #expect((second != nil) == (cut == two.count))
            let remaining = cursor.remaining
            #expect(remaining == (cut == two.count ? 0 : cut))
        }
    }

    @Test func `control records of unknown kind are passed over`() throws {
        let unknown: [UInt8] = [0, 0, 0, 9]
        let type = try ControlRecordType.parse(key: unknown.span.bytes)
        #expect(type == nil)
        #expect(throws: RecordError.invalidControlRecord) {
            try ControlRecordType.parse(key: [UInt8]([0, 0, 0]).span.bytes)
        }
        #expect(throws: RecordError.invalidControlRecord) {
            try ControlRecordType.parse(key: [UInt8]([0xff, 0xff, 0, 0]).span.bytes)
        }
        #expect(ControlRecordType.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
    }
}
