public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 75: topics page by page; the cursor of an answer goes into the next request (KIP-966).
public struct DescribeTopicPartitionsRequest: RequestMessage {
    public typealias Response = DescribeTopicPartitionsResponse
    public static var api: APIKey { .describeTopicPartitions }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topics:                 [TopicRequest] = []
    public var responsePartitionLimit: Int32          = 2000
    public var cursor:                 Cursor?        = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",                 &topics,                 0...)
        try wire.field("ResponsePartitionLimit", &responsePartitionLimit, 0...)
        try wire.field("Cursor",                 &cursor,                 0..., nullable: 0...)
    }

    public struct TopicRequest: WireStruct {
        public var name: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name", &name, 0...)
        }
    }

    public struct Cursor: WireStruct {
        public var topicName:      String = ""
        public var partitionIndex: Int32  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicName",      &topicName,      0...)
            try wire.field("PartitionIndex", &partitionIndex, 0...)
        }
    }
}

// swift-format-ignore
public struct DescribeTopicPartitionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32                                  = 0
    public var topics:         [DescribeTopicPartitionsResponseTopic] = []
    public var nextCursor:     Cursor?                                = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Topics",         &topics,         0...)
        try wire.field("NextCursor",     &nextCursor,     0..., nullable: 0...)
    }

    public struct DescribeTopicPartitionsResponseTopic: WireStruct {
        public var errorCode:                 Int16                                      = 0
        public var name:                      String?                                    = ""
        public var topicId:                   UUID                                       = .zero
        public var isInternal:                Bool                                       = false
        public var partitions:                [DescribeTopicPartitionsResponsePartition] = []
        public var topicAuthorizedOperations: Int32                                      = .min

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",                 &errorCode,                 0...)
            try wire.field("Name",                      &name,                      0..., nullable: 0...)
            try wire.field("TopicId",                   &topicId,                   0...)
            try wire.field("IsInternal",                &isInternal,                0...)
            try wire.field("Partitions",                &partitions,                0...)
            try wire.field("TopicAuthorizedOperations", &topicAuthorizedOperations, 0...)
        }
    }

    public struct DescribeTopicPartitionsResponsePartition: WireStruct {
        public var errorCode:              Int16    = 0
        public var partitionIndex:         Int32    = 0
        public var leaderId:               Int32    = 0
        public var leaderEpoch:            Int32    = -1
        public var replicaNodes:           [Int32]  = []
        public var isrNodes:               [Int32]  = []
        public var eligibleLeaderReplicas: [Int32]? = nil
        public var lastKnownElr:           [Int32]? = nil
        public var offlineReplicas:        [Int32]  = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",              &errorCode,              0...)
            try wire.field("PartitionIndex",         &partitionIndex,         0...)
            try wire.field("LeaderId",               &leaderId,               0...)
            try wire.field("LeaderEpoch",            &leaderEpoch,            0...)
            try wire.field("ReplicaNodes",           &replicaNodes,           0...)
            try wire.field("IsrNodes",               &isrNodes,               0...)
            try wire.field("EligibleLeaderReplicas", &eligibleLeaderReplicas, 0..., nullable: 0...)
            try wire.field("LastKnownElr",           &lastKnownElr,           0..., nullable: 0...)
            try wire.field("OfflineReplicas",        &offlineReplicas,        0...)
        }
    }

    public struct Cursor: WireStruct {
        public var topicName:      String = ""
        public var partitionIndex: Int32  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicName",      &topicName,      0...)
            try wire.field("PartitionIndex", &partitionIndex, 0...)
        }
    }
}
