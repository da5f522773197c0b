public import KafkaModel

// swift-format-ignore
public struct UpdateFeaturesRequest: RequestMessage {
    public typealias Response = UpdateFeaturesResponse
    public static var api: APIKey { .updateFeatures }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var timeoutMs:      Int32              = 60000
    public var featureUpdates: [FeatureUpdateKey] = []
    public var validateOnly:   Bool               = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("timeoutMs",      &timeoutMs,      0...)
        try wire.field("FeatureUpdates", &featureUpdates, 0...)
        try wire.field("ValidateOnly",   &validateOnly,   1...)
    }

    public struct FeatureUpdateKey: WireStruct {
        public var feature:         String = ""
        public var maxVersionLevel: Int16  = 0
        public var allowDowngrade:  Bool   = false
        public var upgradeType:     Int8   = 1

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Feature",         &feature,         0...)
            try wire.field("MaxVersionLevel", &maxVersionLevel, 0...)
            try wire.field("AllowDowngrade",  &allowDowngrade,  0...0)
            try wire.field("UpgradeType",     &upgradeType,     1...)
        }
    }
}

// swift-format-ignore
public struct UpdateFeaturesResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32                    = 0
    public var errorCode:      Int16                    = 0
    public var errorMessage:   String?                  = ""
    public var results:        [UpdatableFeatureResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
        try wire.field("Results",        &results,        0...1)
    }

    public struct UpdatableFeatureResult: WireStruct {
        public var feature:      String  = ""
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Feature",      &feature,      0...)
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
        }
    }
}
