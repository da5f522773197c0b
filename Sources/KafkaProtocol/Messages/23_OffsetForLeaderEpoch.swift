public import KafkaModel

// swift-format-ignore
/// Key 23: where an epoch ended, by which followers and clients find where logs part (KIP-101, KIP-320).
public struct OffsetForLeaderEpochRequest: RequestMessage {
    public typealias Response = OffsetForLeaderEpochResponse
    public static var api: APIKey { .offsetForLeaderEpoch }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var replicaId: Int32                  = -2
    public var topics:    [OffsetForLeaderTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ReplicaId", &replicaId, 3...)
        try wire.field("Topics",    &topics,    0...)
    }

    public struct OffsetForLeaderTopic: WireStruct {
        public var topic:      String                     = ""
        public var partitions: [OffsetForLeaderPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct OffsetForLeaderPartition: WireStruct {
        public var partition:          Int32 = 0
        public var currentLeaderEpoch: Int32 = -1
        public var leaderEpoch:        Int32 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Partition",          &partition,          0...)
            try wire.field("CurrentLeaderEpoch", &currentLeaderEpoch, 2...)
            try wire.field("LeaderEpoch",        &leaderEpoch,        0...)
        }
    }
}

// swift-format-ignore
public struct OffsetForLeaderEpochResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var throttleTimeMs: Int32                        = 0
    public var topics:         [OffsetForLeaderTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 2...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct OffsetForLeaderTopicResult: WireStruct {
        public var topic:      String           = ""
        public var partitions: [EpochEndOffset] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct EpochEndOffset: WireStruct {
        public var errorCode:   Int16 = 0
        public var partition:   Int32 = 0
        public var leaderEpoch: Int32 = -1
        public var endOffset:   Int64 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",   &errorCode,   0...)
            try wire.field("Partition",   &partition,   0...)
            try wire.field("LeaderEpoch", &leaderEpoch, 1...)
            try wire.field("EndOffset",   &endOffset,   0...)
        }
    }
}
