/// One record, by the places of its parts in `RecordIterator.bytes`.
public struct RecordView: Sendable, Equatable {
    /// The how-manieth record of its batch this is.
    public var index: Int
    public var offset: Int64
    /// Milliseconds; -1 is none.
    public var timestamp: Int64
    /// The sequence of an idempotent producer, or -1.
    public var sequence: Int32
    /// The whole record, its length included.
    public var range: Range<Int>
    /// Nil is a null key, which is something else than an empty one.
    public var key: Range<Int>?
    public var value: Range<Int>?
    public var headerCount: Int
    /// All headers, without their count.
    public var headers: Range<Int>
}

/// One header of a record, by the places of its parts in `RecordIterator.bytes`.
public struct RecordHeaderView: Sendable, Equatable {
    public var key: Range<Int>
    public var value: Range<Int>?
}

/// A header to be written.
public struct RecordHeader: Sendable, Equatable {
    public var key: String
    public var value: [UInt8]?

    public init(key: String, value: [UInt8]?) {
        self.key = key
        self.value = value
    }
}
