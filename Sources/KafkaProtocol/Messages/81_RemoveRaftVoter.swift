public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 81: a controller is a voter of the metadata quorum no longer.
public struct RemoveRaftVoterRequest: RequestMessage {
    public typealias Response = RemoveRaftVoterResponse
    public static var api: APIKey { .removeRaftVoter }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var clusterId:        String? = ""
    public var voterId:          Int32   = 0
    public var voterDirectoryId: UUID    = .zero

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ClusterId",        &clusterId,        0..., nullable: 0...)
        try wire.field("VoterId",          &voterId,          0...)
        try wire.field("VoterDirectoryId", &voterDirectoryId, 0...)
    }
}

// swift-format-ignore
public struct RemoveRaftVoterResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32   = 0
    public var errorCode:      Int16   = 0
    public var errorMessage:   String? = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
    }
}
