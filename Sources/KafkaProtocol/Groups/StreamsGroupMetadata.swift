// swift-format-ignore
/// Record 17 of `__consumer_offsets`: a streams group (KIP-1071).
public struct StreamsGroupMetadataKey: CoordinatorKey {
    public typealias Value = StreamsGroupMetadataValue
    public static var recordType: Int16 { 17 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// The epoch of the group, and what its assignment was made with.
public struct StreamsGroupMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var epoch:                  Int32                   = 0
    public var metadataHash:           Int64                   = 0
    public var validatedTopologyEpoch: Int32                   = -1
    public var lastAssignmentConfigs:  [LastAssignmentConfig]? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Epoch",        &epoch,        0...)
        try wire.field("MetadataHash", &metadataHash, 0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "ValidatedTopologyEpoch", &validatedTopologyEpoch, 0..., default: -1)
        try wire.tag(1, "LastAssignmentConfigs",  &lastAssignmentConfigs,  0..., nullable: 0...)
    }

    public struct LastAssignmentConfig: WireStruct {
        public var key:   String = ""
        public var value: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Key",   &key,   0...)
            try wire.field("Value", &value, 0...)
        }
    }
}
