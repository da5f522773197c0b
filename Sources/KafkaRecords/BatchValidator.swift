public import Bytes
internal import Compression
internal import KafkaModel

/// What a broker checks before it takes a batch.
///
/// Records are walked once, without building objects; those of a compressed batch are unpacked for it. That is by far
/// the largest cost of an append: a batch of 16 KB takes 1 microsecond by its header and checksum, and 6 (lz4), 12
/// (snappy), 19 (zstd) or 38 (gzip) with its records; 2.0, 1.0, 1.0 and 0.4 GB of plain records pass a core in a second.
/// It is paid, as Kafka pays it: a header can be signed over anything, and what it hides (records outside the bounds of
/// time, another count, bytes that do not unpack) would stop every consumer of the partition at that batch for good.
public struct BatchValidator: Sendable {
    public enum Origin: Sendable {
        /// A producer: everything is checked.
        case client
        /// The broker itself, such as a group coordinator: may write control batches and offsets of its own.
        case coordinator
    }

    public var origin = Origin.client
    /// The version of the produce request; older ones know less.
    public var produceVersion: Int16 = .max
    public var maxMessageBytes = 1_048_588
    /// Compacted topics need a key in every record.
    public var requireKeys = false
    public var timestampType = TimestampType.createTime
    public var timestampBeforeMaxMs: Int64 = .max
    public var timestampAfterMaxMs: Int64 = 3_600_000
    /// Milliseconds since 1970.
    public var now: Int64
    /// How much a batch may unpack to. Nil is 100 times its size, at least 16 MB.
    public var unpackedBytesMax: Int?

    /// How many records a refusal names. A batch of a million bad ones is not answered with a million texts.
    static let recordsNamedMax = 1000

    public init(now: Int64) { self.now = now }

    /// Checks the records of one partition in one request: exactly one whole batch.
    public func validate(_ bytes: RawSpan) throws(BatchRefusal) -> BatchSummary {
        var unpacked = ByteWriter(capacity: 16)
        return try validate(bytes, unpacked: &unpacked)
    }

    /// As above.
    ///
    /// - Parameter unpacked: is overwritten with the records of a compressed batch.
    public func validate(_ bytes: RawSpan, unpacked: inout ByteWriter) throws(BatchRefusal) -> BatchSummary {
        let header = try wholeBatch(bytes)
        guard header.isCompressed else { return try walk(bytes, from: RecordBatchLayout.headerSize, header) }
        try unpack(bytes, header, &unpacked)
        return try walk(unpacked.bytes, from: 0, header)
    }

    /// Checks what a follower got from its leader, which has validated it: sizes and checksums only.
    public static func validateReplicated(_ bytes: RawSpan) throws(BatchRefusal) -> [BatchSummary] {
        var summaries: [BatchSummary] = []
        var cursor = BatchCursor(bytes)
        while let batch = try cursor.nextOrRefusal() {
            let span = cursor.bytes(of: batch)
            try checkChecksum(span, batch.header)
            summaries.append(
                BatchSummary(header: batch.header, maxTimestamp: batch.header.maxTimestamp, maxTimestampDelta: nil))
        }
        return summaries
    }

    // The order of the checks is Kafka's: what kind of request this is, its size, its checksum, then its contents.
    private func wholeBatch(_ bytes: RawSpan) throws(BatchRefusal) -> BatchHeader {
        var cursor = BatchCursor(bytes)
        guard let batch = try cursor.nextOrRefusal() else {
            throw BatchRefusal(.invalidRecord, "A partition in a produce request needs one whole record batch")
        }
        let header = batch.header
        guard header.magic == 2 else { throw wrongMagic(header) }
        if produceVersion < 7 && header.compression == .zstd {
            throw BatchRefusal(
                .unsupportedCompressionType, "Produce requests before version 7 may not carry zstd batches")
        }
        guard cursor.remaining == 0 else {
            throw BatchRefusal(.invalidRecord, "A partition in a produce request may have only one record batch")
        }
        if origin == .client && header.baseOffset != 0 {
            throw BatchRefusal(.invalidRecord, "The base offset of a new batch is \(header.baseOffset) and must be 0")
        }
        guard header.sizeInBytes <= maxMessageBytes else {
            throw BatchRefusal(
                .messageTooLarge,
                "The batch of \(header.sizeInBytes) bytes is larger than the \(maxMessageBytes) allowed")
        }
        try Self.checkChecksum(bytes, header)
        try checkFields(header)
        return header
    }

