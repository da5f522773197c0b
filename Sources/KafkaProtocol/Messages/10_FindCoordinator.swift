public import KafkaModel

// swift-format-ignore
/// Key 10: of a group (type 0), a transactional id (1) or a share group (2); one key up to version 3, then a list.
public struct FindCoordinatorRequest: RequestMessage {
    public typealias Response = FindCoordinatorResponse
    public static var api: APIKey { .findCoordinator }
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleFrom: Int16? { 3 }

    public var key:             String   = ""
    public var keyType:         Int8     = 0
    public var coordinatorKeys: [String] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Key",             &key,             0...3)
        try wire.field("KeyType",         &keyType,         1...)
        try wire.field("CoordinatorKeys", &coordinatorKeys, 4...)
    }
}

// swift-format-ignore
public struct FindCoordinatorResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...6 }
    public static var flexibleFrom: Int16? { 3 }

    public var throttleTimeMs: Int32         = 0
    public var errorCode:      Int16         = 0
    public var errorMessage:   String?       = ""
    public var nodeId:         Int32         = 0
    public var host:           String        = ""
    public var port:           Int32         = 0
    public var coordinators:   [Coordinator] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 1...)
        try wire.field("ErrorCode",      &errorCode,      0...3)
        try wire.field("ErrorMessage",   &errorMessage,   1...3, nullable: 1...3)
        try wire.field("NodeId",         &nodeId,         0...3)
        try wire.field("Host",           &host,           0...3)
        try wire.field("Port",           &port,           0...3)
        try wire.field("Coordinators",   &coordinators,   4...)
    }

    public struct Coordinator: WireStruct {
        public var key:          String  = ""
        public var nodeId:       Int32   = 0
        public var host:         String  = ""
        public var port:         Int32   = 0
        public var errorCode:    Int16   = 0
        public var errorMessage: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Key",          &key,          4...)
            try wire.field("NodeId",       &nodeId,       4...)
            try wire.field("Host",         &host,         4...)
            try wire.field("Port",         &port,         4...)
            try wire.field("ErrorCode",    &errorCode,    4...)
            try wire.field("ErrorMessage", &errorMessage, 4..., nullable: 4...)
        }
    }
}
