public import Bytes

// swift-format-ignore
/// What changed in a registration; 0 means unchanged, 1 set, -1 unset.
public struct BrokerRegistrationChangeRecord: MetadataMessage {
    public static var recordType: UInt16 { 17 }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 0 }

    public var brokerId:             Int32   = 0
    public var brokerEpoch:          Int64   = 0
    public var fenced:               Int8    = 0
    public var inControlledShutdown: Int8    = 0
    public var logDirs:              [UUID]  = []
    public var cordonedLogDirs:      [UUID]? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("BrokerId",    &brokerId,    0...)
        try wire.field("BrokerEpoch", &brokerEpoch, 0...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "Fenced",               &fenced,               0..., default: 0)
        try wire.tag(1, "InControlledShutdown", &inControlledShutdown, 1..., default: 0)
        try wire.tag(2, "LogDirs",              &logDirs,              2...)
        try wire.tag(3, "CordonedLogDirs",      &cordonedLogDirs,      3..., nullable: 3...)
    }
}
