public import Bytes

// swift-format-ignore
/// Record 15 of `__consumer_offsets`: for which partitions a share group has state in `__share_group_state`.
public struct ShareGroupStatePartitionMetadataKey: CoordinatorKey {
    public typealias Value = ShareGroupStatePartitionMetadataValue
    public static var recordType: Int16 { 15 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// Partitions whose state is being made, is there, or is being deleted.
public struct ShareGroupStatePartitionMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var initializingTopics: [TopicPartitionsInfo] = []
    public var initializedTopics:  [TopicPartitionsInfo] = []
    public var deletingTopics:     [TopicInfo]           = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("InitializingTopics", &initializingTopics, 0...)
        try wire.field("InitializedTopics",  &initializedTopics,  0...)
        try wire.field("DeletingTopics",     &deletingTopics,     0...)
    }

    public struct TopicPartitionsInfo: WireStruct {
        public var topicId:    UUID    = .zero
        public var topicName:  String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",    &topicId,    0...)
            try wire.field("TopicName",  &topicName,  0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct TopicInfo: WireStruct {
        public var topicId:   UUID   = .zero
        public var topicName: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",   &topicId,   0...)
            try wire.field("TopicName", &topicName, 0...)
        }
    }
}
