public import KafkaModel

// swift-format-ignore
public struct AlterPartitionReassignmentsRequest: RequestMessage {
    public typealias Response = AlterPartitionReassignmentsResponse
    public static var api: APIKey { .alterPartitionReassignments }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var timeoutMs:                    Int32               = 60000
    public var allowReplicationFactorChange: Bool                = true
    public var topics:                       [ReassignableTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TimeoutMs",                    &timeoutMs,                    0...)
        try wire.field("AllowReplicationFactorChange", &allowReplicationFactorChange, 1...)
        try wire.field("Topics",                       &topics,                       0...)
    }

    public struct ReassignableTopic: WireStruct {
        public var name:       String                  = ""
        public var partitions: [ReassignablePartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct ReassignablePartition: WireStruct {
        public var partitionIndex: Int32    = 0
        public var replicas:       [Int32]? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("Replicas",       &replicas,       0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct AlterPartitionReassignmentsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs:               Int32                       = 0
    public var allowReplicationFactorChange: Bool                        = true
    public var errorCode:                    Int16                       = 0
    public var errorMessage:                 String?                     = ""
    public var responses:                    [ReassignableTopicResponse] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",               &throttleTimeMs,               0...)
        try wire.field("AllowReplicationFactorChange", &allowReplicationFactorChange, 1...)
        try wire.field("ErrorCode",                    &errorCode,                    0...)
        try wire.field("ErrorMessage",                 &errorMessage,                 0..., nullable: 0...)
        try wire.field("Responses",                    &responses,                    0...)
    }

    public struct ReassignableTopicResponse: WireStruct {
        public var name:       String                          = ""
        public var partitions: [ReassignablePartitionResponse] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct ReassignablePartitionResponse: WireStruct {
        public var partitionIndex: Int32   = 0
        public var errorCode:      Int16   = 0
        public var errorMessage:   String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
            try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
        }
    }
}
