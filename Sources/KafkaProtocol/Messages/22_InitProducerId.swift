public import KafkaModel

// swift-format-ignore
/// Key 22: a producer id for an idempotent producer, or, with a transactional id, for a transactional one.
public struct InitProducerIdRequest: RequestMessage {
    public typealias Response = InitProducerIdResponse
    public static var api: APIKey { .initProducerId }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 2 }

    public var transactionalId:      String? = ""
    public var transactionTimeoutMs: Int32   = 0
    public var producerId:           Int64   = -1
    public var producerEpoch:        Int16   = -1

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalId",      &transactionalId,      0..., nullable: 0...)
        try wire.field("TransactionTimeoutMs", &transactionTimeoutMs, 0...)
        try wire.field("ProducerId",           &producerId,           3...)
        try wire.field("ProducerEpoch",        &producerEpoch,        3...)
    }
}

// swift-format-ignore
public struct InitProducerIdResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32 = 0
    public var errorCode:      Int16 = 0
    public var producerId:     Int64 = -1
    public var producerEpoch:  Int16 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ProducerId",     &producerId,     0...)
        try wire.field("ProducerEpoch",  &producerEpoch,  0...)
    }
}
