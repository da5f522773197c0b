public import KafkaModel

// swift-format-ignore
public struct ListTransactionsRequest: RequestMessage {
    public typealias Response = ListTransactionsResponse
    public static var api: APIKey { .listTransactions }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var stateFilters:           [String] = []
    public var producerIdFilters:      [Int64]  = []
    public var durationFilter:         Int64    = -1
    public var transactionalIdPattern: String?  = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("StateFilters",           &stateFilters,           0...)
        try wire.field("ProducerIdFilters",      &producerIdFilters,      0...)
        try wire.field("DurationFilter",         &durationFilter,         1...)
        try wire.field("TransactionalIdPattern", &transactionalIdPattern, 2..., nullable: 2...)
    }
}

// swift-format-ignore
public struct ListTransactionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs:      Int32              = 0
    public var errorCode:           Int16              = 0
    public var unknownStateFilters: [String]           = []
    public var transactionStates:   [TransactionState] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",      &throttleTimeMs,      0...)
        try wire.field("ErrorCode",           &errorCode,           0...)
        try wire.field("UnknownStateFilters", &unknownStateFilters, 0...)
        try wire.field("TransactionStates",   &transactionStates,   0...)
    }

    public struct TransactionState: WireStruct {
        public var transactionalId:  String = ""
        public var producerId:       Int64  = 0
        public var transactionState: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TransactionalId",  &transactionalId,  0...)
            try wire.field("ProducerId",       &producerId,       0...)
            try wire.field("TransactionState", &transactionState, 0...)
        }
    }
}
