public import Bytes

// swift-format-ignore
public struct RemoveAccessControlEntryRecord: MetadataMessage {
    public static var recordType: UInt16 { 19 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var id: UUID = .zero

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Id", &id, 0...)
    }
}
