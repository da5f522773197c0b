/// Walks over batches that lie one behind the other, as in a segment or a fetch response, by their headers alone.
public struct BatchCursor: ~Escapable {
    let span: RawSpan

    /// Where the next batch begins.
    public private(set) var position = 0

    @_lifetime(copy bytes)
    public init(_ bytes: RawSpan) { self.span = bytes }

    /// The bytes behind the last whole batch, once `next()` has returned nil: the beginning of another one, cut off.
    public var remaining: Int { span.byteCount - position }

    /// The next whole batch, or nil at the end or where the rest is only a part of one. Throws where no batch can
    /// begin; the position then stays in front of it. The checksum is not looked at.
    @_lifetime(self: copy self)
    public mutating func next() throws(RecordError) -> LocatedBatch? {
        let rest = span.extracting(droppingFirst: position)
        guard rest.byteCount >= RecordBatchLayout.magicEnd else { return nil }
        let header: BatchHeader
        do throws(RecordError) {
            header = try BatchHeader(rest)
        } catch {
            if error == .truncated { return nil }
            throw error
        }
        guard rest.byteCount >= header.sizeInBytes else { return nil }
        let range = position..<position + header.sizeInBytes
        position = range.upperBound
        return LocatedBatch(header: header, range: range)
    }

    @_lifetime(copy self)
    public func bytes(of batch: LocatedBatch) -> RawSpan { span.extracting(batch.range) }
}

/// A batch and where it lies in the bytes it was found in.
public struct LocatedBatch: Sendable, Equatable {
    public var header: BatchHeader
    public var range: Range<Int>
}
