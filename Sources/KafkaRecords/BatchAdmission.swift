public import Bytes
internal import Compression
internal import KafkaModel

/// What a topic's settings make of a producer's batch before it is given its place in the log: it is checked, its
/// header is put right, and it is written again where the topic keeps another codec.
///
/// All this needs the batch and nothing of the log, so it is done before the partition's lock is taken.
public struct BatchAdmission: Sendable {
    public var validator: BatchValidator
    public var target: CompressionTarget

    public init(_ validator: BatchValidator, target: CompressionTarget = .producer) {
        self.validator = validator
        self.target = target
    }

    /// Checks `batch`, exactly one whole batch. Returns what to append in its place, or nil where it is to be appended
    /// as it lies there now.
    public func admit(_ batch: inout MutableRawSpan) throws(BatchRefusal) -> ByteWriter? {
        var unpacked = ByteWriter(capacity: 16)
        let summary = try validator.validate(batch.bytes, unpacked: &unpacked)
        if summary.statesWrongMaxTimestamp && validator.timestampType == .createTime {
            BatchAssignment.setMaxTimestamp(&batch, summary.maxTimestamp)
        }
        guard case .codec(let type, let level) = target, target.changes(summary.header) else { return nil }
        let rewriter = BatchRewriter(type, level: level)
        if summary.header.isCompressed { return try rewrite(batch.bytes, unpacked.bytes, rewriter) }
        return try rewrite(batch.bytes, batch.bytes.extracting(droppingFirst: RecordBatchLayout.headerSize), rewriter)
    }

    private func rewrite(
        _ batch: RawSpan, _ records: RawSpan, _ rewriter: BatchRewriter
    ) throws(BatchRefusal) -> ByteWriter {
        var writer = ByteWriter(capacity: RecordBatchLayout.headerSize + records.byteCount)
        let header: BatchHeader
        do throws(RecordError) {
            header = try rewriter.rewrite(batch, unpacked: records, into: &writer)
        } catch {
            throw BatchRefusal(
                .unknownServerError, "The batch cannot be written again as \(rewriter.type.name): \(error)")
        }
        guard header.sizeInBytes <= validator.maxMessageBytes else {
            throw BatchRefusal(
                .messageTooLarge,
                "The batch has \(header.sizeInBytes) bytes once it is written again as \(rewriter.type.name), and "
                    + "\(validator.maxMessageBytes) are allowed")
        }
        return writer
    }
}
