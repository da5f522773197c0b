// swift-format-ignore
/// A feature was set to a level, `metadata.version` among them.
public struct FeatureLevelRecord: MetadataMessage {
    public static var recordType: UInt16 { 12 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var name:         String = ""
    public var featureLevel: Int16  = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Name",         &name,         0...)
        try wire.field("FeatureLevel", &featureLevel, 0...)
    }
}
