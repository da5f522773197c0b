public import KafkaModel

// swift-format-ignore
public struct SyncGroupRequest: RequestMessage {
    public typealias Response = SyncGroupResponse
    public static var api: APIKey { .syncGroup }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 4 }

    public var groupId:         String                       = ""
    public var generationId:    Int32                        = 0
    public var memberId:        String                       = ""
    public var groupInstanceId: String?                      = nil
    public var protocolType:    String?                      = nil
    public var protocolName:    String?                      = nil
    public var assignments:     [SyncGroupRequestAssignment] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",         &groupId,         0...)
        try wire.field("GenerationId",    &generationId,    0...)
        try wire.field("MemberId",        &memberId,        0...)
        try wire.field("GroupInstanceId", &groupInstanceId, 3..., nullable: 3...)
        try wire.field("ProtocolType",    &protocolType,    5..., nullable: 5...)
        try wire.field("ProtocolName",    &protocolName,    5..., nullable: 5...)
        try wire.field("Assignments",     &assignments,     0...)
    }

    public struct SyncGroupRequestAssignment: WireStruct {
        public var memberId:   String  = ""
        public var assignment: [UInt8] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MemberId",   &memberId,   0...)
            try wire.field("Assignment", &assignment, 0...)
        }
    }
}

// swift-format-ignore
public struct SyncGroupResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 4 }

    public var throttleTimeMs: Int32   = 0
    public var errorCode:      Int16   = 0
    public var protocolType:   String? = nil
    public var protocolName:   String? = nil
    public var assignment:     [UInt8] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ProtocolType",   &protocolType,   5..., nullable: 5...)
        try wire.field("ProtocolName",   &protocolName,   5..., nullable: 5...)
        try wire.field("Assignment",     &assignment,     0...)
    }
}
