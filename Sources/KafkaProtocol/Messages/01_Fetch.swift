public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 1, of consumers and followers alike: a replica id of -1 is a consumer. From version 7 a session lets both sides
/// name only what changed (KIP-227); topics go by id from version 13.
public struct FetchRequest: RequestMessage {
    public typealias Response = FetchResponse
    public static var api: APIKey { .fetch }
    public static var versions: ClosedRange<Int16> { 0...18 }
    public static var flexibleFrom: Int16? { 12 }

    public var clusterId:           String?          = nil
    public var replicaId:           Int32            = -1
    public var replicaState:        ReplicaState     = ReplicaState()
    public var maxWaitMs:           Int32            = 0
    public var minBytes:            Int32            = 0
    public var maxBytes:            Int32            = .max
    public var isolationLevel:      Int8             = 0
    public var sessionId:           Int32            = 0
    public var sessionEpoch:        Int32            = -1
    public var topics:              [FetchTopic]     = []
    public var forgottenTopicsData: [ForgottenTopic] = []
    public var rackId:              String           = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ReplicaId",           &replicaId,           0...14)
        try wire.field("MaxWaitMs",           &maxWaitMs,           0...)
        try wire.field("MinBytes",            &minBytes,            0...)
        try wire.field("MaxBytes",            &maxBytes,            3...)
        try wire.field("IsolationLevel",      &isolationLevel,      4...)
        try wire.field("SessionId",           &sessionId,           7...)
        try wire.field("SessionEpoch",        &sessionEpoch,        7...)
        try wire.field("Topics",              &topics,              0...)
        try wire.field("ForgottenTopicsData", &forgottenTopicsData, 7...)
        try wire.field("RackId",              &rackId,              11...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "ClusterId",    &clusterId,    12..., nullable: 12...)
        try wire.tag(1, "ReplicaState", &replicaState, 15..., default: ReplicaState())
    }

    public struct ReplicaState: WireStruct, Equatable {
        public var replicaId:    Int32 = -1
        public var replicaEpoch: Int64 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ReplicaId",    &replicaId,    15...)
            try wire.field("ReplicaEpoch", &replicaEpoch, 15...)
        }
    }

    public struct FetchTopic: WireStruct {
        public var topic:      String           = ""
        public var topicId:    UUID             = .zero
        public var partitions: [FetchPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...12)
            try wire.field("TopicId",    &topicId,    13...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct FetchPartition: WireStruct {
        public var partition:          Int32 = 0
        public var currentLeaderEpoch: Int32 = -1
        public var fetchOffset:        Int64 = 0
        public var lastFetchedEpoch:   Int32 = -1
        public var logStartOffset:     Int64 = -1
        public var partitionMaxBytes:  Int32 = 0
        public var replicaDirectoryId: UUID  = .zero
        public var highWatermark:      Int64 = .max

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Partition",          &partition,          0...)
            try wire.field("CurrentLeaderEpoch", &currentLeaderEpoch, 9...)
            try wire.field("FetchOffset",        &fetchOffset,        0...)
            try wire.field("LastFetchedEpoch",   &lastFetchedEpoch,   12...)
            try wire.field("LogStartOffset",     &logStartOffset,     5...)
            try wire.field("PartitionMaxBytes",  &partitionMaxBytes,  0...)
        }

        public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.tag(0, "ReplicaDirectoryId", &replicaDirectoryId, 17..., default: .zero)
            try wire.tag(1, "HighWatermark",      &highWatermark,      18..., default: .max)
        }
    }

    public struct ForgottenTopic: WireStruct {
        public var topic:      String  = ""
        public var topicId:    UUID    = .zero
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      7...12)
            try wire.field("TopicId",    &topicId,    13...)
            try wire.field("Partitions", &partitions, 7...)
        }
    }
}

// swift-format-ignore
public struct FetchResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...18 }
    public static var flexibleFrom: Int16? { 12 }

    public var throttleTimeMs: Int32                    = 0
    public var errorCode:      Int16                    = 0
    public var sessionId:      Int32                    = 0
    public var responses:      [FetchableTopicResponse] = []
    public var nodeEndpoints:  [NodeEndpoint]           = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("ErrorCode",      &errorCode,      7...)
        try wire.field("SessionId",      &sessionId,      7...)
        try wire.field("Responses",      &responses,      0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "NodeEndpoints", &nodeEndpoints, 16...)
    }

    public struct FetchableTopicResponse: WireStruct {
        public var topic:      String          = ""
        public var topicId:    UUID            = .zero
        public var partitions: [PartitionData] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...12)
            try wire.field("TopicId",    &topicId,    13...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct PartitionData: WireStruct {
        public var partitionIndex:       Int32                 = 0
        public var errorCode:            Int16                 = 0
        public var highWatermark:        Int64                 = 0
        public var lastStableOffset:     Int64                 = -1
        public var logStartOffset:       Int64                 = -1
        public var divergingEpoch:       EpochEndOffset        = EpochEndOffset()
        public var currentLeader:        LeaderIdAndEpoch      = LeaderIdAndEpoch()
        public var snapshotId:           SnapshotId            = SnapshotId()
        public var abortedTransactions:  [AbortedTransaction]? = []
        public var preferredReadReplica: Int32                 = -1
        public var records:              RecordsField          = .null

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",       &partitionIndex,       0...)
            try wire.field("ErrorCode",            &errorCode,            0...)
            try wire.field("HighWatermark",        &highWatermark,        0...)
            try wire.field("LastStableOffset",     &lastStableOffset,     4...)
            try wire.field("LogStartOffset",       &logStartOffset,       5...)
            try wire.field("AbortedTransactions",  &abortedTransactions,  4..., nullable: 4...)
            try wire.field("PreferredReadReplica", &preferredReadReplica, 11...)
            try wire.field("Records",              &records,              0..., nullable: 0...)
        }

        public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.tag(0, "DivergingEpoch", &divergingEpoch, 12..., default: EpochEndOffset())
            try wire.tag(1, "CurrentLeader",  &currentLeader,  12..., default: LeaderIdAndEpoch())
            try wire.tag(2, "SnapshotId",     &snapshotId,     12..., default: SnapshotId())
        }
    }

    public struct EpochEndOffset: WireStruct, Equatable {
        public var epoch:     Int32 = -1
        public var endOffset: Int64 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Epoch",     &epoch,     12...)
            try wire.field("EndOffset", &endOffset, 12...)
        }
    }

    public struct LeaderIdAndEpoch: WireStruct, Equatable {
        public var leaderId:    Int32 = -1
        public var leaderEpoch: Int32 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("LeaderId",    &leaderId,    12...)
            try wire.field("LeaderEpoch", &leaderEpoch, 12...)
        }
    }

    public struct SnapshotId: WireStruct, Equatable {
        public var endOffset: Int64 = -1
        public var epoch:     Int32 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("EndOffset", &endOffset, 0...)
            try wire.field("Epoch",     &epoch,     0...)
        }
    }

    public struct AbortedTransaction: WireStruct {
        public var producerId:  Int64 = 0
        public var firstOffset: Int64 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ProducerId",  &producerId,  4...)
            try wire.field("FirstOffset", &firstOffset, 4...)
        }
    }

    public struct NodeEndpoint: WireStruct {
        public var nodeId: Int32   = 0
        public var host:   String  = ""
        public var port:   Int32   = 0
        public var rack:   String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("NodeId", &nodeId, 16...)
            try wire.field("Host",   &host,   16...)
            try wire.field("Port",   &port,   16...)
            try wire.field("Rack",   &rack,   16..., nullable: 16...)
        }
    }
}
