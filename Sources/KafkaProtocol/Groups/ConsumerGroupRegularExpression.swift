// swift-format-ignore
/// Record 16 of `__consumer_offsets`: a regular expression that members subscribe to.
public struct ConsumerGroupRegularExpressionKey: CoordinatorKey {
    public typealias Value = ConsumerGroupRegularExpressionValue
    public static var recordType: Int16 { 16 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { nil }

    public var groupId:           String = ""
    public var regularExpression: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",           &groupId,           0...0)
        try wire.field("RegularExpression", &regularExpression, 0...0)
    }
}

// swift-format-ignore
/// The topics that matched, and when that was found out.
public struct ConsumerGroupRegularExpressionValue: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topics:    [String] = []
    public var version:   Int64    = 0
    public var timestamp: Int64    = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",    &topics,    0...)
        try wire.field("Version",   &version,   0...)
        try wire.field("Timestamp", &timestamp, 0...)
    }
}
