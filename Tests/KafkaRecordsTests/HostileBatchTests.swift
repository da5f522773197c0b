import Bytes
import Compression
import KafkaModel
import KafkaRecords
import Testing

/// Batches that were cut, changed or made to hurt.
@Suite struct HostileBatchTests {
    private let validator = BatchValidator(now: 1_700_000_000_500)

    private func isTaken(_ bytes: [UInt8]) -> Bool {
        do throws(BatchRefusal) {
            _ = try validator.validate(bytes.span.bytes)
            return true
        } catch { return false }
    }

    @Test(arguments: CompressionType.allCases)
    func `a batch cut at any byte is refused`(type: CompressionType) throws {
        let batch = try sampleBatch(6) { $0.compression = type }
        #expect(isTaken(batch))
        for count in 0..<batch.count {
            let cut = Array(batch.prefix(count))
            #expect(!isTaken(cut))
            #expect(throws: RecordError.self) { try plainRecords(cut) }
        }
    }

    /// Cut with the length and the checksum put right, so that only the records themselves can tell.
    @Test func `records that end too early are refused`() throws {
        let batch = try sampleBatch(6)
        for count in RecordBatchLayout.headerSize..<batch.count {
            var cut = Array(batch.prefix(count))
            cut.replace(Int32(count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength)
            cut = signed(cut)
            #expect(!isTaken(cut))
            #expect(throws: RecordError.self) { try plainRecords(cut) }
        }
    }

    @Test(arguments: [CompressionType.none, .zstd])
    func `a change of any bit is refused`(type: CompressionType) throws {
        let batch = try sampleBatch(6) { $0.compression = type }
        // The leader epoch is the broker's: not covered by the checksum, and written over.
        let epoch = RecordBatchLayout.partitionLeaderEpoch..<RecordBatchLayout.magic
        for bit in 0..<batch.count * 8 where !epoch.contains(bit / 8) {
            var changed = batch
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!isTaken(changed), "bit \(bit)")
        }
    }

    @Test func `forged lengths and counts inside a record are refused`() throws {
        // length, attributes, timestamp delta, offset delta, key, value, headers
        let bodies: [[UInt8]] = [
            [12, 0, 0, 0, 1, 1, 2],  // a header that is not there
            [12, 0, 0, 0, 1, 1, 1],  // -1 headers
            [12, 0, 0, 0, 1, 0x80, 0],  // a value length that runs on
            [12, 0, 0, 0, 1, 100, 0],  // a value beyond the record
            [12, 0, 0, 0, 3, 1, 0],  // a key of length -2
            [14, 0, 0, 0, 1, 1, 0],  // a record longer than the batch
            [10, 0, 0, 0, 1, 1, 0],  // a record shorter than its fields
            [1, 0, 0, 0, 1, 1, 0],  // a negative length
            [0, 0, 0, 0, 1, 1, 0],  // an empty record
            [0xff, 0xff, 0xff, 0xff, 0x1f, 0, 0],  // a length beyond 32 bits
            [26, 0, 0, 0, 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0],  // two thousand million headers
            [12, 0, 0, 0, 1, 1, 0, 0],  // a byte behind the last record
        ]
        for body in bodies {
            let batch = try batch(of: body)
            #expect(!isTaken(batch), "\(body)")
            #expect(throws: RecordError.self) { try plainRecords(batch) }
        }
        #expect(isTaken(try batch(of: [12, 0, 0, 0, 1, 1, 0])))
    }

    /// A batch of one record whose bytes are given, with the length and checksum that belong to it.
    private func batch(of body: [UInt8]) throws -> [UInt8] {
        var bytes = Array(try sampleBatch(1).prefix(RecordBatchLayout.headerSize)) + body
        bytes.replace(Int32(bytes.count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength)
        return signed(bytes)
    }

    @Test(arguments: CompressionType.allCases.dropFirst())
    func `a bomb is refused before it has unpacked`(type: CompressionType) throws {
        var fields = RecordBatchBuilder.Fields()
        fields.compression = type
        var builder = RecordBatchBuilder(fields)
        try builder.append(timestamp: 1_700_000_000_000, key: nil, value: [UInt8](repeating: 0, count: 24 << 20))
        let bomb = try builder.finish()
        var validator = validator
        validator.maxMessageBytes = .max
        validator.unpackedBytesMax = 1 << 20
        var code: ErrorCode?
        do throws(BatchRefusal) { _ = try validator.validate(bomb.span.bytes) } catch { code = error.code }
        #expect(code == .messageTooLarge)
        #expect(throws: RecordError.compression(.outputLimitExceeded(limit: 1 << 20))) {
            try plainRecords(bomb, outputLimit: 1 << 20)
        }
    }

    @Test(arguments: CompressionType.allCases)
    func `changed batches with a right checksum never trap`(type: CompressionType) throws {
        var generator = SeededGenerator(seed: 0xba7c4 + UInt64(type.rawValue))
        let original = try sampleBatch(12) { $0.compression = type }
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0...Int.random(in: 0...4, using: &generator) {
                let place = Int.random(in: RecordBatchLayout.attributes..<bytes.count, using: &generator)
                bytes[place] =
                    Bool.random(using: &generator)
                    ? UInt8.random(in: .min ... .max, using: &generator)
                    : [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &generator) ?? 0
            }
            bytes = signed(bytes)
            let taken = isTaken(bytes)
            do throws(RecordError) {
                let records = try plainRecords(bytes, outputLimit: 1 << 20)
                if taken { #expect(!records.isEmpty) }
            } catch {
                #expect(!taken, "the validator took what cannot be read: \(error)")
            }
        }
    }

    @Test func `random bytes never trap`() {
        var generator = SeededGenerator(seed: 4711)
        for round in 0..<4000 {
            var bytes = (0..<Int.random(in: 0...200, using: &generator)).map { _ in
                UInt8.random(in: .min ... .max, using: &generator)
            }
            // Most of them with a plausible length and magic, so that they get past the first look.
            if bytes.count > RecordBatchLayout.headerSize, round % 4 != 0 {
                bytes.replace(Int32(bytes.count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength)
                bytes[RecordBatchLayout.magic] = UInt8(round % 3)
                if round % 3 != 2 {
                    bytes.replace(BatchChecksum.compute(bytes.span.bytes), at: LegacyMessageLayout.crc)
                } else {
                    bytes.replace(Int32.random(in: -1...5, using: &generator), at: RecordBatchLayout.recordCount)
                    bytes = signed(bytes)
                }
            }
            _ = isTaken(bytes)
            do throws(RecordError) { _ = try plainRecords(bytes, outputLimit: 1 << 20) } catch {}
        }
    }
}
