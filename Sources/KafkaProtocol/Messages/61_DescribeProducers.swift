public import KafkaModel

// swift-format-ignore
public struct DescribeProducersRequest: RequestMessage {
    public typealias Response = DescribeProducersResponse
    public static var api: APIKey { .describeProducers }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topics: [TopicRequest] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics", &topics, 0...)
    }

    public struct TopicRequest: WireStruct {
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
public struct DescribeProducersResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32           = 0
    public var topics:         [TopicResponse] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct TopicResponse: WireStruct {
        public var name:       String              = ""
        public var partitions: [PartitionResponse] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }

    public struct PartitionResponse: WireStruct {
        public var partitionIndex:  Int32           = 0
        public var errorCode:       Int16           = 0
        public var errorMessage:    String?         = nil
        public var activeProducers: [ProducerState] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex",  &partitionIndex,  0...)
            try wire.field("ErrorCode",       &errorCode,       0...)
            try wire.field("ErrorMessage",    &errorMessage,    0..., nullable: 0...)
            try wire.field("ActiveProducers", &activeProducers, 0...)
        }
    }

    public struct ProducerState: WireStruct {
        public var producerId:            Int64 = 0
        public var producerEpoch:         Int32 = 0
        public var lastSequence:          Int32 = -1
        public var lastTimestamp:         Int64 = -1
        public var coordinatorEpoch:      Int32 = 0
        public var currentTxnStartOffset: Int64 = -1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ProducerId",            &producerId,            0...)
            try wire.field("ProducerEpoch",         &producerEpoch,         0...)
            try wire.field("LastSequence",          &lastSequence,          0...)
            try wire.field("LastTimestamp",         &lastTimestamp,         0...)
            try wire.field("CoordinatorEpoch",      &coordinatorEpoch,      0...)
            try wire.field("CurrentTxnStartOffset", &currentTxnStartOffset, 0...)
        }
    }
}
