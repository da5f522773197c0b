/// Record batches inside a message. They are never copied into the message: a decoded one says where they lie, one
/// to be encoded may leave them to somebody who sends them from a file.
public enum RecordsField: Sendable, Equatable {
    case null
    /// Positions in the span that was decoded. Encoded, it is a gap like `external`.
    case range(Range<Int>)
    case bytes([UInt8])
    /// Only the length is written; the bytes go out separately, at the place a `WireGap` names.
    case external(Int)

    public init() { self = .null }

    /// How many bytes of records there are; none for null.
    public var count: Int {
        switch self {
        case .null: 0
        case .range(let range): range.count
        case .bytes(let bytes): bytes.count
        case .external(let count): count
        }
    }
}

/// A place in an encoded message where bytes belong that were not written.
public struct WireGap: Sendable, Equatable {
    /// The position in the writer before which the bytes go.
    public var position: Int
    public var count: Int

    public init(position: Int, count: Int) {
        self.position = position
        self.count = count
    }
}
