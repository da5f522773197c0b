public import KafkaModel

// swift-format-ignore
public struct DescribeClientQuotasRequest: RequestMessage {
    public typealias Response = DescribeClientQuotasResponse
    public static var api: APIKey { .describeClientQuotas }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 1 }

    public var components: [ComponentData] = []
    public var strict:     Bool            = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Components", &components, 0...)
        try wire.field("Strict",     &strict,     0...)
    }

    public struct ComponentData: WireStruct {
        public var entityType: String  = ""
        public var matchType:  Int8    = 0
        public var match:      String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("EntityType", &entityType, 0...)
            try wire.field("MatchType",  &matchType,  0...)
            try wire.field("Match",      &match,      0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct DescribeClientQuotasResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 1 }

    public var throttleTimeMs: Int32        = 0
    public var errorCode:      Int16        = 0
    public var errorMessage:   String?      = ""
    public var entries:        [EntryData]? = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
        try wire.field("Entries",        &entries,        0..., nullable: 0...)
    }

    public struct EntryData: WireStruct {
        public var entity: [EntityData] = []
        public var values: [ValueData]  = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Entity", &entity, 0...)
            try wire.field("Values", &values, 0...)
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

    public struct ValueData: WireStruct {
        public var key:   String = ""
        public var value: Double = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Key",   &key,   0...)
            try wire.field("Value", &value, 0...)
        }
    }
}
