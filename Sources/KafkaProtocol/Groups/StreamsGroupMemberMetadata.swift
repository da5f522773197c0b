// swift-format-ignore
/// Record 19 of `__consumer_offsets`: a member of a streams group.
public struct StreamsGroupMemberMetadataKey: CoordinatorKey {
    public typealias Value = StreamsGroupMemberMetadataValue
    public static var recordType: Int16 { 19 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId:  String = ""
    public var memberId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",  &groupId,  0...0)
        try wire.field("MemberId", &memberId, 0...0)
    }
}

// swift-format-ignore
/// What the member said about itself.
public struct StreamsGroupMemberMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var instanceId:         String?    = nil
    public var rackId:             String?    = nil
    public var clientId:           String     = ""
    public var clientHost:         String     = ""
    public var rebalanceTimeoutMs: Int32      = -1
    public var topologyEpoch:      Int32      = 0
    public var processId:          String     = ""
    public var userEndpoint:       Endpoint?  = nil
    public var clientTags:         [KeyValue] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("InstanceId",         &instanceId,         0..., nullable: 0...)
        try wire.field("RackId",             &rackId,             0..., nullable: 0...)
        try wire.field("ClientId",           &clientId,           0...)
        try wire.field("ClientHost",         &clientHost,         0...)
        try wire.field("RebalanceTimeoutMs", &rebalanceTimeoutMs, 0...)
        try wire.field("TopologyEpoch",      &topologyEpoch,      0...)
        try wire.field("ProcessId",          &processId,          0...)
        try wire.field("UserEndpoint",       &userEndpoint,       0..., nullable: 0...)
        try wire.field("ClientTags",         &clientTags,         0...)
    }

    public struct Endpoint: WireStruct {
        public var host: String = ""
        public var port: UInt16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Host", &host, 0...)
            try wire.field("Port", &port, 0...)
        }
    }

    public struct KeyValue: WireStruct {
        public var key:   String = ""
        public var value: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Key",   &key,   0...)
            try wire.field("Value", &value, 0...)
        }
    }
}
