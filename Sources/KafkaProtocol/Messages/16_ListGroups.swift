public import KafkaModel

// swift-format-ignore
public struct ListGroupsRequest: RequestMessage {
    public typealias Response = ListGroupsResponse
    public static var api: APIKey { .listGroups }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var statesFilter: [String] = []
    public var typesFilter:  [String] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("StatesFilter", &statesFilter, 4...)
        try wire.field("TypesFilter",  &typesFilter,  5...)
    }
}

// swift-format-ignore
public struct ListGroupsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var throttleTimeMs: Int32         = 0
    public var errorCode:      Int16         = 0
    public var groups:         [ListedGroup] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("Groups",         &groups,         0...)
    }

    public struct ListedGroup: WireStruct {
        public var groupId:      String = ""
        public var protocolType: String = ""
        public var groupState:   String = ""
        public var groupType:    String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("GroupId",      &groupId,      0...)
            try wire.field("ProtocolType", &protocolType, 0...)
            try wire.field("GroupState",   &groupState,   4...)
            try wire.field("GroupType",    &groupType,    5...)
        }
    }
}
