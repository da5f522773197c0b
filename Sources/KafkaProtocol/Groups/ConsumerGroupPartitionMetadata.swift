public import Bytes

// swift-format-ignore
/// Record 4 of `__consumer_offsets`, until Kafka 4.1: the topics a group saw.
public struct ConsumerGroupPartitionMetadataKey: CoordinatorKey {
    public typealias Value = ConsumerGroupPartitionMetadataValue
    public static var recordType: Int16 { 4 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...0)
    }
}

// swift-format-ignore
/// What the topics were when the epoch was raised.
public struct ConsumerGroupPartitionMetadataValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topics: [TopicMetadata] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics", &topics, 0...)
    }

    public struct TopicMetadata: WireStruct {
        public var topicId:           UUID                = .zero
        public var topicName:         String              = ""
        public var numPartitions:     Int32               = 0
        public var partitionMetadata: [PartitionMetadata] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",           &topicId,           0...)
            try wire.field("TopicName",         &topicName,         0...)
            try wire.field("NumPartitions",     &numPartitions,     0...)
            try wire.field("PartitionMetadata", &partitionMetadata, 0...)
        }

        public struct PartitionMetadata: WireStruct {
            public var partition: Int32    = 0
            public var racks:     [String] = []

            public init() {}

            public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
                try wire.field("Partition", &partition, 0...)
                try wire.field("Racks",     &racks,     0...)
            }
        }
    }
}
