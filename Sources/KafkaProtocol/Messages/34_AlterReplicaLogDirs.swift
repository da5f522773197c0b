public import KafkaModel

// swift-format-ignore
public struct AlterReplicaLogDirsRequest: RequestMessage {
    public typealias Response = AlterReplicaLogDirsResponse
    public static var api: APIKey { .alterReplicaLogDirs }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var dirs: [AlterReplicaLogDir] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Dirs", &dirs, 0...)
    }

    public struct AlterReplicaLogDir: WireStruct {
        public var path:   String                    = ""
        public var topics: [AlterReplicaLogDirTopic] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Path",   &path,   0...)
            try wire.field("Topics", &topics, 0...)
        }
    }

    public struct AlterReplicaLogDirTopic: WireStruct {
        public var name:       String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}

// swift-format-ignore
public struct AlterReplicaLogDirsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                           = 0
    public var results:        [AlterReplicaLogDirTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct AlterReplicaLogDirTopicResult: WireStruct {
        public var topicName:  String                              = ""
        public var partitions: [AlterReplicaLogDirPartitionResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicName",  &topicName,  0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct AlterReplicaLogDirPartitionResult: WireStruct {
        public var partitionIndex: Int32 = 0
        public var errorCode:      Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("ErrorCode",      &errorCode,      0...)
        }
    }
}