    private func wrongMagic(_ header: BatchHeader) -> BatchRefusal {
        guard produceVersion >= 3 else {
            return BatchRefusal(
                .unsupportedForMessageFormat, "Message format \(header.magic) can be read but no longer be written")
        }
        return BatchRefusal(.invalidRecord, "The batch has message format \(header.magic); only 2 may be produced")
    }

    private static func checkChecksum(_ bytes: RawSpan, _ header: BatchHeader) throws(BatchRefusal) {
        let computed = BatchChecksum.compute(bytes)
        guard computed == header.crc else {
            let error = RecordError.crcMismatch(stored: header.crc, computed: computed)
            throw BatchRefusal(.corruptMessage, capitalized(error))
        }
    }

    private func checkFields(_ header: BatchHeader) throws(BatchRefusal) {
        guard header.recordCount > 0 else {
            throw BatchRefusal(.invalidRecord, "The batch states \(header.recordCount) records")
        }
        guard Int64(header.lastOffsetDelta) + 1 == Int64(header.recordCount) else {
            throw BatchRefusal(
                .invalidRecord,
                "The batch states \(header.recordCount) records and a last offset delta of \(header.lastOffsetDelta)")
        }
        guard header.compression != nil else {
            throw BatchRefusal(
                .unsupportedCompressionType, "The batch has the unknown compression type \(header.compressionID)")
        }
        guard origin == .client else { return }
        if header.isControl {
            throw BatchRefusal(.invalidRecord, "Clients may not write control batches")
        }
        if header.timestampType == .logAppendTime {
            throw BatchRefusal(.invalidTimestamp, "Producers may not set the timestamp type to LogAppendTime")
        }
        if header.hasProducerID {
            guard header.baseSequence >= 0 else {
                throw BatchRefusal(
                    .invalidRecord,
                    "The batch of producer \(header.producerID) has the invalid sequence \(header.baseSequence)")
            }
            guard header.producerEpoch >= 0 else {
                throw BatchRefusal(
                    .invalidRecord,
                    "The batch of producer \(header.producerID) has the invalid epoch \(header.producerEpoch)")
            }
        } else if header.isTransactional {
            throw BatchRefusal(.invalidRecord, "A transactional batch needs a producer id")
        }
    }

    private func unpack(
        _ bytes: RawSpan, _ header: BatchHeader, _ unpacked: inout ByteWriter
    ) throws(BatchRefusal) {
        guard let type = header.compression else {
            throw BatchRefusal(.unsupportedCompressionType, "The batch has an unknown compression type")
        }
        let limit = unpackedBytesMax ?? max(16 << 20, 100 * bytes.byteCount)
        unpacked.clear()
        do throws(CompressionError) {
            let packed = bytes.extracting(droppingFirst: RecordBatchLayout.headerSize)
            try Compression.decompress(packed, type, outputLimit: limit, into: &unpacked)
        } catch {
            switch error {
            case .outputLimitExceeded:
                // A producer answers this code by splitting its batch, which is what helps.
                throw BatchRefusal(.messageTooLarge, "The batch unpacks to more than \(limit) bytes")
            case .corrupt, .truncated:
                throw BatchRefusal(.corruptMessage, "The batch cannot be unpacked: \(error)")
            case .failed, .invalidLevel:
                throw BatchRefusal(.unknownServerError, "The batch cannot be unpacked: \(error)")
            }
        }
    }

