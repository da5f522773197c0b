// swift-format-ignore
public struct KRaftVersionRecord: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var version:      Int16 = 0
    public var kRaftVersion: Int16 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Version",      &version,      0...)
        try wire.field("KRaftVersion", &kRaftVersion, 0...)
    }
}
