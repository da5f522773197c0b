public import KafkaModel

// swift-format-ignore
public struct CreatePartitionsRequest: RequestMessage {
    public typealias Response = CreatePartitionsResponse
    public static var api: APIKey { .createPartitions }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 2 }

    public var topics:       [CreatePartitionsTopic] = []
    public var timeoutMs:    Int32                   = 0
    public var validateOnly: Bool                    = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",       &topics,       0...)
        try wire.field("TimeoutMs",    &timeoutMs,    0...)
        try wire.field("ValidateOnly", &validateOnly, 0...)
    }

    public struct CreatePartitionsTopic: WireStruct {
        public var name:        String                        = ""
        public var count:       Int32                         = 0
        public var assignments: [CreatePartitionsAssignment]? = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",        &name,        0...)
            try wire.field("Count",       &count,       0...)
            try wire.field("Assignments", &assignments, 0..., nullable: 0...)
        }
    }

    public struct CreatePartitionsAssignment: WireStruct {
        public var brokerIds: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("BrokerIds", &brokerIds, 0...)
        }
    }
}

// swift-format-ignore
public struct CreatePartitionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                         = 0
    public var results:        [CreatePartitionsTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct CreatePartitionsTopicResult: WireStruct {
        public var name:         String  = ""
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",         &name,         0...)
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
        }
    }
}
