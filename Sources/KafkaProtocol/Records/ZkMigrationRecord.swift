// swift-format-ignore
public struct ZkMigrationRecord: MetadataMessage {
    public static var recordType: UInt16 { 21 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var zkMigrationState: Int8 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ZkMigrationState", &zkMigrationState, 0...)
    }
}
