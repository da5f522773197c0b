// swift-format-ignore
/// Record 20 of `__consumer_offsets`: which epoch of a streams group the target assignment is for.
public struct StreamsGroupTargetAssignmentMetadataKey: CoordinatorKey {
    public typealias Value = StreamsGroupTargetAssignmentMetadataValue
    public static var recordType: Int16 { 20 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// The epoch for which the assignor was asked.
public struct StreamsGroupTargetAssignmentMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var assignmentEpoch:     Int32 = 0
    public var assignmentTimestamp: Int64 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("AssignmentEpoch", &assignmentEpoch, 0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "AssignmentTimestamp", &assignmentTimestamp, 0..., default: 0)
    }
}
