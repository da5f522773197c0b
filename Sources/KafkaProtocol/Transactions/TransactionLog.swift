// swift-format-ignore
/// Record 0 of `__transaction_state`: a transactional id.
public struct TransactionLogKey: CoordinatorKey {
    public typealias Value = TransactionLogValue
    public static var recordType: Int16 { 0 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var transactionalId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalId", &transactionalId, 0...0)
    }
}

// swift-format-ignore
/// Where its transaction stands. Without a value, the id expired.
public struct TransactionLogValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 1 }

    public var producerId:                       Int64               = 0
    public var previousProducerId:               Int64               = -1
    public var nextProducerId:                   Int64               = -1
    public var producerEpoch:                    Int16               = 0
    public var nextProducerEpoch:                Int16               = -1
    public var transactionTimeoutMs:             Int32               = 0
    public var transactionStatus:                Int8                = 0
    public var transactionPartitions:            [PartitionsSchema]? = nil
    public var transactionLastUpdateTimestampMs: Int64               = 0
    public var transactionStartTimestampMs:      Int64               = 0
    public var clientTransactionVersion:         Int16               = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ProducerId",                       &producerId,                       0...)
        try wire.field("ProducerEpoch",                    &producerEpoch,                    0...)
        try wire.field("TransactionTimeoutMs",             &transactionTimeoutMs,             0...)
        try wire.field("TransactionStatus",                &transactionStatus,                0...)
        try wire.field("TransactionPartitions",            &transactionPartitions,            0..., nullable: 0...)
        try wire.field("TransactionLastUpdateTimestampMs", &transactionLastUpdateTimestampMs, 0...)
        try wire.field("TransactionStartTimestampMs",      &transactionStartTimestampMs,      0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "PreviousProducerId",       &previousProducerId,       1..., default: -1)
        try wire.tag(1, "NextProducerId",           &nextProducerId,           1..., default: -1)
        try wire.tag(2, "ClientTransactionVersion", &clientTransactionVersion, 1..., default: 0)
        try wire.tag(3, "NextProducerEpoch",        &nextProducerEpoch,        1..., default: -1)
    }

    public struct PartitionsSchema: WireStruct {
        public var topic:        String  = ""
        public var partitionIds: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Topic",        &topic,        0...)
            try wire.field("PartitionIds", &partitionIds, 0...)
        }
    }
}
