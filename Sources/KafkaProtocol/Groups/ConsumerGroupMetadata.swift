// swift-format-ignore
/// Record 3 of `__consumer_offsets`: a group of the consumer protocol (KIP-848).
public struct ConsumerGroupMetadataKey: CoordinatorKey {
    public typealias Value = ConsumerGroupMetadataValue
    public static var recordType: Int16 { 3 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// The epoch of the group, which every change of members or topics raises.
public struct ConsumerGroupMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var epoch:        Int32 = 0
    public var metadataHash: Int64 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Epoch", &epoch, 0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "MetadataHash", &metadataHash, 0..., default: 0)
    }
}
