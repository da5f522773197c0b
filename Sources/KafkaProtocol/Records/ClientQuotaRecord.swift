// swift-format-ignore
public struct ClientQuotaRecord: MetadataMessage {
    public static var recordType: UInt16 { 14 }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var entity: [EntityData] = []
    public var key:    String       = ""
    public var value:  Double       = 0
    public var remove: Bool         = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Entity", &entity, 0...)
        try wire.field("Key",    &key,    0...)
        try wire.field("Value",  &value,  0...)
        try wire.field("Remove", &remove, 0...)
    }

    public struct EntityData: WireStruct {
        public var entityType: String  = ""
        public var entityName: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("EntityType", &entityType, 0...)
            try wire.field("EntityName", &entityName, 0..., nullable: 0...)
        }
    }
}
