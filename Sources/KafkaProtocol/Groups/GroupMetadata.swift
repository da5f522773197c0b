// swift-format-ignore
/// Record 2 of `__consumer_offsets`: a group of the classic protocol.
public struct GroupMetadataKey: CoordinatorKey {
    public typealias Value = GroupMetadataValue
    public static var recordType: Int16 { 2 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var group: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("group", &group, 0...0)
    }
}

// swift-format-ignore
/// The group after a rebalance; the bytes of its members are those of the protocol its type names.
public struct GroupMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var protocolType:          String           = ""
    public var generation:            Int32            = 0
    public var protocolName:          String?          = nil
    public var leader:                String?          = nil
    public var currentStateTimestamp: Int64            = -1
    public var members:               [MemberMetadata] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("protocolType",          &protocolType,          0...)
        try wire.field("generation",            &generation,            0...)
        try wire.field("protocol",              &protocolName,          0..., nullable: 0...)
        try wire.field("leader",                &leader,                0..., nullable: 0...)
        try wire.field("currentStateTimestamp", &currentStateTimestamp, 2...)
        try wire.field("members",               &members,               0...)
    }

    public struct MemberMetadata: WireStruct {
        public var memberId:         String  = ""
        public var groupInstanceId:  String? = nil
        public var clientId:         String  = ""
        public var clientHost:       String  = ""
        public var rebalanceTimeout: Int32   = -1
        public var sessionTimeout:   Int32   = 0
        public var subscription:     [UInt8] = []
        public var assignment:       [UInt8] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("memberId",         &memberId,         0...)
            try wire.field("groupInstanceId",  &groupInstanceId,  3..., nullable: 3...)
            try wire.field("clientId",         &clientId,         0...)
            try wire.field("clientHost",       &clientHost,       0...)
            try wire.field("rebalanceTimeout", &rebalanceTimeout, 1...)
            try wire.field("sessionTimeout",   &sessionTimeout,   0...)
            try wire.field("subscription",     &subscription,     0...)
            try wire.field("assignment",       &assignment,       0...)
        }
    }
}
