public import KafkaModel

// swift-format-ignore
/// Key 32. A null list of keys asks for all of the resource.
public struct DescribeConfigsRequest: RequestMessage {
    public typealias Response = DescribeConfigsResponse
    public static var api: APIKey { .describeConfigs }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var resources:            [DescribeConfigsResource] = []
    public var includeSynonyms:      Bool                      = false
    public var includeDocumentation: Bool                      = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Resources",            &resources,            0...)
        try wire.field("IncludeSynonyms",      &includeSynonyms,      1...)
        try wire.field("IncludeDocumentation", &includeDocumentation, 3...)
    }

    public struct DescribeConfigsResource: WireStruct {
        public var resourceType:      Int8      = 0
        public var resourceName:      String    = ""
        public var configurationKeys: [String]? = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ResourceType",      &resourceType,      0...)
            try wire.field("ResourceName",      &resourceName,      0...)
            try wire.field("ConfigurationKeys", &configurationKeys, 0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct DescribeConfigsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 4 }

    public var throttleTimeMs: Int32                   = 0
    public var results:        [DescribeConfigsResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct DescribeConfigsResult: WireStruct {
        public var errorCode:    Int16                           = 0
        public var errorMessage: String?                         = ""
        public var resourceType: Int8                            = 0
        public var resourceName: String                          = ""
        public var configs:      [DescribeConfigsResourceResult] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
            try wire.field("ResourceType", &resourceType, 0...)
            try wire.field("ResourceName", &resourceName, 0...)
            try wire.field("Configs",      &configs,      0...)
        }
    }

    public struct DescribeConfigsResourceResult: WireStruct {
        public var name:          String                   = ""
        public var value:         String?                  = ""
        public var readOnly:      Bool                     = false
        public var isDefault:     Bool                     = false
        public var configSource:  Int8                     = -1
        public var isSensitive:   Bool                     = false
        public var synonyms:      [DescribeConfigsSynonym] = []
        public var configType:    Int8                     = 0
        public var documentation: String?                  = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",          &name,          0...)
            try wire.field("Value",         &value,         0..., nullable: 0...)
            try wire.field("ReadOnly",      &readOnly,      0...)
            try wire.field("IsDefault",     &isDefault,     0...0)
            try wire.field("ConfigSource",  &configSource,  1...)
            try wire.field("IsSensitive",   &isSensitive,   0...)
            try wire.field("Synonyms",      &synonyms,      1...)
            try wire.field("ConfigType",    &configType,    3...)
            try wire.field("Documentation", &documentation, 3..., nullable: 0...)
        }
    }

    public struct DescribeConfigsSynonym: WireStruct {
        public var name:   String  = ""
        public var value:  String? = ""
        public var source: Int8    = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",   &name,   1...)
            try wire.field("Value",  &value,  1..., nullable: 0...)
            try wire.field("Source", &source, 1...)
        }
    }
}
