import Bytes
import Compression
import KafkaModel
import KafkaRecords
import Testing

@Suite struct BatchValidatorTests {
    static let now: Int64 = 1_700_000_000_500

    private func refusal(
        _ bytes: [UInt8], _ change: (inout BatchValidator) -> Void = { _ in }
    ) -> BatchRefusal? {
        var validator = BatchValidator(now: Self.now)
        change(&validator)
        do throws(BatchRefusal) {
            _ = try validator.validate(bytes.span.bytes)
            return nil
        } catch { return error }
    }

    private func accepted(
        _ bytes: [UInt8], _ change: (inout BatchValidator) -> Void = { _ in }
    ) throws -> BatchSummary {
        var validator = BatchValidator(now: Self.now)
        change(&validator)
        return try validator.validate(bytes.span.bytes)
    }

    @Test func `a good batch is summed up`() throws {
        let summary = try accepted(sampleBatch(7))
        #expect(summary.recordCount == 7)
        #expect(summary.maxTimestamp == 1_700_000_000_006)
        #expect(summary.maxTimestampDelta == 6)
        #expect(!summary.statesWrongMaxTimestamp)
    }

    @Test(arguments: CompressionType.allCases)
    func `the records of a compressed batch are looked at like all others`(type: CompressionType) throws {
        let batch = try sampleBatch(7) { $0.compression = type }
        #expect(try accepted(batch).maxTimestampDelta == 6)
        #expect(try accepted(batch).recordCount == 7)
        #expect(refusal(batch) { $0.requireKeys = true }?.records.map(\.index) == [2, 5])
        let fewer = try forged(batch, count: 6)
        #expect(refusal(fewer)?.code == .invalidRecord)
        let more = try forged(batch, count: 8)
        #expect(refusal(more)?.code == .invalidRecord)
        #expect(refusal(more)?.recordIndex == 7)
    }

    /// The batch with another count and the last offset that goes with it, signed.
    private func forged(_ batch: [UInt8], count: Int32) throws -> [UInt8] {
        var bytes = batch
        bytes.replace(count, at: RecordBatchLayout.recordCount)
        bytes.replace(count - 1, at: RecordBatchLayout.lastOffsetDelta)
        return signed(bytes)
    }

    /// The header may say what it likes: the records are looked at.
    @Test(arguments: CompressionType.allCases)
    func `a compressed batch cannot hide timestamps`(type: CompressionType) throws {
        var builder = RecordBatchBuilder(
            {
                var fields = RecordBatchBuilder.Fields()
                fields.compression = type
                return fields
            }())
        let tooLate = Self.now + 3_600_001
        for timestamp in [Self.now, tooLate, Self.now, -1, tooLate + 1] {
            try builder.append(timestamp: timestamp, key: [1], value: [])
        }
        var batch = try builder.finish()
        batch.replace(Self.now, at: RecordBatchLayout.maxTimestamp)
        batch = signed(batch)
        let found = refusal(batch)
        #expect(found?.code == .invalidTimestamp)
        #expect(found?.records.map(\.index) == [1, 4])
        #expect(found?.records.first?.message.contains(String(tooLate)) == true)
        let taken = try accepted(batch) { $0.timestampAfterMaxMs = 3_600_002 }
        #expect(taken.statesWrongMaxTimestamp)
        #expect(taken.maxTimestamp == tooLate + 1)
        #expect(refusal(batch) { $0.timestampType = .logAppendTime } == nil)
    }

    @Test func `a timestamp decides the code when keys are missing too`() throws {
        let late = try sampleBatch(3, timestamp: Self.now + 3_600_000 - 1)
        #expect(refusal(late) { $0.requireKeys = true }?.code == .invalidRecord)
        let later = try sampleBatch(3, timestamp: Self.now + 3_600_000)
        let found = refusal(later) { $0.requireKeys = true }
        #expect(found?.code == .invalidTimestamp)
        #expect(found?.records.map(\.index) == [1, 2])
    }

    @Test func `a refusal names not more records than an answer should have`() throws {
        let found = refusal(try sampleBatch(3000, timestamp: 1)) { $0.timestampBeforeMaxMs = 1 }
        #expect(found?.records.count == 1000)
    }

    @Test func `a record without a key is refused on a compacted topic, with its index`() throws {
        let found = refusal(try sampleBatch(5)) { $0.requireKeys = true }
        #expect(found?.code == .invalidRecord)
        #expect(found?.recordIndex == 2)
        #expect(refusal(try sampleBatch(2)) { $0.requireKeys = true } == nil)
    }

    @Test func `one whole batch of magic 2 and nothing else is taken`() throws {
        let batch = try sampleBatch()
        #expect(refusal([])?.code == .invalidRecord)
        #expect(refusal(batch + batch)?.code == .invalidRecord)
        #expect(refusal(batch + [0])?.code == .invalidRecord)
        let old: [UInt8] =
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 22, 0, 0, 0, 0, 1, 0] + [0, 0, 0, 0, 0, 0, 0, 1]
            + [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        #expect(refusal(old)?.code == .invalidRecord)
        #expect(refusal(old) { $0.produceVersion = 2 }?.code == .unsupportedForMessageFormat)
        var unknown = batch
        unknown[RecordBatchLayout.magic] = 3
        #expect(refusal(unknown)?.code == .corruptMessage)
    }

