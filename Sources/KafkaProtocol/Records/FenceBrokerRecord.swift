// swift-format-ignore
public struct FenceBrokerRecord: MetadataMessage {
    public static var recordType: UInt16 { 7 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var id:    Int32 = 0
    public var epoch: Int64 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Id",    &id,    0...)
        try wire.field("Epoch", &epoch, 0...)
    }
}
