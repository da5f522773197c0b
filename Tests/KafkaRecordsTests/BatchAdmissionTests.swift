import Bytes
import Compression
import KafkaModel
import KafkaRecords
import Testing

/// What becomes of a producer's batch before it is appended, in every pair of codecs.
@Suite struct BatchAdmissionTests {
    static let now: Int64 = 1_700_000_000_500
    static let pairs = CompressionType.allCases.flatMap { source in
        CompressionType.allCases.map { (source, $0) }
    }

    private func admission(
        _ target: CompressionTarget, _ change: (inout BatchValidator) -> Void = { _ in }
    ) -> BatchAdmission {
        var validator = BatchValidator(now: Self.now)
        change(&validator)
        return BatchAdmission(validator, target: target)
    }

    /// What is appended in the end.
    private func admitted(_ bytes: [UInt8], _ admission: BatchAdmission) throws(BatchRefusal) -> [UInt8] {
        var bytes = bytes
        var span = bytes.mutableSpan
        var batch = span.mutableBytes
        if let rewritten = try admission.admit(&batch) { return Array(rewritten.bytes) }
        return bytes
    }

    private func refusal(_ bytes: [UInt8], _ admission: BatchAdmission) -> BatchRefusal? {
        do throws(BatchRefusal) {
            _ = try admitted(bytes, admission)
            return nil
        } catch { return error }
    }

