// swift-format-ignore
public struct RemoveDelegationTokenRecord: MetadataMessage {
    public static var recordType: UInt16 { 26 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var tokenId: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TokenId", &tokenId, 0...)
    }
}
