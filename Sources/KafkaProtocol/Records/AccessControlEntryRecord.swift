public import Bytes

// swift-format-ignore
public struct AccessControlEntryRecord: MetadataMessage {
    public static var recordType: UInt16 { 18 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var id:             UUID   = .zero
    public var resourceType:   Int8   = 0
    public var resourceName:   String = ""
    public var patternType:    Int8   = 0
    public var principal:      String = ""
    public var host:           String = ""
    public var operation:      Int8   = 0
    public var permissionType: Int8   = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Id",             &id,             0...)
        try wire.field("ResourceType",   &resourceType,   0...)
        try wire.field("ResourceName",   &resourceName,   0...)
        try wire.field("PatternType",    &patternType,    0...)
        try wire.field("Principal",      &principal,      0...)
        try wire.field("Host",           &host,           0...)
        try wire.field("Operation",      &operation,      0...)
        try wire.field("PermissionType", &permissionType, 0...)
    }
}
