internal import Bytes
internal import Compression
internal import KafkaModel

/// What a broker checks before it takes a batch.
///
/// Records of an uncompressed batch are walked once, without building objects. A compressed batch is taken by its
/// header and checksum alone, unless its records must be seen (`requireKeys`, `inspectCompressed`): its count is then
/// the writer's word, and its timestamps are checked by the two in the header.
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
    /// Whether compressed batches are unpacked and walked even if nothing needs it.
    public var inspectCompressed = false
    /// How much a batch may unpack to where it must be unpacked. Nil is 100 times its size, at least 16 MB.
    public var unpackedBytesMax: Int?

    public init(now: Int64) { self.now = now }

    /// Checks the records of one partition in one request: exactly one whole batch.
    public func validate(_ bytes: RawSpan) throws(BatchRefusal) -> BatchSummary {
        let header = try wholeBatch(bytes)
        guard header.isCompressed else { return try walk(bytes, from: RecordBatchLayout.headerSize, header) }
        guard requireKeys || inspectCompressed else {
            try checkStatedTimestamps(header)
            return BatchSummary(header: header, maxTimestamp: header.maxTimestamp, maxTimestampDelta: nil)
        }
        var scratch = ByteWriter(capacity: 4 * bytes.byteCount)
        return try unpackAndWalk(bytes, header, &scratch)
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

    private func unpackAndWalk(
        _ bytes: RawSpan, _ header: BatchHeader, _ scratch: inout ByteWriter
    ) throws(BatchRefusal) -> BatchSummary {
        guard let type = header.compression else {
            throw BatchRefusal(.unsupportedCompressionType, "The batch has an unknown compression type")
        }
        let limit = unpackedBytesMax ?? max(16 << 20, 100 * bytes.byteCount)
        do throws(CompressionError) {
            let packed = bytes.extracting(droppingFirst: RecordBatchLayout.headerSize)
            try Compression.decompress(packed, type, outputLimit: limit, into: &scratch)
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
        return try walk(scratch.bytes, from: 0, header)
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
        var refusal: BatchRefusal?
        var scanner = RecordScanner(bytes, from: start)
        do throws(RecordFault) {
            while index < header.recordCount {
                let record = try scanner.next()
                guard record.offsetDelta == index else { throw .offsetOutOfOrder }
                let timestamp = base &+ record.timestampDelta
                if timestamp > maxTimestamp {
                    maxTimestamp = timestamp
                    maxTimestampDelta = index
                }
                if requireKeys && record.keyLength < 0 {
                    refusal = BatchRefusal(
                        .invalidRecord, "Record \(index) has no key, which a compacted topic needs",
                        recordIndex: Int(index))
                    break
                }
                if checksTime && timestamp != -1 && (timestamp < earliest || timestamp > latest) {
                    refusal = outOfRange(timestamp, recordIndex: Int(index))
                    break
                }
                index &+= 1
            }
            if refusal == nil && !scanner.isAtEnd { throw .trailingBytes }
        } catch {
            throw BatchRefusal(
                .invalidRecord, Self.capitalized(RecordError.invalidRecord(index: Int(index), reason: error)),
                recordIndex: Int(index))
        }
        if let refusal { throw refusal }
        return BatchSummary(header: header, maxTimestamp: maxTimestamp, maxTimestampDelta: maxTimestampDelta)
    }

    private func checkStatedTimestamps(_ header: BatchHeader) throws(BatchRefusal) {
        guard timestampType == .createTime, origin == .client else { return }
        let earliest = subtractingClamped(now, timestampBeforeMaxMs)
        let latest = addingClamped(now, timestampAfterMaxMs)
        for timestamp in [header.baseTimestamp, header.maxTimestamp] where timestamp != -1 {
            guard timestamp >= earliest, timestamp <= latest else { throw outOfRange(timestamp, recordIndex: nil) }
        }
    }

    private func outOfRange(_ timestamp: Int64, recordIndex: Int?) -> BatchRefusal {
        let earliest = subtractingClamped(now, timestampBeforeMaxMs)
        let latest = addingClamped(now, timestampAfterMaxMs)
        return BatchRefusal(
            .invalidTimestamp, "Timestamp \(timestamp) is not within [\(earliest), \(latest)]",
            recordIndex: recordIndex)
    }

    private static func capitalized(_ error: RecordError) -> String {
        let text = error.description
        return text.prefix(1).uppercased() + text.dropFirst()
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
