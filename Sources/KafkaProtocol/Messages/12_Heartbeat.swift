public import KafkaModel

// swift-format-ignore
public struct HeartbeatRequest: RequestMessage {
    public typealias Response = HeartbeatResponse
    public static var api: APIKey { .heartbeat }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var groupId:         String  = ""
    public var generationId:    Int32   = 0
    public var memberId:        String  = ""
    public var groupInstanceId: String? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",         &groupId,         0...)
        try wire.field("GenerationId",    &generationId,    0...)
        try wire.field("MemberId",        &memberId,        0...)
        try wire.field("GroupInstanceId", &groupInstanceId, 3..., nullable: 3...)
    }
}

// swift-format-ignore
public struct HeartbeatResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var throttleTimeMs: Int32 = 0
    public var errorCode:      Int16 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("ErrorCode",      &errorCode,      0...)
    }
}
