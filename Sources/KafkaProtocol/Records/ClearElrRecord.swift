// swift-format-ignore
public struct ClearElrRecord: MetadataMessage {
    public static var recordType: UInt16 { 28 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var topicName: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("TopicName", &topicName, 0...)
    }
}
