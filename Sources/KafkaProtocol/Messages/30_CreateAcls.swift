public import KafkaModel

// swift-format-ignore
public struct CreateAclsRequest: RequestMessage {
    public typealias Response = CreateAclsResponse
    public static var api: APIKey { .createAcls }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 2 }

    public var creations: [AclCreation] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Creations", &creations, 0...)
    }

    public struct AclCreation: WireStruct {
        public var resourceType:        Int8   = 0
        public var resourceName:        String = ""
        public var resourcePatternType: Int8   = 3
        public var principal:           String = ""
        public var host:                String = ""
        public var operation:           Int8   = 0
        public var permissionType:      Int8   = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ResourceType",        &resourceType,        0...)
            try wire.field("ResourceName",        &resourceName,        0...)
            try wire.field("ResourcePatternType", &resourcePatternType, 1...)
            try wire.field("Principal",           &principal,           0...)
            try wire.field("Host",                &host,                0...)
            try wire.field("Operation",           &operation,           0...)
            try wire.field("PermissionType",      &permissionType,      0...)
        }
    }
}

// swift-format-ignore
public struct CreateAclsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32               = 0
    public var results:        [AclCreationResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("Results",        &results,        0...)
    }

    public struct AclCreationResult: WireStruct {
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
        }
    }
}
