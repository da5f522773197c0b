public import KafkaModel

// swift-format-ignore
public struct OffsetDeleteRequest: RequestMessage {
    public typealias Response = OffsetDeleteResponse
    public static var api: APIKey { .offsetDelete }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId: String                     = ""
    public var topics:  [OffsetDeleteRequestTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId", &groupId, 0...)
        try wire.field("Topics",  &topics,  0...)
    }

    public struct OffsetDeleteRequestTopic: WireStruct {
        public var name:       String                         = ""
        public var partitions: [OffsetDeleteRequestPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct OffsetDeleteRequestPartition: WireStruct {
        public var partitionIndex: Int32 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
        }
    }
}

// swift-format-ignore
public struct OffsetDeleteResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var errorCode:      Int16                       = 0
    public var throttleTimeMs: Int32                       = 0
    public var topics:         [OffsetDeleteResponseTopic] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct OffsetDeleteResponseTopic: WireStruct {
        public var name:       String                          = ""
        public var partitions: [OffsetDeleteResponsePartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct OffsetDeleteResponsePartition: WireStruct {
        public var partitionIndex: Int32 = 0
        public var errorCode:      Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
        }
    }
}