    @Test(arguments: pairs)
    func `a batch has the records, the producer and the times it had`(
        source: CompressionType, target: CompressionType
    ) throws {
        let batch = try sampleBatch(40) {
            $0.compression = source
            $0.producerID = 7
            $0.producerEpoch = 3
            $0.baseSequence = Int32.max - 5
            $0.isTransactional = true
            $0.leaderEpoch = 9
        }
        let result = try admitted(batch, admission(.codec(target, level: nil)))
        #expect(try plainRecords(result) == plainRecords(batch))
        let isValid = BatchChecksum.isValid(result.span.bytes)
        #expect(isValid)
        var expected = try BatchHeader(batch.span.bytes)
        let header = try BatchHeader(result.span.bytes)
        #expect(header.compression == target)
        #expect(header.sizeInBytes == result.count)
        expected.batchLength = header.batchLength
        expected.crc = header.crc
        expected.attributes = header.attributes
        #expect(header == expected)
        #expect(header.isTransactional)
        if source == target { #expect(result == batch) }
    }

    @Test(arguments: CompressionType.allCases)
    func `the producer's codec is kept where the topic says so`(type: CompressionType) throws {
        let batch = try sampleBatch(9) { $0.compression = type }
        #expect(try admitted(batch, admission(.producer)) == batch)
    }

    @Test func `the level makes the size, and the same codec is left alone whatever its level`() throws {
        var builder = RecordBatchBuilder()
        var generator = SeededGenerator(seed: 5)
        for _ in 0..<400 {
            let words = (0..<20).map { _ in ["alpha", "beta", "gamma", "delta"].randomElement(using: &generator)! }
            try builder.append(timestamp: Self.now, key: nil, value: Array(words.joined().utf8))
        }
        let batch = try builder.finish()
        func size(_ type: CompressionType, _ level: Int) throws -> Int {
            try admitted(batch, admission(.codec(type, level: level))).count
        }
        #expect(try size(.gzip, 9) < size(.gzip, 1))
        #expect(try size(.zstd, 19) < size(.zstd, -50))
        #expect(try size(.lz4, 17) < size(.lz4, 9))
        let packed = try admitted(batch, admission(.codec(.zstd, level: 1)))
        #expect(try admitted(packed, admission(.codec(.zstd, level: 19))) == packed)
    }

    @Test(arguments: pairs)
    func `a wrong largest timestamp is put right on the way`(source: CompressionType, target: CompressionType) throws {
        var batch = try sampleBatch(6) { $0.compression = source }
        let stated = try BatchHeader(batch.span.bytes).maxTimestamp
        batch.replace(Int64(-1), at: RecordBatchLayout.maxTimestamp)
        let result = try admitted(signed(batch), admission(.codec(target, level: nil)))
        let isValid = BatchChecksum.isValid(result.span.bytes)
        #expect(isValid)
        #expect(try BatchHeader(result.span.bytes).maxTimestamp == stated)
        // Under LogAppendTime the broker's time takes its place anyway.
        let stamped = try admitted(signed(batch), admission(.producer) { $0.timestampType = .logAppendTime })
        #expect(try BatchHeader(stamped.span.bytes).maxTimestamp == -1)
    }

    @Test func `the size limit holds for the batch as it comes and as it is kept`() throws {
        var builder = RecordBatchBuilder(
            {
                var fields = RecordBatchBuilder.Fields()
                fields.compression = .zstd
                return fields
            }())
        try builder.append(timestamp: Self.now, key: nil, value: [UInt8](repeating: 7, count: 5000))
        let packed = try builder.finish()
        #expect(packed.count < 200)
        let limit: (inout BatchValidator) -> Void = { $0.maxMessageBytes = 1000 }
        #expect(refusal(packed, admission(.producer, limit)) == nil)
        #expect(refusal(packed, admission(.codec(.gzip, level: nil), limit)) == nil)
        #expect(refusal(packed, admission(.codec(.none, level: nil), limit))?.code == .messageTooLarge)
        let plain = try admitted(packed, admission(.codec(.none, level: nil)))
        #expect(refusal(plain, admission(.codec(.zstd, level: nil), limit))?.code == .messageTooLarge)
        // The sizes are exact.
        let size = plain.count
        let exact = admission(.codec(.none, level: nil)) { $0.maxMessageBytes = size }
        #expect(refusal(packed, exact) == nil)
        let less = admission(.codec(.none, level: nil)) { $0.maxMessageBytes = size - 1 }
        #expect(refusal(packed, less)?.code == .messageTooLarge)
    }

    @Test(arguments: CompressionType.allCases.dropFirst())
    func `a batch that unpacks beyond the bound is refused before it is written again`(type: CompressionType) throws {
        var builder = RecordBatchBuilder(
            {
                var fields = RecordBatchBuilder.Fields()
                fields.compression = type
                return fields
            }())
        try builder.append(timestamp: Self.now, key: nil, value: [UInt8](repeating: 0, count: 3 << 20))
        let bomb = try builder.finish()
        let bounded = admission(.codec(.none, level: nil)) {
            $0.unpackedBytesMax = 1 << 20
            $0.maxMessageBytes = 8 << 20
        }
        #expect(refusal(bomb, bounded)?.code == .messageTooLarge)
    }

    @Test(arguments: CompressionType.allCases)
    func `a forged batch is not written again`(type: CompressionType) throws {
        let target = admission(.codec(type == .gzip ? .lz4 : .gzip, level: nil))
        let batch = try sampleBatch(12) { $0.compression = type }
        for count in 0..<batch.count {
            #expect(refusal(Array(batch.prefix(count)), target) != nil)
            guard count > RecordBatchLayout.headerSize else { continue }
            var cut = Array(batch.prefix(count))
            cut.replace(Int32(count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength)
            let found = refusal(signed(cut), target)
            // What a codec leaves out at its end may be a checksum that nobody needs.
            if found == nil { #expect(try plainRecords(cut) == plainRecords(batch)) }
        }
        for extra in [[0], [UInt8](repeating: 1, count: 30)] {
            var longer = batch + extra
            longer.replace(Int32(longer.count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength)
            // Java's readers of gzip and LZ4 stop behind the first stream, and so do these.
            if type != .gzip && type != .lz4 { #expect(refusal(signed(longer), target) != nil) }
        }
    }

    @Test func `control batches are never touched`() throws {
        var writer = ByteWriter()
        try EndTransactionMarker(type: .commit, coordinatorEpoch: 1)
            .writeBatch(timestamp: Self.now, producerID: 4, producerEpoch: 0, into: &writer)
        let marker = Array(writer.bytes)
        let result = try admitted(marker, admission(.codec(.lz4, level: nil)) { $0.origin = .coordinator })
        #expect(result == marker)
    }

    @Test func `what is wrong with the writer's wish leaves the writer as it was`() throws {
        let batch = try sampleBatch()
        let rewriter = BatchRewriter(.zstd, level: 99)
        var writer = ByteWriter()
        writer.int32(7)
        #expect(throws: RecordError.compression(.invalidLevel(.zstd, 99))) {
            try rewriter.rewrite(
                batch.span.bytes, unpacked: batch.span.bytes.extracting(droppingFirst: 61), into: &writer)
        }
        let count = writer.count
        #expect(count == 4)
    }
}
