public import KafkaModel

// swift-format-ignore
/// Key 17, never flexible: what follows it may not be Kafka's protocol.
public struct SaslHandshakeRequest: RequestMessage {
    public typealias Response = SaslHandshakeResponse
    public static var api: APIKey { .saslHandshake }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { nil }

    public var mechanism: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Mechanism", &mechanism, 0...)
    }
}

// swift-format-ignore
public struct SaslHandshakeResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { nil }

    public var errorCode:  Int16    = 0
    public var mechanisms: [String] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ErrorCode",  &errorCode,  0...)
        try wire.field("Mechanisms", &mechanisms, 0...)
    }
}
