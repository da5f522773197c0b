public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 68. Everything a member of a consumer group ever says: that it joins (epoch 0), lives, has given up or taken
/// partitions, and leaves (epoch -1, or -2 for a static member that comes back). Null means: as before.
public struct ConsumerGroupHeartbeatRequest: RequestMessage {
    public typealias Response = ConsumerGroupHeartbeatResponse
    public static var api: APIKey { .consumerGroupHeartbeat }
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var groupId:              String             = ""
    public var memberId:             String             = ""
    public var memberEpoch:          Int32              = 0
    public var instanceId:           String?            = nil
    public var rackId:               String?            = nil
    public var rebalanceTimeoutMs:   Int32              = -1
    public var subscribedTopicNames: [String]?          = nil
    public var subscribedTopicRegex: String?            = nil
    public var serverAssignor:       String?            = nil
    public var topicPartitions:      [TopicPartitions]? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("GroupId",              &groupId,              0...)
        try wire.field("MemberId",             &memberId,             0...)
        try wire.field("MemberEpoch",          &memberEpoch,          0...)
        try wire.field("InstanceId",           &instanceId,           0..., nullable: 0...)
        try wire.field("RackId",               &rackId,               0..., nullable: 0...)
        try wire.field("RebalanceTimeoutMs",   &rebalanceTimeoutMs,   0...)
        try wire.field("SubscribedTopicNames", &subscribedTopicNames, 0..., nullable: 0...)
        try wire.field("SubscribedTopicRegex", &subscribedTopicRegex, 1..., nullable: 1...)
        try wire.field("ServerAssignor",       &serverAssignor,       0..., nullable: 0...)
        try wire.field("TopicPartitions",      &topicPartitions,      0..., nullable: 0...)
    }

    public struct TopicPartitions: WireStruct {
        public var topicId:    UUID    = .zero
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",    &topicId,    0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}

// swift-format-ignore
public struct ConsumerGroupHeartbeatResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...1 }
    public static var flexibleFrom: Int16? { 0 }

    public var throttleTimeMs:      Int32       = 0
    public var errorCode:           Int16       = 0
    public var errorMessage:        String?     = nil
    public var memberId:            String?     = nil
    public var memberEpoch:         Int32       = 0
    public var heartbeatIntervalMs: Int32       = 0
    public var assignment:          Assignment? = nil

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",      &throttleTimeMs,      0...)
        try wire.field("ErrorCode",           &errorCode,           0...)
        try wire.field("ErrorMessage",        &errorMessage,        0..., nullable: 0...)
        try wire.field("MemberId",            &memberId,            0..., nullable: 0...)
        try wire.field("MemberEpoch",         &memberEpoch,         0...)
        try wire.field("HeartbeatIntervalMs", &heartbeatIntervalMs, 0...)
        try wire.field("Assignment",          &assignment,          0..., nullable: 0...)
    }

    public struct Assignment: WireStruct {
        public var topicPartitions: [TopicPartitions] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicPartitions", &topicPartitions, 0...)
        }
    }

    public struct TopicPartitions: WireStruct {
        public var topicId:    UUID    = .zero
        public var partitions: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId",    &topicId,    0...)
            try wire.field("Partitions", &partitions, 0...)
        }
    }
}
