public import KafkaModel

// swift-format-ignore
public struct TxnOffsetCommitRequest: RequestMessage {
    public typealias Response = TxnOffsetCommitResponse
    public static var api: APIKey { .txnOffsetCommit }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var transactionalId: String                        = ""
    public var groupId:         String                        = ""
    public var producerId:      Int64                         = 0
    public var producerEpoch:   Int16                         = 0
    public var generationId:    Int32                         = -1
    public var memberId:        String                        = ""
    public var groupInstanceId: String?                       = nil
    public var topics:          [TxnOffsetCommitRequestTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalId", &transactionalId, 0...)
        try wire.field("GroupId",         &groupId,         0...)
        try wire.field("ProducerId",      &producerId,      0...)
        try wire.field("ProducerEpoch",   &producerEpoch,   0...)
        try wire.field("GenerationId",    &generationId,    3...)
        try wire.field("MemberId",        &memberId,        3...)
        try wire.field("GroupInstanceId", &groupInstanceId, 3..., nullable: 3...)
        try wire.field("Topics",          &topics,          0...)
    }

    public struct TxnOffsetCommitRequestTopic: WireStruct {
        public var name:       String                            = ""
        public var partitions: [TxnOffsetCommitRequestPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct TxnOffsetCommitRequestPartition: WireStruct {
        public var partitionIndex:       Int32   = 0
        public var committedOffset:      Int64   = 0
        public var committedLeaderEpoch: Int32   = -1
        public var committedMetadata:    String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",       &partitionIndex,       0...)
            try wire.field("CommittedOffset",      &committedOffset,      0...)
            try wire.field("CommittedLeaderEpoch", &committedLeaderEpoch, 2...)
            try wire.field("CommittedMetadata",    &committedMetadata,    0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct TxnOffsetCommitResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var throttleTimeMs: Int32                          = 0
    public var topics:         [TxnOffsetCommitResponseTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct TxnOffsetCommitResponseTopic: WireStruct {
        public var name:       String                             = ""
        public var partitions: [TxnOffsetCommitResponsePartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct TxnOffsetCommitResponsePartition: WireStruct {
        public var partitionIndex: Int32 = 0
        public var errorCode:      Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
        }
    }
}
