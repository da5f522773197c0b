// swift-format-ignore
/// Record 10 of `__consumer_offsets`: a member of a share group (KIP-932).
public struct ShareGroupMemberMetadataKey: CoordinatorKey {
    public typealias Value = ShareGroupMemberMetadataValue
    public static var recordType: Int16 { 10 }
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
public struct ShareGroupMemberMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var rackId:               String?  = nil
    public var clientId:             String   = ""
    public var clientHost:           String   = ""
    public var subscribedTopicNames: [String] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("RackId",               &rackId,               0..., nullable: 0...)
        try wire.field("ClientId",             &clientId,             0...)
        try wire.field("ClientHost",           &clientHost,           0...)
        try wire.field("SubscribedTopicNames", &subscribedTopicNames, 0...)
    }
}
