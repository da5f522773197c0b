public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 80: a further controller becomes a voter of the metadata quorum.
public struct AddRaftVoterRequest: RequestMessage {
    public typealias Response = AddRaftVoterResponse
    public static var api: APIKey { .addRaftVoter }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var clusterId:        String?    = ""
    public var timeoutMs:        Int32      = 0
    public var voterId:          Int32      = 0
    public var voterDirectoryId: UUID       = .zero
    public var listeners:        [Listener] = []
    public var ackWhenCommitted: Bool       = true

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ClusterId",        &clusterId,        0..., nullable: 0...)
        try wire.field("TimeoutMs",        &timeoutMs,        0...)
        try wire.field("VoterId",          &voterId,          0...)
        try wire.field("VoterDirectoryId", &voterDirectoryId, 0...)
        try wire.field("Listeners",        &listeners,        0...)
        try wire.field("AckWhenCommitted", &ackWhenCommitted, 1...)
    }

    public struct Listener: WireStruct {
        public var name: String = ""
        public var host: String = ""
        public var port: UInt16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name", &name, 0...)
            try wire.field("Host", &host, 0...)
            try wire.field("Port", &port, 0...)
        }
    }
}

// swift-format-ignore
public struct AddRaftVoterResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
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
