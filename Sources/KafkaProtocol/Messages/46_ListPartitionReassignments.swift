public import KafkaModel

// swift-format-ignore
public struct ListPartitionReassignmentsRequest: RequestMessage {
    public typealias Response = ListPartitionReassignmentsResponse
    public static var api: APIKey { .listPartitionReassignments }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var timeoutMs: Int32                               = 60000
    public var topics:    [ListPartitionReassignmentsTopics]? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TimeoutMs", &timeoutMs, 0...)
        try wire.field("Topics",    &topics,    0..., nullable: 0...)
    }

    public struct ListPartitionReassignmentsTopics: WireStruct {
        public var name:             String  = ""
        public var partitionIndexes: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",             &name,             0...)
            try wire.field("PartitionIndexes", &partitionIndexes, 0...)
        }
    }
}

// swift-format-ignore
public struct ListPartitionReassignmentsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32                      = 0
    public var errorCode:      Int16                      = 0
    public var errorMessage:   String?                    = ""
    public var topics:         [OngoingTopicReassignment] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct OngoingTopicReassignment: WireStruct {
        public var name:       String                         = ""
        public var partitions: [OngoingPartitionReassignment] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct OngoingPartitionReassignment: WireStruct {
        public var partitionIndex:   Int32   = 0
        public var replicas:         [Int32] = []
        public var addingReplicas:   [Int32] = []
        public var removingReplicas: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",   &partitionIndex,   0...)
            try wire.field("Replicas",         &replicas,         0...)
            try wire.field("AddingReplicas",   &addingReplicas,   0...)
            try wire.field("RemovingReplicas", &removingReplicas, 0...)
        }
    }
}
