// swift-format-ignore
/// Written at intervals, so that the offset of the log moves.
public struct NoOpRecord: MetadataMessage {
    public static var recordType: UInt16 { 20 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {}
}
