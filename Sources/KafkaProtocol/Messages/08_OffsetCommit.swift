public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 8. A generation of -1 and an empty member id commit without being a member.
public struct OffsetCommitRequest: RequestMessage {
    public typealias Response = OffsetCommitResponse
    public static var api: APIKey { .offsetCommit }
    public static var versions: ClosedRange<Int16> { 0...10 }
    public static var flexibleFrom: Int16? { 8 }

    public var groupId:                   String                     = ""
    public var generationIdOrMemberEpoch: Int32                      = -1
    public var memberId:                  String                     = ""
    public var groupInstanceId:           String?                    = nil
    public var retentionTimeMs:           Int64                      = -1
    public var topics:                    [OffsetCommitRequestTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",                   &groupId,                   0...)
        try wire.field("GenerationIdOrMemberEpoch", &generationIdOrMemberEpoch, 1...)
        try wire.field("MemberId",                  &memberId,                  1...)
        try wire.field("GroupInstanceId",           &groupInstanceId,           7..., nullable: 7...)
        try wire.field("RetentionTimeMs",           &retentionTimeMs,           2...4)
        try wire.field("Topics",                    &topics,                    0...)
    }

    public struct OffsetCommitRequestTopic: WireStruct {
        public var name:       String                         = ""
        public var topicId:    UUID                           = .zero
        public var partitions: [OffsetCommitRequestPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...9)
            try wire.field("TopicId",    &topicId,    10...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct OffsetCommitRequestPartition: WireStruct {
        public var partitionIndex:       Int32   = 0
        public var committedOffset:      Int64   = 0
        public var committedLeaderEpoch: Int32   = -1
        public var commitTimestamp:      Int64   = -1
        public var committedMetadata:    String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",       &partitionIndex,       0...)
            try wire.field("CommittedOffset",      &committedOffset,      0...)
            try wire.field("CommittedLeaderEpoch", &committedLeaderEpoch, 6...)
            try wire.field("CommitTimestamp",      &commitTimestamp,      1...1)
            try wire.field("CommittedMetadata",    &committedMetadata,    0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct OffsetCommitResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...10 }
    public static var flexibleFrom: Int16? { 8 }

    public var throttleTimeMs: Int32                       = 0
    public var topics:         [OffsetCommitResponseTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 3...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct OffsetCommitResponseTopic: WireStruct {
        public var name:       String                          = ""
        public var topicId:    UUID                            = .zero
        public var partitions: [OffsetCommitResponsePartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...9)
            try wire.field("TopicId",    &topicId,    10...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct OffsetCommitResponsePartition: WireStruct {
        public var partitionIndex: Int32 = 0
        public var errorCode:      Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
        }
    }
}
