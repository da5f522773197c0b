public import KafkaModel

// swift-format-ignore
public struct DescribeTransactionsRequest: RequestMessage {
    public typealias Response = DescribeTransactionsResponse
    public static var api: APIKey { .describeTransactions }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var transactionalIds: [String] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalIds", &transactionalIds, 0...)
    }
}

// swift-format-ignore
public struct DescribeTransactionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs:    Int32              = 0
    public var transactionStates: [TransactionState] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",    &throttleTimeMs,    0...)
        try wire.field("TransactionStates", &transactionStates, 0...)
    }

    public struct TransactionState: WireStruct {
        public var errorCode:              Int16       = 0
        public var transactionalId:        String      = ""
        public var transactionState:       String      = ""
        public var transactionTimeoutMs:   Int32       = 0
        public var transactionStartTimeMs: Int64       = 0
        public var producerId:             Int64       = 0
        public var producerEpoch:          Int16       = 0
        public var topics:                 [TopicData] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",              &errorCode,              0...)
            try wire.field("TransactionalId",        &transactionalId,        0...)
            try wire.field("TransactionState",       &transactionState,       0...)
            try wire.field("TransactionTimeoutMs",   &transactionTimeoutMs,   0...)
            try wire.field("TransactionStartTimeMs", &transactionStartTimeMs, 0...)
            try wire.field("ProducerId",             &producerId,             0...)
            try wire.field("ProducerEpoch",          &producerEpoch,          0...)
            try wire.field("Topics",                 &topics,                 0...)
        }
    }

    public struct TopicData: WireStruct {
        public var topic:      String  = ""
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",      &topic,      0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}
