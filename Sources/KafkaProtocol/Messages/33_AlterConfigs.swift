public import KafkaModel

// swift-format-ignore
/// Key 33: replaces all settings of a resource. Superseded by IncrementalAlterConfigs, and still in use.
public struct AlterConfigsRequest: RequestMessage {
    public typealias Response = AlterConfigsResponse
    public static var api: APIKey { .alterConfigs }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var resources:    [AlterConfigsResource] = []
    public var validateOnly: Bool                   = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Resources",    &resources,    0...)
        try wire.field("ValidateOnly", &validateOnly, 0...)
    }

    public struct AlterConfigsResource: WireStruct {
        public var resourceType: Int8              = 0
        public var resourceName: String            = ""
        public var configs:      [AlterableConfig] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ResourceType", &resourceType, 0...)
            try wire.field("ResourceName", &resourceName, 0...)
            try wire.field("Configs",      &configs,      0...)
        }
    }

    public struct AlterableConfig: WireStruct {
        public var name:  String  = ""
        public var value: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",  &name,  0...)
            try wire.field("Value", &value, 0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct AlterConfigsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                          = 0
    public var responses:      [AlterConfigsResourceResponse] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Responses",      &responses,      0...)
    }

    public struct AlterConfigsResourceResponse: WireStruct {
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = ""
        public var resourceType: Int8    = 0
        public var resourceName: String  = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
            try wire.field("ResourceType", &resourceType, 0...)
            try wire.field("ResourceName", &resourceName, 0...)
        }
    }
}
