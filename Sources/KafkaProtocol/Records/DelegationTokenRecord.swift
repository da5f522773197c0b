// swift-format-ignore
public struct DelegationTokenRecord: MetadataMessage {
    public static var recordType: UInt16 { 10 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var owner:               String   = ""
    public var requester:           String   = ""
    public var renewers:            [String] = []
    public var issueTimestamp:      Int64    = 0
    public var maxTimestamp:        Int64    = 0
    public var expirationTimestamp: Int64    = 0
    public var tokenId:             String   = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Owner",               &owner,               0...)
        try wire.field("Requester",           &requester,           0...)
        try wire.field("Renewers",            &renewers,            0...)
        try wire.field("IssueTimestamp",      &issueTimestamp,      0...)
        try wire.field("MaxTimestamp",        &maxTimestamp,        0...)
        try wire.field("ExpirationTimestamp", &expirationTimestamp, 0...)
        try wire.field("TokenId",             &tokenId,             0...)
    }
}
