public import KafkaModel

// swift-format-ignore
public struct DeleteRecordsRequest: RequestMessage {
    public typealias Response = DeleteRecordsResponse
    public static var api: APIKey { .deleteRecords }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var topics:    [DeleteRecordsTopic] = []
    public var timeoutMs: Int32                = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",    &topics,    0...)
        try wire.field("TimeoutMs", &timeoutMs, 0...)
    }

    public struct DeleteRecordsTopic: WireStruct {
        public var name:       String                   = ""
        public var partitions: [DeleteRecordsPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct DeleteRecordsPartition: WireStruct {
        public var partitionIndex: Int32 = 0
        public var offset:         Int64 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("Offset",         &offset,         0...)
        }
    }
}

// swift-format-ignore
public struct DeleteRecordsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                      = 0
    public var topics:         [DeleteRecordsTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct DeleteRecordsTopicResult: WireStruct {
        public var name:       String                         = ""
        public var partitions: [DeleteRecordsPartitionResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct DeleteRecordsPartitionResult: WireStruct {
        public var partitionIndex: Int32 = 0
        public var lowWatermark:   Int64 = 0
        public var errorCode:      Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("LowWatermark",   &lowWatermark,   0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
        }
    }
}
