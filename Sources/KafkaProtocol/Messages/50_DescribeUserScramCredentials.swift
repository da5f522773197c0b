public import KafkaModel

// swift-format-ignore
public struct DescribeUserScramCredentialsRequest: RequestMessage {
    public typealias Response = DescribeUserScramCredentialsResponse
    public static var api: APIKey { .describeUserScramCredentials }
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var users: [UserName]? = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Users", &users, 0..., nullable: 0...)
    }

    public struct UserName: WireStruct {
        public var name: String = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name", &name, 0...)
        }
    }
}

// swift-format-ignore
public struct DescribeUserScramCredentialsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...0 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs: Int32                                = 0
    public var errorCode:      Int16                                = 0
    public var errorMessage:   String?                              = ""
    public var results:        [DescribeUserScramCredentialsResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("ErrorCode",      &errorCode,      0...)
        try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct DescribeUserScramCredentialsResult: WireStruct {
        public var user:            String           = ""
        public var errorCode:       Int16            = 0
        public var errorMessage:    String?          = ""
        public var credentialInfos: [CredentialInfo] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("User",            &user,            0...)
            try wire.field("ErrorCode",       &errorCode,       0...)
            try wire.field("ErrorMessage",    &errorMessage,    0..., nullable: 0...)
            try wire.field("CredentialInfos", &credentialInfos, 0...)
        }
    }

    public struct CredentialInfo: WireStruct {
        public var mechanism:  Int8  = 0
        public var iterations: Int32 = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Mechanism",  &mechanism,  0...)
            try wire.field("Iterations", &iterations, 0...)
        }
    }
}
