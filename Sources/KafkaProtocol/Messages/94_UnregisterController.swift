public import KafkaModel

// swift-format-ignore
/// Key 94, of Kafka 4.4: the cluster forgets a controller that is gone.
public struct UnregisterControllerRequest: RequestMessage {
    public typealias Response = UnregisterControllerResponse
    public static var api: APIKey { .unregisterController }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var controllerId: Int32 = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ControllerId", &controllerId, 0...)
    }
}

// swift-format-ignore
public struct UnregisterControllerResponse: WireMessage {
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