    /// Walks the records and checks structure, offsets, timestamps and keys.
    private func walk(
        _ bytes: RawSpan, from start: Int, _ header: BatchHeader
    ) throws(BatchRefusal) -> BatchSummary {
        let base = header.baseTimestamp
        let checksTime = timestampType == .createTime && origin == .client
        // Everything between these two is in range; both are inside it unless now is absurd.
        let earliest = subtractingClamped(now, timestampBeforeMaxMs)
        let latest = addingClamped(now, timestampAfterMaxMs)
        let requireKeys = requireKeys
        var maxTimestamp: Int64 = -1
        var maxTimestampDelta: Int32 = 0
        var index: Int32 = 0
        var refused = RefusedRecords()
        var scanner = RecordScanner(bytes, from: start)
        do throws(RecordFault) {
            while index < header.recordCount && refused.count < Self.recordsNamedMax {
                let record = try scanner.next()
                guard record.offsetDelta == index else { throw .offsetOutOfOrder }
                let timestamp = base &+ record.timestampDelta
                if timestamp > maxTimestamp {
                    maxTimestamp = timestamp
                    maxTimestampDelta = index
                }
                if requireKeys && record.keyLength < 0 {
                    refused.keyless(index)
                } else if checksTime && timestamp != -1 && (timestamp < earliest || timestamp > latest) {
                    refused.outOfRange(index, timestamp, earliest, latest)
                }
                index &+= 1
            }
            if refused.isEmpty && !scanner.isAtEnd { throw .trailingBytes }
        } catch {
            throw BatchRefusal(
                .invalidRecord, Self.capitalized(RecordError.invalidRecord(index: Int(index), reason: error)),
                recordIndex: Int(index))
        }
        if let refusal = refused.refusal { throw refusal }
        return BatchSummary(header: header, maxTimestamp: maxTimestamp, maxTimestampDelta: maxTimestampDelta)
    }

    private static func capitalized(_ error: RecordError) -> String {
        let text = error.description
        return text.prefix(1).uppercased() + text.dropFirst()
    }
}

/// The records of a batch that break a rule of their topic.
private struct RefusedRecords {
    private var records: [RecordRefusal] = []
    private var breaksTimestamps = false

    var count: Int { records.count }
    var isEmpty: Bool { records.isEmpty }

    mutating func keyless(_ index: Int32) {
        add(index, "Record \(index) has no key, which a compacted topic needs")
    }

    mutating func outOfRange(_ index: Int32, _ timestamp: Int64, _ earliest: Int64, _ latest: Int64) {
        breaksTimestamps = true
        add(index, "Record \(index) has the timestamp \(timestamp), which is not within [\(earliest), \(latest)]")
    }

    private mutating func add(_ index: Int32, _ message: String) {
        records.append(RecordRefusal(index: Int(index), message: message))
    }

    /// Nil where there are none. A timestamp decides the code, as in Kafka.
    var refusal: BatchRefusal? {
        guard let first = records.first else { return nil }
        let others = records.count == 1 ? "" : ", and \(records.count - 1) more records are refused"
        return BatchRefusal(
            breaksTimestamps ? .invalidTimestamp : .invalidRecord, first.message + others, records: records)
    }
}

extension BatchCursor {
    @_lifetime(self: copy self)
    fileprivate mutating func nextOrRefusal() throws(BatchRefusal) -> LocatedBatch? {
        do throws(RecordError) {
            return try next()
        } catch {
            throw BatchRefusal(.corruptMessage, "There is no record batch at position \(position): \(error)")
        }
    }
}

private func subtractingClamped(_ left: Int64, _ right: Int64) -> Int64 {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? (right > 0 ? .min : .max) : difference
}

private func addingClamped(_ left: Int64, _ right: Int64) -> Int64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? (right > 0 ? .max : .min) : sum
}
