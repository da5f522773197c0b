// swift-format-ignore
public struct UserScramCredentialRecord: MetadataMessage {
    public static var recordType: UInt16 { 11 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var name:       String  = ""
    public var mechanism:  Int8    = 0
    public var salt:       [UInt8] = []
    public var storedKey:  [UInt8] = []
    public var serverKey:  [UInt8] = []
    public var iterations: Int32   = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Name",       &name,       0...)
        try wire.field("Mechanism",  &mechanism,  0...)
        try wire.field("Salt",       &salt,       0...)
        try wire.field("StoredKey",  &storedKey,  0...)
        try wire.field("ServerKey",  &serverKey,  0...)
        try wire.field("Iterations", &iterations, 0...)
    }
}
