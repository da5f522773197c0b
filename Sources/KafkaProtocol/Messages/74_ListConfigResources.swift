public import KafkaModel

// swift-format-ignore
/// Key 74, in version 0 only for client metrics, whence its older name ListClientMetricsResources.
public struct ListConfigResourcesRequest: RequestMessage {
    public typealias Response = ListConfigResourcesResponse
    public static var api: APIKey { .listConfigResources }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var resourceTypes: [Int8] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ResourceTypes", &resourceTypes, 1...)
    }
}

// swift-format-ignore
public struct ListConfigResourcesResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs:  Int32            = 0
    public var errorCode:       Int16            = 0
    public var configResources: [ConfigResource] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",  &throttleTimeMs,  0...)
        try wire.field("ErrorCode",       &errorCode,       0...)
        try wire.field("ConfigResources", &configResources, 0...)
    }

    public struct ConfigResource: WireStruct {
        public var resourceName: String = ""
        public var resourceType: Int8   = 16

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ResourceName", &resourceName, 0...)
            try wire.field("ResourceType", &resourceType, 1...)
        }
    }
}
