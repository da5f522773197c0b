// swift-format-ignore
/// The value of the control record that ends a transaction; its key tells commit from abort.
public struct EndTxnMarker: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var coordinatorEpoch: Int32 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("CoordinatorEpoch", &coordinatorEpoch, 0...)
    }
}
