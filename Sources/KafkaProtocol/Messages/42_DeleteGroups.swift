public import KafkaModel

// swift-format-ignore
public struct DeleteGroupsRequest: RequestMessage {
    public typealias Response = DeleteGroupsResponse
    public static var api: APIKey { .deleteGroups }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var groupsNames: [String] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupsNames", &groupsNames, 0...)
    }
}

// swift-format-ignore
public struct DeleteGroupsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                  = 0
    public var results:        [DeletableGroupResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct DeletableGroupResult: WireStruct {
        public var groupId:   String = ""
        public var errorCode: Int16  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("GroupId",   &groupId,   0...)
            try wire.field("ErrorCode", &errorCode, 0...)
        }
    }
}
