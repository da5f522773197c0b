/// A message of magic 0 or 1, by the places of its parts, counted from its offset field.
struct LegacyMessage {
    var header: BatchHeader
    var key: Range<Int>?
    var value: Range<Int>?

    /// Reads the message at the front of `bytes`.
    init(_ bytes: RawSpan) throws(RecordFault) {
        let header: BatchHeader
        do throws(RecordError) {
            header = try BatchHeader(bytes)
        } catch {
            throw error == .truncated ? .truncated : .invalidLength
        }
        guard header.magic < 2 else { throw .magicMismatch }
        guard header.sizeInBytes <= bytes.byteCount else { throw .truncated }
        var position = header.legacyHeaderSize
        let end = header.sizeInBytes
        self.header = header
        key = try Self.field(bytes, &position, end)
        value = try Self.field(bytes, &position, end)
        guard position == end else { throw .sizeMismatch }
    }

    private static func field(
        _ bytes: RawSpan, _ position: inout Int, _ end: Int
    ) throws(RecordFault) -> Range<Int>? {
        guard end - position >= 4 else { throw .sizeMismatch }
        let length: Int32 = bytes.loadBigEndian(at: position)
        position += 4
        if length == -1 { return nil }
        guard length >= 0 else { throw .invalidLength }
        guard end - position >= Int(length) else { throw .sizeMismatch }
        let range = position..<position + Int(length)
        position = range.upperBound
        return range
    }
}
