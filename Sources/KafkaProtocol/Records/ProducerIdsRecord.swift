// swift-format-ignore
/// The next producer id that has not been handed out; the block before it belongs to the broker named.
public struct ProducerIdsRecord: MetadataMessage {
    public static var recordType: UInt16 { 15 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var brokerId:       Int32 = 0
    public var brokerEpoch:    Int64 = -1
    public var nextProducerId: Int64 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("BrokerId",       &brokerId,       0...)
        try wire.field("BrokerEpoch",    &brokerEpoch,    0...)
        try wire.field("NextProducerId", &nextProducerId, 0...)
    }
}
