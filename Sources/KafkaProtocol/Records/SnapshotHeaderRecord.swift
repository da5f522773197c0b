// swift-format-ignore
public struct SnapshotHeaderRecord: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var version:                   Int16 = 0
    public var lastContainedLogTimestamp: Int64 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Version",                   &version,                   0...)
        try wire.field("LastContainedLogTimestamp", &lastContainedLogTimestamp, 0...)
    }
}
