public import Bytes
public import KafkaModel

// swift-format-ignore
/// Key 3: no list of topics (null; in version 0 an empty one) asks for all.
public struct MetadataRequest: RequestMessage {
    public typealias Response = MetadataResponse
    public static var api: APIKey { .metadata }
    public static var versions: ClosedRange<Int16> { 0...13 }
    public static var flexibleFrom: Int16? { 9 }

    public var topics:                             [MetadataRequestTopic]? = []
    public var allowAutoTopicCreation:             Bool                    = true
    public var includeClusterAuthorizedOperations: Bool                    = false
    public var includeTopicAuthorizedOperations:   Bool                    = false

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("Topics",                             &topics,                             0...,  nullable: 1...)
        try wire.field("AllowAutoTopicCreation",             &allowAutoTopicCreation,             4...)
        try wire.field("IncludeClusterAuthorizedOperations", &includeClusterAuthorizedOperations, 8...10)
        try wire.field("IncludeTopicAuthorizedOperations",   &includeTopicAuthorizedOperations,   8...)
    }

    public struct MetadataRequestTopic: WireStruct {
        public var topicId: UUID    = .zero
        public var name:    String? = ""

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("TopicId", &topicId, 10...)
            try wire.field("Name",    &name,    0..., nullable: 10...)
        }
    }
}

// swift-format-ignore
public struct MetadataResponse: WireMessage {
    public static var versions: ClosedRange<Int16> { 0...13 }
    public static var flexibleFrom: Int16? { 9 }

    public var throttleTimeMs:              Int32                    = 0
    public var brokers:                     [MetadataResponseBroker] = []
    public var clusterId:                   String?                  = nil
    public var controllerId:                Int32                    = -1
    public var topics:                      [MetadataResponseTopic]  = []
    public var clusterAuthorizedOperations: Int32                    = .min
    public var errorCode:                   Int16                    = 0

    public init() {}

    public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
        try wire.field("ThrottleTimeMs",              &throttleTimeMs,              3...)
        try wire.field("Brokers",                     &brokers,                     0...)
        try wire.field("ClusterId",                   &clusterId,                   2...,  nullable: 2...)
        try wire.field("ControllerId",                &controllerId,                1...)
        try wire.field("Topics",                      &topics,                      0...)
        try wire.field("ClusterAuthorizedOperations", &clusterAuthorizedOperations, 8...10)
        try wire.field("ErrorCode",                   &errorCode,                   13...)
    }

    public struct MetadataResponseBroker: WireStruct {
        public var nodeId: Int32   = 0
        public var host:   String  = ""
        public var port:   Int32   = 0
        public var rack:   String? = nil

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("NodeId", &nodeId, 0...)
            try wire.field("Host",   &host,   0...)
            try wire.field("Port",   &port,   0...)
            try wire.field("Rack",   &rack,   1..., nullable: 1...)
        }
    }

    public struct MetadataResponseTopic: WireStruct {
        public var errorCode:                 Int16                       = 0
        public var name:                      String?                     = ""
        public var topicId:                   UUID                        = .zero
        public var isInternal:                Bool                        = false
        public var partitions:                [MetadataResponsePartition] = []
        public var topicAuthorizedOperations: Int32                       = .min

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",                 &errorCode,                 0...)
            try wire.field("Name",                      &name,                      0..., nullable: 12...)
            try wire.field("TopicId",                   &topicId,                   10...)
            try wire.field("IsInternal",                &isInternal,                1...)
            try wire.field("Partitions",                &partitions,                0...)
            try wire.field("TopicAuthorizedOperations", &topicAuthorizedOperations, 8...)
        }
    }

    public struct MetadataResponsePartition: WireStruct {
        public var errorCode:       Int16   = 0
        public var partitionIndex:  Int32   = 0
        public var leaderId:        Int32   = 0
        public var leaderEpoch:     Int32   = -1
        public var replicaNodes:    [Int32] = []
        public var isrNodes:        [Int32] = []
        public var offlineReplicas: [Int32] = []

        public init() {}

        public mutating func fields<C: WireCoder & ~Copyable & ~Escapable>(_ wire: inout C) throws(C.Failure) {
            try wire.field("ErrorCode",       &errorCode,       0...)
            try wire.field("PartitionIndex",  &partitionIndex,  0...)
            try wire.field("LeaderId",        &leaderId,        0...)
            try wire.field("LeaderEpoch",     &leaderEpoch,     7...)
            try wire.field("ReplicaNodes",    &replicaNodes,    0...)
            try wire.field("IsrNodes",        &isrNodes,        0...)
            try wire.field("OfflineReplicas", &offlineReplicas, 5...)
        }
    }
}
