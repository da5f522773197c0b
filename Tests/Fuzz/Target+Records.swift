import Bytes
import Compression
import KafkaRecords

extension Target {
    /// Record batches as a producer or a damaged file may bring them. Half of the inputs get a checksum that is right,
    /// because behind a wrong one there is little to read.
    static let batches = Target(name: "batches", seeds: batchSeeds) { input, mutator in
        var bytes = input.bytes
        if mutator.random(below: 2) == 0 { repairChecksum(&bytes) }
        walk(bytes.span.bytes)
        var validator = BatchValidator(now: farFuture)
        validator.requireKeys = mutator.random(below: 2) == 0
        validator.unpackedBytesMax = unpackedBytesMax
        do {
            _ = try validator.validate(bytes.span.bytes)
            return true
        } catch {
            return false
        }
    }

    /// The same batches on their way into a topic of any codec. What is written again must be a batch of that codec
    /// that is accepted again, with the same records.
    static let admissions = Target(name: "admissions", seeds: batchSeeds) { input, mutator in
        var bytes = input.bytes
        if mutator.random(below: 4) != 0 { repairChecksum(&bytes) }
        let type = CompressionType.allCases[mutator.random(below: CompressionType.allCases.count)]
        var validator = BatchValidator(now: farFuture)
        validator.maxMessageBytes = 2 * unpackedBytesMax
        validator.unpackedBytesMax = unpackedBytesMax
        let target = CompressionTarget.codec(type, level: nil)
        _ = AdmissionCost.nanoseconds(bytes.span.bytes, target: target)
        do throws(BatchRefusal) {
            var span = bytes.mutableSpan
            var batch = span.mutableBytes
            guard let rewritten = try BatchAdmission(validator, target: target).admit(&batch) else { return true }
            let summary = try validator.validate(rewritten.bytes)
            precondition(summary.header.compression == type, "a batch has another codec than it was given")
            precondition(sums(rewritten.bytes) == sums(batch.bytes), "records changed on the way")
            return true
        } catch {
            return false
        }
    }
}

/// What the records of a batch amount to.
private func sums(_ batch: RawSpan) -> [Int64] {
    var scratch = ByteWriter()
    var sums: [Int64] = [0, 0, 0, 0]
    do throws(RecordError) {
        var records = try RecordIterator(batch, scratch: &scratch, outputLimit: unpackedBytesMax)
        while let record = try records.next() {
            sums[0] += 1
            sums[1] &+= record.offset
            sums[2] &+= record.timestamp
            sums[3] = sums[3] &* 31 &+ Int64(BatchChecksum.crc32c(records.bytes(record.range)))
        }
    } catch {
        preconditionFailure("an admitted batch cannot be read: \(error)")
    }
    return sums
}

private let unpackedBytesMax = 1 << 20
/// Later than every recorded timestamp, so that none is refused for being early.
private let farFuture: Int64 = 4_000_000_000_000

/// The batches of formats 0 to 2 inside the recorded frames, found by what a header looks like.
@Sendable private func batchSeeds(_ exchanges: [RecordedExchange]) -> [Seed] {
    var seeds: [Seed] = []
    for exchange in exchanges where exchange.request.api <= 1 {
        for frame in [exchange.request.bytes, exchange.response.bytes] {
            for start in frame.indices {
                guard let batch = wholeBatch(frame, at: start) else { continue }
                seeds.append(Seed(api: 0, version: 0, bytes: batch))
            }
        }
    }
    return seeds
}

private func wholeBatch(_ frame: [UInt8], at start: Int) -> [UInt8]? {
    guard frame.count - start > RecordBatchLayout.headerSize, frame[start + RecordBatchLayout.magic] <= 2 else {
        return nil
    }
    let rest = frame.span.bytes.extracting(droppingFirst: start)
    guard let header = try? BatchHeader(rest), header.sizeInBytes <= rest.byteCount else { return nil }
    let batch = rest.extracting(first: header.sizeInBytes)
    guard header.magic == 2, BatchChecksum.isValid(batch) else { return nil }
    // A producer counts from 0; a batch that was fetched has the offset it got.
    return [UInt8](repeating: 0, count: 8) + Array(batch).dropFirst(8)
}

private func repairChecksum(_ bytes: inout [UInt8]) {
    guard bytes.count > RecordBatchLayout.headerSize else { return }
    // The length, too, so that what was inserted or taken away does not hide the rest.
    store(UInt32(bytes.count - RecordBatchLayout.logOverhead), at: RecordBatchLayout.batchLength, &bytes)
    let checksum = BatchChecksum.compute(bytes.span.bytes)
    store(checksum, at: RecordBatchLayout.crc, &bytes)
}

private func store(_ value: UInt32, at position: Int, _ bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[position + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index)) }
}

/// Every batch, every record, every header, as a log reader would.
private func walk(_ bytes: RawSpan) {
    var cursor = BatchCursor(bytes)
    var scratch = ByteWriter()
    do {
        while let batch = try cursor.next() {
            _ = BatchChecksum.isValid(cursor.bytes(of: batch))
            var records = try RecordIterator(
                cursor.bytes(of: batch), scratch: &scratch, outputLimit: unpackedBytesMax)
            while let record = try records.next() {
                if let key = record.key { precondition(records.bytes(key).byteCount == key.count) }
                if let value = record.value { precondition(records.bytes(value).byteCount == value.count) }
                _ = try records.headers(of: record)
            }
        }
    } catch {
        return
    }
}
