public import KafkaModel

// swift-format-ignore
/// Key 2: the offset for a timestamp, or for one of the negative timestamps that mean earliest, latest and the like.
public struct ListOffsetsRequest: RequestMessage {
    public typealias Response = ListOffsetsResponse
    public static var api: APIKey { .listOffsets }
    public static var versions: ClosedRange<Int16> { 0...11 }
    public static var flexibleFrom: Int16? { 6 }

    public var replicaId:      Int32              = 0
    public var isolationLevel: Int8               = 0
    public var topics:         [ListOffsetsTopic] = []
    public var timeoutMs:      Int32              = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ReplicaId",      &replicaId,      0...)
        try wire.field("IsolationLevel", &isolationLevel, 2...)
        try wire.field("Topics",         &topics,         0...)
        try wire.field("TimeoutMs",      &timeoutMs,      10...)
    }

    public struct ListOffsetsTopic: WireStruct {
        public var name:       String                 = ""
        public var partitions: [ListOffsetsPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct ListOffsetsPartition: WireStruct {
        public var partitionIndex:     Int32 = 0
        public var currentLeaderEpoch: Int32 = -1
        public var timestamp:          Int64 = 0
        public var maxNumOffsets:      Int32 = 1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",     &partitionIndex,     0...)
            try wire.field("CurrentLeaderEpoch", &currentLeaderEpoch, 4...)
            try wire.field("Timestamp",          &timestamp,          0...)
            try wire.field("MaxNumOffsets",      &maxNumOffsets,      0...0)
        }
    }
}

// swift-format-ignore
public struct ListOffsetsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...11 }
    public static var flexibleFrom: Int16? { 6 }

    public var throttleTimeMs: Int32                      = 0
    public var topics:         [ListOffsetsTopicResponse] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 2...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct ListOffsetsTopicResponse: WireStruct {
        public var name:       String                         = ""
        public var partitions: [ListOffsetsPartitionResponse] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct ListOffsetsPartitionResponse: WireStruct {
        public var partitionIndex:  Int32   = 0
        public var errorCode:       Int16   = 0
        public var oldStyleOffsets: [Int64] = []
        public var timestamp:       Int64   = -1
        public var offset:          Int64   = -1
        public var leaderEpoch:     Int32   = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",  &partitionIndex,  0...)
            try wire.field("ErrorCode",       &errorCode,       0...)
            try wire.field("OldStyleOffsets", &oldStyleOffsets, 0...0)
            try wire.field("Timestamp",       &timestamp,       1...)
            try wire.field("Offset",          &offset,          1...)
            try wire.field("LeaderEpoch",     &leaderEpoch,     4...)
        }
    }
}
