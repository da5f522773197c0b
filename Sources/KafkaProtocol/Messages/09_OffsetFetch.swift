public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 9: one group up to version 7, several from version 8. A null list of topics asks for all.
public struct OffsetFetchRequest: RequestMessage {
    public typealias Response = OffsetFetchResponse
    public static var api: APIKey { .offsetFetch }
    public static var versions: ClosedRange<Int16> { 0...10 }
    public static var flexibleFrom: Int16? { 6 }

    public var groupId:       String                     = ""
    public var topics:        [OffsetFetchRequestTopic]? = []
    public var groups:        [OffsetFetchRequestGroup]  = []
    public var requireStable: Bool                       = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",       &groupId,       0...7)
        try wire.field("Topics",        &topics,        0...7, nullable: 2...7)
        try wire.field("Groups",        &groups,        8...)
        try wire.field("RequireStable", &requireStable, 7...)
    }

    public struct OffsetFetchRequestTopic: WireStruct {
        public var name:             String  = ""
        public var partitionIndexes: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",             &name,             0...7)
            try wire.field("PartitionIndexes", &partitionIndexes, 0...7)
        }
    }

    public struct OffsetFetchRequestGroup: WireStruct {
        public var groupId:     String                      = ""
        public var memberId:    String?                     = nil
        public var memberEpoch: Int32                       = -1
        public var topics:      [OffsetFetchRequestTopics]? = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("GroupId",     &groupId,     8...)
            try wire.field("MemberId",    &memberId,    9..., nullable: 9...)
            try wire.field("MemberEpoch", &memberEpoch, 9...)
            try wire.field("Topics",      &topics,      8..., nullable: 8...)
        }
    }

    public struct OffsetFetchRequestTopics: WireStruct {
        public var name:             String  = ""
        public var topicId:          UUID    = .zero
        public var partitionIndexes: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",             &name,             8...9)
            try wire.field("TopicId",          &topicId,          10...)
            try wire.field("PartitionIndexes", &partitionIndexes, 8...)
        }
    }
}

// swift-format-ignore
public struct OffsetFetchResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...10 }
    public static var flexibleFrom: Int16? { 6 }

    public var throttleTimeMs: Int32                      = 0
    public var topics:         [OffsetFetchResponseTopic] = []
    public var errorCode:      Int16                      = 0
    public var groups:         [OffsetFetchResponseGroup] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 3...)
        try wire.field("Topics",         &topics,         0...7)
        try wire.field("ErrorCode",      &errorCode,      2...7)
        try wire.field("Groups",         &groups,         8...)
    }

    public struct OffsetFetchResponseTopic: WireStruct {
        public var name:       String                         = ""
        public var partitions: [OffsetFetchResponsePartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...7)
            try wire.field("Partitions", &partitions, 0...7)
        }
    }

    public struct OffsetFetchResponsePartition: WireStruct {
        public var partitionIndex:       Int32   = 0
        public var committedOffset:      Int64   = 0
        public var committedLeaderEpoch: Int32   = -1
        public var metadata:             String? = ""
        public var errorCode:            Int16   = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",       &partitionIndex,       0...7)
            try wire.field("CommittedOffset",      &committedOffset,      0...7)
            try wire.field("CommittedLeaderEpoch", &committedLeaderEpoch, 5...7)
            try wire.field("Metadata",             &metadata,             0...7, nullable: 0...7)
            try wire.field("ErrorCode",            &errorCode,            0...7)
        }
    }

    public struct OffsetFetchResponseGroup: WireStruct {
        public var groupId:   String                      = ""
        public var topics:    [OffsetFetchResponseTopics] = []
        public var errorCode: Int16                       = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("GroupId",   &groupId,   8...)
            try wire.field("Topics",    &topics,    8...)
            try wire.field("ErrorCode", &errorCode, 8...)
        }
    }

    public struct OffsetFetchResponseTopics: WireStruct {
        public var name:       String                          = ""
        public var topicId:    UUID                            = .zero
        public var partitions: [OffsetFetchResponsePartitions] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       8...9)
            try wire.field("TopicId",    &topicId,    10...)
            try wire.field("Partitions", &partitions, 8...)
        }
    }

    public struct OffsetFetchResponsePartitions: WireStruct {
        public var partitionIndex:       Int32   = 0
        public var committedOffset:      Int64   = 0
        public var committedLeaderEpoch: Int32   = -1
        public var metadata:             String? = ""
        public var errorCode:            Int16   = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",       &partitionIndex,       8...)
            try wire.field("CommittedOffset",      &committedOffset,      8...)
            try wire.field("CommittedLeaderEpoch", &committedLeaderEpoch, 8...)
            try wire.field("Metadata",             &metadata,             8..., nullable: 8...)
            try wire.field("ErrorCode",            &errorCode,            8...)
        }
    }
}