    @Test func `size, checksum and compression are checked`() throws {
        let batch = try sampleBatch()
        #expect(refusal(batch) { $0.maxMessageBytes = batch.count - 1 }?.code == .messageTooLarge)
        #expect(refusal(batch) { $0.maxMessageBytes = batch.count } == nil)
        var changed = batch
        changed[batch.count - 1] ^= 1
        #expect(refusal(changed)?.code == .corruptMessage)
        let zstd = try sampleBatch { $0.compression = .zstd }
        #expect(refusal(zstd) { $0.produceVersion = 6 }?.code == .unsupportedCompressionType)
        #expect(refusal(zstd) { $0.produceVersion = 7 } == nil)
        var unknown = batch
        unknown.replace(Int16(6), at: RecordBatchLayout.attributes)
        #expect(refusal(signed(unknown))?.code == .unsupportedCompressionType)
    }

    @Test func `header fields must agree with each other`() throws {
        let batch = try sampleBatch(5)
        func changed<T: FixedWidthInteger>(_ value: T, at position: Int) -> ErrorCode? {
            var bytes = batch
            bytes.replace(value, at: position)
            return refusal(signed(bytes))?.code
        }
        #expect(changed(Int64(5), at: RecordBatchLayout.baseOffset) == .invalidRecord)
        #expect(changed(Int32(5), at: RecordBatchLayout.lastOffsetDelta) == .invalidRecord)
        #expect(changed(Int32(-1), at: RecordBatchLayout.lastOffsetDelta) == .invalidRecord)
        for count in [Int32(0), -1, 4, 6, .min, .max] {
            #expect(changed(count, at: RecordBatchLayout.recordCount) == .invalidRecord)
        }
        #expect(changed(Int16(0x10), at: RecordBatchLayout.attributes) == .invalidRecord)
        #expect(changed(Int16(0x20), at: RecordBatchLayout.attributes) == .invalidRecord)
        #expect(changed(Int16(0x08), at: RecordBatchLayout.attributes) == .invalidTimestamp)
        #expect(changed(Int64(7), at: RecordBatchLayout.producerID) == .invalidRecord)
    }

    @Test func `producers need a sequence and an epoch, coordinators may write control batches`() throws {
        func sample(_ epoch: Int16, _ sequence: Int32) throws -> [UInt8] {
            try sampleBatch {
                $0.producerID = 4
                $0.producerEpoch = epoch
                $0.baseSequence = sequence
                $0.isTransactional = true
            }
        }
        #expect(refusal(try sample(0, 0)) == nil)
        #expect(refusal(try sample(0, -1))?.code == .invalidRecord)
        #expect(refusal(try sample(-1, 0))?.code == .invalidRecord)
        var writer = ByteWriter()
        try EndTransactionMarker(type: .commit, coordinatorEpoch: 1)
            .writeBatch(timestamp: Self.now, producerID: 4, producerEpoch: 0, into: &writer)
        let marker = Array(writer.bytes)
        #expect(refusal(marker)?.code == .invalidRecord)
        #expect(refusal(marker) { $0.origin = .coordinator } == nil)
    }

    @Test func `timestamps are held against both bounds`() throws {
        let late = try sampleBatch(4, timestamp: Self.now + 3_600_000 - 2)
        let found = refusal(late)
        #expect(found?.code == .invalidTimestamp)
        #expect(found?.recordIndex == 3)
        #expect(refusal(late) { $0.timestampType = .logAppendTime } == nil)
        #expect(refusal(late) { $0.timestampAfterMaxMs = .max } == nil)
        let early = try sampleBatch(2, timestamp: Self.now - 1000)
        #expect(refusal(early) == nil)
        #expect(refusal(early) { $0.timestampBeforeMaxMs = 999 }?.recordIndex == 0)
        #expect(refusal(early) { $0.timestampBeforeMaxMs = 1000 } == nil)
        let compressed = try sampleBatch(4, timestamp: Self.now + 3_600_000) { $0.compression = .lz4 }
        #expect(refusal(compressed)?.code == .invalidTimestamp)
        let unstamped = try sampleBatch(1, timestamp: -1)
        #expect(refusal(unstamped) { $0.timestampBeforeMaxMs = 0 } == nil)
    }

    @Test func `a wrong largest timestamp is found and can be put right`() throws {
        let good = try sampleBatch(3)
        var batch = good
        batch.replace(Int64(1), at: RecordBatchLayout.maxTimestamp)
        batch = signed(batch)
        let summary = try accepted(batch)
        #expect(summary.statesWrongMaxTimestamp)
        var span = batch.mutableSpan
        var bytes = span.mutableBytes
        BatchAssignment.setMaxTimestamp(&bytes, summary.maxTimestamp)
        #expect(batch == good)
    }

    @Test func `offsets must count from 0`() throws {
        var builder = RecordBatchBuilder()
        try builder.append(offset: 0, timestamp: Self.now, key: nil, value: nil)
        try builder.append(offset: 2, timestamp: Self.now, key: nil, value: nil)
        var gap = try builder.finish()
        #expect(refusal(gap)?.code == .invalidRecord)
        gap.replace(Int32(1), at: RecordBatchLayout.lastOffsetDelta)
        let found = refusal(signed(gap))
        #expect(found?.code == .invalidRecord)
        #expect(found?.recordIndex == 1)
    }

    @Test func `batches from a leader are checked for size and checksum only`() throws {
        let one = try sampleBatch { $0.baseOffset = 10 }
        let two = try sampleBatch {
            $0.baseOffset = 15; $0.compression = .gzip
        }
        let both = one + two
        let summaries = try BatchValidator.validateReplicated(both.span.bytes)
        #expect(summaries.map(\.header.baseOffset) == [10, 15])
        var changed = both
        changed[both.count - 1] ^= 1
        var code: ErrorCode?
        do throws(BatchRefusal) { _ = try BatchValidator.validateReplicated(changed.span.bytes) } catch {
            code = error.code
        }
        #expect(code == .corruptMessage)
    }
}
