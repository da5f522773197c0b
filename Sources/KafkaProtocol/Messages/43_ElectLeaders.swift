public import KafkaModel

// swift-format-ignore
/// Key 43. A null list of partitions means all; type 0 is the preferred replica, 1 an unclean election.
public struct ElectLeadersRequest: RequestMessage {
    public typealias Response = ElectLeadersResponse
    public static var api: APIKey { .electLeaders }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var electionType:    Int8               = 0
    public var topicPartitions: [TopicPartitions]? = []
    public var timeoutMs:       Int32              = 60000

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ElectionType",    &electionType,    1...)
        try wire.field("TopicPartitions", &topicPartitions, 0..., nullable: 0...)
        try wire.field("TimeoutMs",       &timeoutMs,       0...)
    }

    public struct TopicPartitions: WireStruct {
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
public struct ElectLeadersResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs:         Int32                   = 0
    public var errorCode:              Int16                   = 0
    public var replicaElectionResults: [ReplicaElectionResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",         &throttleTimeMs,         0...)
        try wire.field("ErrorCode",              &errorCode,              1...)
        try wire.field("ReplicaElectionResults", &replicaElectionResults, 0...)
    }

    public struct ReplicaElectionResult: WireStruct {
        public var topic:           String            = ""
        public var partitionResult: [PartitionResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",           &topic,           0...)
            try wire.field("PartitionResult", &partitionResult, 0...)
        }
    }

    public struct PartitionResult: WireStruct {
        public var partitionId:  Int32   = 0
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionId",  &partitionId,  0...)
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
        }
    }
}
