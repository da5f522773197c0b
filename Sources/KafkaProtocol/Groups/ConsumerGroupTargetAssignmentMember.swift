public import Bytes

// swift-format-ignore
/// Record 7 of `__consumer_offsets`: what a member shall have.
public struct ConsumerGroupTargetAssignmentMemberKey: CoordinatorKey {
    public typealias Value = ConsumerGroupTargetAssignmentMemberValue
    public static var recordType: Int16 { 7 }
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
/// The partitions the assignor gave to the member.
public struct ConsumerGroupTargetAssignmentMemberValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topicPartitions: [TopicPartition] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TopicPartitions", &topicPartitions, 0...)
    }

    public struct TopicPartition: WireStruct {
        public var topicId:    UUID    = .zero
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",    &topicId,    0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}
