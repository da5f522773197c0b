public import KafkaModel

// swift-format-ignore
/// Key 11. What the metadata of a protocol means is between the members.
public struct JoinGroupRequest: RequestMessage {
    public typealias Response = JoinGroupResponse
    public static var api: APIKey { .joinGroup }
    public static var versions: ClosedRange<Int16> { 0...9 }
    public static var flexibleFrom: Int16? { 6 }

    public var groupId:            String                     = ""
    public var sessionTimeoutMs:   Int32                      = 0
    public var rebalanceTimeoutMs: Int32                      = -1
    public var memberId:           String                     = ""
    public var groupInstanceId:    String?                    = nil
    public var protocolType:       String                     = ""
    public var protocols:          [JoinGroupRequestProtocol] = []
    public var reason:             String?                    = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",            &groupId,            0...)
        try wire.field("SessionTimeoutMs",   &sessionTimeoutMs,   0...)
        try wire.field("RebalanceTimeoutMs", &rebalanceTimeoutMs, 1...)
        try wire.field("MemberId",           &memberId,           0...)
        try wire.field("GroupInstanceId",    &groupInstanceId,    5..., nullable: 5...)
        try wire.field("ProtocolType",       &protocolType,       0...)
        try wire.field("Protocols",          &protocols,          0...)
        try wire.field("Reason",             &reason,             8..., nullable: 8...)
    }

    public struct JoinGroupRequestProtocol: WireStruct {
        public var name:     String  = ""
        public var metadata: [UInt8] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",     &name,     0...)
            try wire.field("Metadata", &metadata, 0...)
        }
    }
}

// swift-format-ignore
public struct JoinGroupResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...9 }
    public static var flexibleFrom: Int16? { 6 }

    public var throttleTimeMs: Int32                     = 0
    public var errorCode:      Int16                     = 0
    public var generationId:   Int32                     = -1
    public var protocolType:   String?                   = nil
    public var protocolName:   String?                   = ""
    public var leader:         String                    = ""
    public var skipAssignment: Bool                      = false
    public var memberId:       String                    = ""
    public var members:        [JoinGroupResponseMember] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 2...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("GenerationId",   &generationId,   0...)
        try wire.field("ProtocolType",   &protocolType,   7..., nullable: 7...)
        try wire.field("ProtocolName",   &protocolName,   0..., nullable: 7...)
        try wire.field("Leader",         &leader,         0...)
        try wire.field("SkipAssignment", &skipAssignment, 9...)
        try wire.field("MemberId",       &memberId,       0...)
        try wire.field("Members",        &members,        0...)
    }

    public struct JoinGroupResponseMember: WireStruct {
        public var memberId:        String  = ""
        public var groupInstanceId: String? = nil
        public var metadata:        [UInt8] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MemberId",        &memberId,        0...)
            try wire.field("GroupInstanceId", &groupInstanceId, 5..., nullable: 5...)
            try wire.field("Metadata",        &metadata,        0...)
        }
    }
}
