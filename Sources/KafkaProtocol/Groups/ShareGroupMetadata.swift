// swift-format-ignore
/// Record 11 of `__consumer_offsets`: a share group.
public struct ShareGroupMetadataKey: CoordinatorKey {
    public typealias Value = ShareGroupMetadataValue
    public static var recordType: Int16 { 11 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// The epoch of the group.
public struct ShareGroupMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var epoch:        Int32 = 0
    public var metadataHash: Int64 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Epoch",        &epoch,        0...)
        try wire.field("MetadataHash", &metadataHash, 0...)
    }
}
