public import Bytes
public import KafkaModel

// swift-format-ignore
public struct DescribeQuorumRequest: RequestMessage {
    public typealias Response = DescribeQuorumResponse
    public static var api: APIKey { .describeQuorum }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var topics: [TopicData] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics", &topics, 0...)
    }

    public struct TopicData: WireStruct {
        public var topicName:  String          = ""
        public var partitions: [PartitionData] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicName",  &topicName,  0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct PartitionData: WireStruct {
        public var partitionIndex: Int32 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
        }
    }
}

// swift-format-ignore
public struct DescribeQuorumResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var errorCode:    Int16       = 0
    public var errorMessage: String?     = ""
    public var topics:       [TopicData] = []
    public var nodes:        [Node]      = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ErrorCode",    &errorCode,    0...)
        try wire.field("ErrorMessage", &errorMessage, 2..., nullable: 2...)
        try wire.field("Topics",       &topics,       0...)
        try wire.field("Nodes",        &nodes,        2...)
    }

    public struct TopicData: WireStruct {
        public var topicName:  String          = ""
        public var partitions: [PartitionData] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicName",  &topicName,  0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct PartitionData: WireStruct {
        public var partitionIndex: Int32          = 0
        public var errorCode:      Int16          = 0
        public var errorMessage:   String?        = ""
        public var leaderId:       Int32          = 0
        public var leaderEpoch:    Int32          = 0
        public var highWatermark:  Int64          = 0
        public var currentVoters:  [ReplicaState] = []
        public var observers:      [ReplicaState] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
            try wire.field("ErrorMessage",   &errorMessage,   2..., nullable: 2...)
            try wire.field("LeaderId",       &leaderId,       0...)
            try wire.field("LeaderEpoch",    &leaderEpoch,    0...)
            try wire.field("HighWatermark",  &highWatermark,  0...)
            try wire.field("CurrentVoters",  &currentVoters,  0...)
            try wire.field("Observers",      &observers,      0...)
        }
    }

    public struct ReplicaState: WireStruct {
        public var replicaId:             Int32 = 0
        public var replicaDirectoryId:    UUID  = .zero
        public var logEndOffset:          Int64 = 0
        public var lastFetchTimestamp:    Int64 = -1
        public var lastCaughtUpTimestamp: Int64 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ReplicaId",             &replicaId,             0...)
            try wire.field("ReplicaDirectoryId",    &replicaDirectoryId,    2...)
            try wire.field("LogEndOffset",          &logEndOffset,          0...)
            try wire.field("LastFetchTimestamp",    &lastFetchTimestamp,    1...)
            try wire.field("LastCaughtUpTimestamp", &lastCaughtUpTimestamp, 1...)
        }
    }

    public struct Node: WireStruct {
        public var nodeId:    Int32      = 0
        public var listeners: [Listener] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("NodeId",    &nodeId,    2...)
            try wire.field("Listeners", &listeners, 2...)
        }
    }

    public struct Listener: WireStruct {
        public var name: String = ""
        public var host: String = ""
        public var port: UInt16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name", &name, 2...)
            try wire.field("Host", &host, 2...)
            try wire.field("Port", &port, 2...)
        }
    }
}
