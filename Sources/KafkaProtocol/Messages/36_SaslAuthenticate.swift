public import KafkaModel

// swift-format-ignore
public struct SaslAuthenticateRequest: RequestMessage {
    public typealias Response = SaslAuthenticateResponse
    public static var api: APIKey { .saslAuthenticate }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var authBytes: [UInt8] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("AuthBytes", &authBytes, 0...)
    }
}

// swift-format-ignore
public struct SaslAuthenticateResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var errorCode:         Int16   = 0
    public var errorMessage:      String? = ""
    public var authBytes:         [UInt8] = []
    public var sessionLifetimeMs: Int64   = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ErrorCode",         &errorCode,         0...)
        try wire.field("ErrorMessage",      &errorMessage,      0..., nullable: 0...)
        try wire.field("AuthBytes",         &authBytes,         0...)
        try wire.field("SessionLifetimeMs", &sessionLifetimeMs, 1...)
    }
}
