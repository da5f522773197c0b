public import Bytes

// swift-format-ignore
/// Record 14 of `__consumer_offsets`: what a member of a share group has.
public struct ShareGroupCurrentMemberAssignmentKey: CoordinatorKey {
    public typealias Value = ShareGroupCurrentMemberAssignmentValue
    public static var recordType: Int16 { 14 }
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
/// The epoch the member has reached, and its partitions.
public struct ShareGroupCurrentMemberAssignmentValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var memberEpoch:         Int32             = 0
    public var previousMemberEpoch: Int32             = 0
    public var state:               Int8              = 0
    public var assignedPartitions:  [TopicPartitions] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("MemberEpoch",         &memberEpoch,         0...)
        try wire.field("PreviousMemberEpoch", &previousMemberEpoch, 0...)
        try wire.field("State",               &state,               0...)
        try wire.field("AssignedPartitions",  &assignedPartitions,  0...)
    }

    public struct TopicPartitions: WireStruct {
        public var topicId:    UUID    = .zero
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",    &topicId,    0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}
