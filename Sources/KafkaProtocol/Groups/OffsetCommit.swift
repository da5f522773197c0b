public import Bytes

// swift-format-ignore
/// Record 1 of `__consumer_offsets`: where a group stands in a partition.
public struct OffsetCommitKey: CoordinatorKey {
    public typealias Value = OffsetCommitValue
    public static var recordType: Int16 { 1 }
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
/// The committed offset. Without a value, the commit expired or was deleted.
public struct OffsetCommitValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var offset:          Int64  = 0
    public var leaderEpoch:     Int32  = -1
    public var metadata:        String = ""
    public var commitTimestamp: Int64  = 0
    public var expireTimestamp: Int64  = -1
    public var topicId:         UUID   = .zero

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("offset",          &offset,          0...)
        try wire.field("leaderEpoch",     &leaderEpoch,     3...)
        try wire.field("metadata",        &metadata,        0...)
        try wire.field("commitTimestamp", &commitTimestamp, 0...)
        try wire.field("expireTimestamp", &expireTimestamp, 1...1)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "topicId", &topicId, 4..., default: .zero)
    }
}
