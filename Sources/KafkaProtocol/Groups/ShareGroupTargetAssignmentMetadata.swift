// swift-format-ignore
/// Record 12 of `__consumer_offsets`: which epoch of a share group the target assignment is for.
public struct ShareGroupTargetAssignmentMetadataKey: CoordinatorKey {
    public typealias Value = ShareGroupTargetAssignmentMetadataValue
    public static var recordType: Int16 { 12 }
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
public struct ShareGroupTargetAssignmentMetadataValue: WireMessage {
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
