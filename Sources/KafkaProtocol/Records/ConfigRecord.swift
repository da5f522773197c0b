// swift-format-ignore
public struct ConfigRecord: MetadataMessage {
    public static var recordType: UInt16 { 4 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var resourceType: Int8    = 0
    public var resourceName: String  = ""
    public var name:         String  = ""
    public var value:        String? = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ResourceType", &resourceType, 0...)
        try wire.field("ResourceName", &resourceName, 0...)
        try wire.field("Name",         &name,         0...)
        try wire.field("Value",        &value,        0..., nullable: 0...)
    }
}
