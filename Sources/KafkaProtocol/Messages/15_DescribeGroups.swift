public import KafkaModel

// swift-format-ignore
public struct DescribeGroupsRequest: RequestMessage {
    public typealias Response = DescribeGroupsResponse
    public static var api: APIKey { .describeGroups }
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleFrom: Int16? { 5 }

    public var groups:                      [String] = []
    public var includeAuthorizedOperations: Bool     = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Groups",                      &groups,                      0...)
        try wire.field("IncludeAuthorizedOperations", &includeAuthorizedOperations, 3...)
    }
}

// swift-format-ignore
public struct DescribeGroupsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleFrom: Int16? { 5 }

    public var throttleTimeMs: Int32            = 0
    public var groups:         [DescribedGroup] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("Groups",         &groups,         0...)
    }

    public struct DescribedGroup: WireStruct {
        public var errorCode:            Int16                  = 0
        public var errorMessage:         String?                = nil
        public var groupId:              String                 = ""
        public var groupState:           String                 = ""
        public var protocolType:         String                 = ""
        public var protocolData:         String                 = ""
        public var members:              [DescribedGroupMember] = []
        public var authorizedOperations: Int32                  = .min

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",            &errorCode,            0...)
            try wire.field("ErrorMessage",         &errorMessage,         6..., nullable: 6...)
            try wire.field("GroupId",              &groupId,              0...)
            try wire.field("GroupState",           &groupState,           0...)
            try wire.field("ProtocolType",         &protocolType,         0...)
            try wire.field("ProtocolData",         &protocolData,         0...)
            try wire.field("Members",              &members,              0...)
            try wire.field("AuthorizedOperations", &authorizedOperations, 3...)
        }
    }

    public struct DescribedGroupMember: WireStruct {
        public var memberId:         String  = ""
        public var groupInstanceId:  String? = nil
        public var clientId:         String  = ""
        public var clientHost:       String  = ""
        public var memberMetadata:   [UInt8] = []
        public var memberAssignment: [UInt8] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("MemberId",         &memberId,         0...)
            try wire.field("GroupInstanceId",  &groupInstanceId,  4..., nullable: 4...)
            try wire.field("ClientId",         &clientId,         0...)
            try wire.field("ClientHost",       &clientHost,       0...)
            try wire.field("MemberMetadata",   &memberMetadata,   0...)
            try wire.field("MemberAssignment", &memberAssignment, 0...)
        }
    }
}
