public import Bytes

// swift-format-ignore
/// A topic is there; its partitions follow.
public struct TopicRecord: MetadataMessage {
    public static var recordType: UInt16 { 2 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var name:    String = ""
    public var topicId: UUID   = .zero

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Name",    &name,    0...)
        try wire.field("TopicId", &topicId, 0...)
    }
}
