public import KafkaModel

// swift-format-ignore
public struct AlterUserScramCredentialsRequest: RequestMessage {
    public typealias Response = AlterUserScramCredentialsResponse
    public static var api: APIKey { .alterUserScramCredentials }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var deletions:  [ScramCredentialDeletion]  = []
    public var upsertions: [ScramCredentialUpsertion] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Deletions",  &deletions,  0...)
        try wire.field("Upsertions", &upsertions, 0...)
    }

    public struct ScramCredentialDeletion: WireStruct {
        public var name:      String = ""
        public var mechanism: Int8   = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",      &name,      0...)
            try wire.field("Mechanism", &mechanism, 0...)
        }
    }

    public struct ScramCredentialUpsertion: WireStruct {
        public var name:           String  = ""
        public var mechanism:      Int8    = 0
        public var iterations:     Int32   = 0
        public var salt:           [UInt8] = []
        public var saltedPassword: [UInt8] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",           &name,           0...)
            try wire.field("Mechanism",      &mechanism,      0...)
            try wire.field("Iterations",     &iterations,     0...)
            try wire.field("Salt",           &salt,           0...)
            try wire.field("SaltedPassword", &saltedPassword, 0...)
        }
    }
}

// swift-format-ignore
public struct AlterUserScramCredentialsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32                             = 0
    public var results:        [AlterUserScramCredentialsResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct AlterUserScramCredentialsResult: WireStruct {
        public var user:         String  = ""
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("User",         &user,         0...)
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
        }
    }
}
