// swift-format-ignore
/// Record 5 of `__consumer_offsets`: a member of a consumer group.
public struct ConsumerGroupMemberMetadataKey: CoordinatorKey {
    public typealias Value = ConsumerGroupMemberMetadataValue
    public static var recordType: Int16 { 5 }
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
/// What the member said about itself; one of the classic protocol has more to say.
public struct ConsumerGroupMemberMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var instanceId:            String?                = nil
    public var rackId:                String?                = nil
    public var clientId:              String                 = ""
    public var clientHost:            String                 = ""
    public var subscribedTopicNames:  [String]               = []
    public var subscribedTopicRegex:  String?                = nil
    public var rebalanceTimeoutMs:    Int32                  = -1
    public var serverAssignor:        String?                = nil
    public var classicMemberMetadata: ClassicMemberMetadata? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("InstanceId",           &instanceId,           0..., nullable: 0...)
        try wire.field("RackId",               &rackId,               0..., nullable: 0...)
        try wire.field("ClientId",             &clientId,             0...)
        try wire.field("ClientHost",           &clientHost,           0...)
        try wire.field("SubscribedTopicNames", &subscribedTopicNames, 0...)
        try wire.field("SubscribedTopicRegex", &subscribedTopicRegex, 0..., nullable: 0...)
        try wire.field("RebalanceTimeoutMs",   &rebalanceTimeoutMs,   0...)
        try wire.field("ServerAssignor",       &serverAssignor,       0..., nullable: 0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "ClassicMemberMetadata", &classicMemberMetadata, 0..., nullable: 0...)
    }

    public struct ClassicMemberMetadata: WireStruct {
        public var sessionTimeoutMs:   Int32             = 0
        public var supportedProtocols: [ClassicProtocol] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("SessionTimeoutMs",   &sessionTimeoutMs,   0...)
            try wire.field("SupportedProtocols", &supportedProtocols, 0...)
        }

        public struct ClassicProtocol: WireStruct {
            public var name:     String  = ""
            public var metadata: [UInt8] = []

            public init() {}

            public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
                try wire.field("Name",     &name,     0...)
                try wire.field("Metadata", &metadata, 0...)
            }
        }
    }
}
