public import KafkaModel

// swift-format-ignore
public struct EndTxnRequest: RequestMessage {
    public typealias Response = EndTxnResponse
    public static var api: APIKey { .endTxn }
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var transactionalId: String = ""
    public var producerId:      Int64  = 0
    public var producerEpoch:   Int16  = 0
    public var committed:       Bool   = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalId", &transactionalId, 0...)
        try wire.field("ProducerId",      &producerId,      0...)
        try wire.field("ProducerEpoch",   &producerEpoch,   0...)
        try wire.field("Committed",       &committed,       0...)
    }
}

// swift-format-ignore
public struct EndTxnResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...5 }
    public static var flexibleFrom: Int16? { 3 }

    public var throttleTimeMs: Int32 = 0
    public var errorCode:      Int16 = 0
    public var producerId:     Int64 = -1
    public var producerEpoch:  Int16 = -1

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ProducerId",     &producerId,     5...)
        try wire.field("ProducerEpoch",  &producerEpoch,  5...)
    }
}
