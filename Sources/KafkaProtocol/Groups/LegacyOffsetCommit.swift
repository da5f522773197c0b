// swift-format-ignore
/// Record 0 of `__consumer_offsets`: a committed offset as it was written before Kafka 0.9.
public struct LegacyOffsetCommitKey: CoordinatorKey {
    public typealias Value = LegacyOffsetCommitValue
    public static var recordType: Int16 { 0 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var group:     String = ""
    public var topic:     String = ""
    public var partition: Int32  = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("group",     &group,     0...0)
        try wire.field("topic",     &topic,     0...0)
        try wire.field("partition", &partition, 0...0)
    }
}

// swift-format-ignore
/// The value of a commit of old.
public struct LegacyOffsetCommitValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var offset:          Int64  = 0
    public var metadata:        String = ""
    public var commitTimestamp: Int64  = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("offset",          &offset,          0...0)
        try wire.field("metadata",        &metadata,        0...0)
        try wire.field("commitTimestamp", &commitTimestamp, 0...0)
    }
}
