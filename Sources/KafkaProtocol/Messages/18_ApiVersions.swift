public import KafkaModel

// swift-format-ignore
/// Key 18, the first request of most clients. A version that the broker does not know is answered in version 0.
public struct ApiVersionsRequest: RequestMessage {
    public typealias Response = ApiVersionsResponse
    public static var api: APIKey { .apiVersions }
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 3 }

    public var clientSoftwareName:    String = ""
    public var clientSoftwareVersion: String = ""

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ClientSoftwareName",    &clientSoftwareName,    3...)
        try wire.field("ClientSoftwareVersion", &clientSoftwareVersion, 3...)
    }
}

// swift-format-ignore
public struct ApiVersionsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...4 }
    public static var flexibleFrom: Int16? { 3 }

    public var errorCode:              Int16                 = 0
    public var apiKeys:                [ApiVersion]          = []
    public var throttleTimeMs:         Int32                 = 0
    public var supportedFeatures:      [SupportedFeatureKey] = []
    public var finalizedFeaturesEpoch: Int64                 = -1
    public var finalizedFeatures:      [FinalizedFeatureKey] = []
    public var zkMigrationReady:       Bool                  = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ApiKeys",        &apiKeys,        0...)
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
    }

    public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.tag(0, "SupportedFeatures",      &supportedFeatures,      3...)
        try wire.tag(1, "FinalizedFeaturesEpoch", &finalizedFeaturesEpoch, 3..., default: -1)
        try wire.tag(2, "FinalizedFeatures",      &finalizedFeatures,      3...)
        try wire.tag(3, "ZkMigrationReady",       &zkMigrationReady,       3..., default: false)
    }

    public struct ApiVersion: WireStruct {
        public var apiKey:     Int16 = 0
        public var minVersion: Int16 = 0
        public var maxVersion: Int16 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ApiKey",     &apiKey,     0...)
            try wire.field("MinVersion", &minVersion, 0...)
            try wire.field("MaxVersion", &maxVersion, 0...)
        }
    }

    public struct SupportedFeatureKey: WireStruct {
        public var name:       String = ""
        public var minVersion: Int16  = 0
        public var maxVersion: Int16  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",       &name,       3...)
            try wire.field("MinVersion", &minVersion, 3...)
            try wire.field("MaxVersion", &maxVersion, 3...)
        }
    }

    public struct FinalizedFeatureKey: WireStruct {
        public var name:            String = ""
        public var maxVersionLevel: Int16  = 0
        public var minVersionLevel: Int16  = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",            &name,            3...)
            try wire.field("MaxVersionLevel", &maxVersionLevel, 3...)
            try wire.field("MinVersionLevel", &minVersionLevel, 3...)
        }
    }
}
