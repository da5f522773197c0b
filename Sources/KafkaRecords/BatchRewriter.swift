public import Bytes
public import Compression

/// Writes a batch again in another codec.
///
/// The records are not touched: what they are packed into changes, and with it the length, the codec in the attributes
/// and the checksum. Producer, sequence, offsets, timestamps and the other attributes stay, so that a duplicate of an
/// idempotent producer is known again.
public struct BatchRewriter: Sendable {
    public var type: CompressionType
    /// Nil is the codec's default.
    public var level: Int?

    public init(_ type: CompressionType, level: Int? = nil) {
        self.type = type
        self.level = level
    }

    /// Appends the batch to `writer` and returns its header. On an error the writer is as it was before.
    ///
    /// - Parameters:
    ///   - batch: one whole batch of magic 2.
    ///   - records: its records, unpacked.
    @discardableResult
    public func rewrite(
        _ batch: RawSpan, unpacked records: RawSpan, into writer: inout ByteWriter
    ) throws(RecordError) -> BatchHeader {
        let header = try BatchHeader(batch)
        guard header.magic == 2 else { throw .unsupportedMagic(header.magic) }
        let start = writer.count
        writer.append(batch.extracting(first: RecordBatchLayout.headerSize))
        do throws(CompressionError) {
            try Compression.compress(records, type, level: level, into: &writer)
        } catch {
            writer.truncate(to: start)
            throw .compression(error)
        }
        let length = writer.count - start - RecordBatchLayout.logOverhead
        guard let batchLength = Int32(exactly: length) else {
            writer.truncate(to: start)
            throw .notBuildable("a batch of \(length) bytes is too large for its length field")
        }
        let attributes = header.attributes & ~BatchAttributes.compressionMask | Int16(type.rawValue)
        writer.set(batchLength, at: start + RecordBatchLayout.batchLength)
        writer.set(attributes, at: start + RecordBatchLayout.attributes)
        var span = writer.mutableBytes
        var rewritten = span._mutatingExtracting(droppingFirst: start)
        BatchAssignment.sign(&rewritten)
        return try BatchHeader(writer.bytes.extracting(droppingFirst: start))
    }
}
