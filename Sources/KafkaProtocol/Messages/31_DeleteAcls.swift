public import KafkaModel

// swift-format-ignore
public struct DeleteAclsRequest: RequestMessage {
    public typealias Response = DeleteAclsResponse
    public static var api: APIKey { .deleteAcls }
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 2 }

    public var filters: [DeleteAclsFilter] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Filters", &filters, 0...)
    }

    public struct DeleteAclsFilter: WireStruct {
        public var resourceTypeFilter: Int8    = 0
        public var resourceNameFilter: String? = ""
        public var patternTypeFilter:  Int8    = 3
        public var principalFilter:    String? = ""
        public var hostFilter:         String? = ""
        public var operation:          Int8    = 0
        public var permissionType:     Int8    = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ResourceTypeFilter", &resourceTypeFilter, 0...)
            try wire.field("ResourceNameFilter", &resourceNameFilter, 0..., nullable: 0...)
            try wire.field("PatternTypeFilter",  &patternTypeFilter,  1...)
            try wire.field("PrincipalFilter",    &principalFilter,    0..., nullable: 0...)
            try wire.field("HostFilter",         &hostFilter,         0..., nullable: 0...)
            try wire.field("Operation",          &operation,          0...)
            try wire.field("PermissionType",     &permissionType,     0...)
        }
    }
}

// swift-format-ignore
public struct DeleteAclsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...3 }
    public static var flexibleFrom: Int16? { 2 }

    public var throttleTimeMs: Int32                    = 0
    public var filterResults:  [DeleteAclsFilterResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 0...)
        try wire.field("FilterResults",  &filterResults,  0...)
    }

    public struct DeleteAclsFilterResult: WireStruct {
        public var errorCode:    Int16                   = 0
        public var errorMessage: String?                 = ""
        public var matchingAcls: [DeleteAclsMatchingAcl] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",    &errorCode,    0...)
            try wire.field("ErrorMessage", &errorMessage, 0..., nullable: 0...)
            try wire.field("MatchingAcls", &matchingAcls, 0...)
        }
    }

    public struct DeleteAclsMatchingAcl: WireStruct {
        public var errorCode:      Int16   = 0
        public var errorMessage:   String? = ""
        public var resourceType:   Int8    = 0
        public var resourceName:   String  = ""
        public var patternType:    Int8    = 3
        public var principal:      String  = ""
        public var host:           String  = ""
        public var operation:      Int8    = 0
        public var permissionType: Int8    = 0

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",      &errorCode,      0...)
            try wire.field("ErrorMessage",   &errorMessage,   0..., nullable: 0...)
            try wire.field("ResourceType",   &resourceType,   0...)
            try wire.field("ResourceName",   &resourceName,   0...)
            try wire.field("PatternType",    &patternType,    1...)
            try wire.field("Principal",      &principal,      0...)
            try wire.field("Host",           &host,           0...)
            try wire.field("Operation",      &operation,      0...)
            try wire.field("PermissionType", &permissionType, 0...)
        }
    }
}
