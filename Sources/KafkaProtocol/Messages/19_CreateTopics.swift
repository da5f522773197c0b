public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 19. -1 for partitions or replication factor means the broker's default, from version 4.
public struct CreateTopicsRequest: RequestMessage {
    public typealias Response = CreateTopicsResponse
    public static var api: APIKey { .createTopics }
    public static var versions: ClosedRange<Int16> { 0...7 }
    public static var flexibleFrom: Int16? { 5 }

    public var topics:       [CreatableTopic] = []
    public var timeoutMs:    Int32            = 60000
    public var validateOnly: Bool             = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",       &topics,       0...)
        try wire.field("timeoutMs",    &timeoutMs,    0...)
        try wire.field("validateOnly", &validateOnly, 1...)
    }

    public struct CreatableTopic: WireStruct {
        public var name:              String                       = ""
        public var numPartitions:     Int32                        = 0
        public var replicationFactor: Int16                        = 0
        public var assignments:       [CreatableReplicaAssignment] = []
        public var configs:           [CreatableTopicConfig]       = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",              &name,              0...)
            try wire.field("NumPartitions",     &numPartitions,     0...)
            try wire.field("ReplicationFactor", &replicationFactor, 0...)
            try wire.field("Assignments",       &assignments,       0...)
            try wire.field("Configs",           &configs,           0...)
        }
    }

    public struct CreatableReplicaAssignment: WireStruct {
        public var partitionIndex: Int32   = 0
        public var brokerIds:      [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("PartitionIndex", &partitionIndex, 0...)
            try wire.field("BrokerIds",      &brokerIds,      0...)
        }
    }

    public struct CreatableTopicConfig: WireStruct {
        public var name:  String  = ""
        public var value: String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",  &name,  0...)
            try wire.field("Value", &value, 0..., nullable: 0...)
        }
    }
}

// swift-format-ignore
public struct CreateTopicsResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...7 }
    public static var flexibleFrom: Int16? { 5 }

    public var throttleTimeMs: Int32                  = 0
    public var topics:         [CreatableTopicResult] = []

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs", &throttleTimeMs, 2...)
        try wire.field("Topics",         &topics,         0...)
    }

    public struct CreatableTopicResult: WireStruct {
        public var name:                 String                   = ""
        public var topicId:              UUID                     = .zero
        public var errorCode:            Int16                    = 0
        public var errorMessage:         String?                  = ""
        public var topicConfigErrorCode: Int16                    = 0
        public var numPartitions:        Int32                    = -1
        public var replicationFactor:    Int16                    = -1
        public var configs:              [CreatableTopicConfigs]? = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",              &name,              0...)
            try wire.field("TopicId",           &topicId,           7...)
            try wire.field("ErrorCode",         &errorCode,         0...)
            try wire.field("ErrorMessage",      &errorMessage,      1..., nullable: 0...)
            try wire.field("NumPartitions",     &numPartitions,     5...)
            try wire.field("ReplicationFactor", &replicationFactor, 5...)
            try wire.field("Configs",           &configs,           5..., nullable: 5...)
        }

        public mutating func taggedFields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.tag(0, "TopicConfigErrorCode", &topicConfigErrorCode, 5..., default: 0)
        }
    }

    public struct CreatableTopicConfigs: WireStruct {
        public var name:         String  = ""
        public var value:        String? = ""
        public var readOnly:     Bool    = false
        public var configSource: Int8    = -1
        public var isSensitive:  Bool    = false

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("Name",         &name,         5...)
            try wire.field("Value",        &value,        5..., nullable: 5...)
            try wire.field("ReadOnly",     &readOnly,     5...)
            try wire.field("ConfigSource", &configSource, 5...)
            try wire.field("IsSensitive",  &isSensitive,  5...)
        }
    }
}
