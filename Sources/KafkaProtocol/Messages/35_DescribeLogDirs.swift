public import KafkaModel

// swift-format-ignore
public struct DescribeLogDirsRequest: RequestMessage {
    public typealias Response = DescribeLogDirsResponse
    public static var api: APIKey { .describeLogDirs }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 2 }

    public var topics: [DescribableLogDirTopic]? = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics", &topics, 0..., nullable: 0...)
    }

    public struct DescribableLogDirTopic: WireStruct {
        public var topic:      String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}

// swift-format-ignore
public struct DescribeLogDirsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                   = 0
    public var errorCode:      Int16                   = 0
    public var results:        [DescribeLogDirsResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      3...)
        try wire.field("Results",        &results,        0...)
    }

    public struct DescribeLogDirsResult: WireStruct {
        public var errorCode:   Int16                  = 0
        public var logDir:      String                 = ""
        public var topics:      [DescribeLogDirsTopic] = []
        public var totalBytes:  Int64                  = -1
        public var usableBytes: Int64                  = -1
        public var isCordoned:  Bool                   = false

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",   &errorCode,   0...)
            try wire.field("LogDir",      &logDir,      0...)
            try wire.field("Topics",      &topics,      0...)
            try wire.field("TotalBytes",  &totalBytes,  4...)
            try wire.field("UsableBytes", &usableBytes, 4...)
            try wire.field("IsCordoned",  &isCordoned,  5...)
        }
    }

    public struct DescribeLogDirsTopic: WireStruct {
        public var name:       String                     = ""
        public var partitions: [DescribeLogDirsPartition] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct DescribeLogDirsPartition: WireStruct {
        public var partitionIndex: Int32 = 0
        public var partitionSize:  Int64 = 0
        public var offsetLag:      Int64 = 0
        public var isFutureKey:    Bool  = false

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("PartitionSize",  &partitionSize,  0...)
            try wire.field("OffsetLag",      &offsetLag,      0...)
            try wire.field("IsFutureKey",    &isFutureKey,    0...)
        }
    }
}
