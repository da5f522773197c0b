// swift-format-ignore
public struct AbortTransactionRecord: MetadataMessage {
    public static var recordType: UInt16 { 25 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var reason: String? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {}

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "Reason", &reason, 0..., nullable: 0...)
    }
}
