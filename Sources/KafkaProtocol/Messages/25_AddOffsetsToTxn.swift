public import KafkaModel

// swift-format-ignore
public struct AddOffsetsToTxnRequest: RequestMessage {
    public typealias Response = AddOffsetsToTxnResponse
    public static var api: APIKey { .addOffsetsToTxn }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 3 }

    public var transactionalId: String = ""
    public var producerId:      Int64  = 0
    public var producerEpoch:   Int16  = 0
    public var groupId:         String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TransactionalId", &transactionalId, 0...)
        try wire.field("ProducerId",      &producerId,      0...)
        try wire.field("ProducerEpoch",   &producerEpoch,   0...)
        try wire.field("GroupId",         &groupId,         0...)
    }
}

// swift-format-ignore
public struct AddOffsetsToTxnResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 3 }

    public var throttleTimeMs: Int32 = 0
    public var errorCode:      Int16 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
    }
}
