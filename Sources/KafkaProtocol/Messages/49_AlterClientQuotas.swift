public import KafkaModel

// swift-format-ignore
public struct AlterClientQuotasRequest: RequestMessage {
    public typealias Response = AlterClientQuotasResponse
    public static var api: APIKey { .alterClientQuotas }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 1 }

    public var entries:      [EntryData] = []
    public var validateOnly: Bool        = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Entries",      &entries,      0...)
        try wire.field("ValidateOnly", &validateOnly, 0...)
    }

    public struct EntryData: WireStruct {
        public var entity: [EntityData] = []
        public var ops:    [OpData]     = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Entity", &entity, 0...)
            try wire.field("Ops",    &ops,    0...)
        }
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

    public struct OpData: WireStruct {
        public var key:    String = ""
        public var value:  Double = 0
        public var remove: Bool   = false

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Key",    &key,    0...)
            try wire.field("Value",  &value,  0...)
            try wire.field("Remove", &remove, 0...)
        }
    }
}

// swift-format-ignore
public struct AlterClientQuotasResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 1 }

    public var throttleTimeMs: Int32       = 0
    public var entries:        [EntryData] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Entries",        &entries,        0...)
    }

    public struct EntryData: WireStruct {
        public var errorCode:    Int16        = 0
        public var errorMessage: String?      = ""
        public var entity:       [EntityData] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
            try wire.field("Entity",       &entity,       0...)
        }
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
