// swift-format-ignore
public struct RemoveUserScramCredentialRecord: MetadataMessage {
    public static var recordType: UInt16 { 22 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var name:      String = ""
    public var mechanism: Int8   = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Name",      &name,      0...)
        try wire.field("Mechanism", &mechanism, 0...)
    }
}
