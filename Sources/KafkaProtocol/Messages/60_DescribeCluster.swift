public import KafkaModel

// swift-format-ignore
/// Key 60. Endpoint type 1 asks for brokers, 2 for controllers.
public struct DescribeClusterRequest: RequestMessage {
    public typealias Response = DescribeClusterResponse
    public static var api: APIKey { .describeCluster }
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var includeClusterAuthorizedOperations: Bool = false
    public var endpointType:                       Int8 = 1
    public var includeFencedBrokers:               Bool = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("IncludeClusterAuthorizedOperations", &includeClusterAuthorizedOperations, 0...)
        try wire.field("EndpointType",                       &endpointType,                       1...)
        try wire.field("IncludeFencedBrokers",               &includeFencedBrokers,               2...)
    }
}

// swift-format-ignore
public struct DescribeClusterResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...2 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs:              Int32                   = 0
    public var errorCode:                   Int16                   = 0
    public var errorMessage:                String?                 = nil
    public var endpointType:                Int8                    = 1
    public var clusterId:                   String                  = ""
    public var controllerId:                Int32                   = -1
    public var brokers:                     [DescribeClusterBroker] = []
    public var clusterAuthorizedOperations: Int32                   = .min

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",              &throttleTimeMs,              0...)
        try wire.field("ErrorCode",                   &errorCode,                   0...)
        try wire.field("ErrorMessage",                &errorMessage,                0..., nullable: 0...)
        try wire.field("EndpointType",                &endpointType,                1...)
        try wire.field("ClusterId",                   &clusterId,                   0...)
        try wire.field("ControllerId",                &controllerId,                0...)
        try wire.field("Brokers",                     &brokers,                     0...)
        try wire.field("ClusterAuthorizedOperations", &clusterAuthorizedOperations, 0...)
    }

    public struct DescribeClusterBroker: WireStruct {
        public var brokerId: Int32   = 0
        public var host:     String  = ""
        public var port:     Int32   = 0
        public var rack:     String? = nil
        public var isFenced: Bool    = false

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("BrokerId", &brokerId, 0...)
            try wire.field("Host",     &host,     0...)
            try wire.field("Port",     &port,     0...)
            try wire.field("Rack",     &rack,     0..., nullable: 0...)
            try wire.field("IsFenced", &isFenced, 2...)
        }
    }
}
