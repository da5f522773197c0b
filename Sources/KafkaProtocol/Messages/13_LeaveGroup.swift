public import KafkaModel

// swift-format-ignore
public struct LeaveGroupRequest: RequestMessage {
    public typealias Response = LeaveGroupResponse
    public static var api: APIKey { .leaveGroup }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 4 }

    public var groupId:  String           = ""
    public var memberId: String           = ""
    public var members:  [MemberIdentity] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",  &groupId,  0...)
        try wire.field("MemberId", &memberId, 0...2)
        try wire.field("Members",  &members,  3...)
    }

    public struct MemberIdentity: WireStruct {
        public var memberId:        String  = ""
        public var groupInstanceId: String? = nil
        public var reason:          String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MemberId",        &memberId,        3...)
            try wire.field("GroupInstanceId", &groupInstanceId, 3..., nullable: 3...)
            try wire.field("Reason",          &reason,          5..., nullable: 5...)
        }
    }
}

// swift-format-ignore
public struct LeaveGroupResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 4 }

    public var throttleTimeMs: Int32            = 0
    public var errorCode:      Int16            = 0
    public var members:        [MemberResponse] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("Members",        &members,        3...)
    }

    public struct MemberResponse: WireStruct {
        public var memberId:        String  = ""
        public var groupInstanceId: String? = ""
        public var errorCode:       Int16   = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MemberId",        &memberId,        3...)
            try wire.field("GroupInstanceId", &groupInstanceId, 3..., nullable: 3...)
            try wire.field("ErrorCode",       &errorCode,       3...)
        }
    }
}
