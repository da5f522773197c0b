public import Bytes
public import KafkaModel

/// A topic that somebody wants.
public struct NewTopic: Sendable {
    public var name: String
    /// -1 for the cluster's default.
    public var partitionCount: Int32
    /// -1 for the cluster's default.
    public var replicationFactor: Int16
    /// Given instead of both numbers: the replicas of each partition.
    public var assignments: [(partition: Int32, replicas: [BrokerID])]
    public var configs: [(name: String, value: String?)]

    public init(
        _ name: String, partitionCount: Int32 = -1, replicationFactor: Int16 = -1,
        assignments: [(partition: Int32, replicas: [BrokerID])] = [], configs: [(name: String, value: String?)] = []
    ) {
        self.name = name
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
        self.assignments = assignments
        self.configs = configs
    }
}

/// What a topic gets that does not say otherwise.
public struct TopicDefaults: Sendable {
    /// `num.partitions`
    public var partitionCount: Int32
    /// `default.replication.factor`
    public var replicationFactor: Int16

    public init(partitionCount: Int32 = 1, replicationFactor: Int16 = 1) {
        self.partitionCount = partitionCount
        self.replicationFactor = replicationFactor
    }
}

/// What became of a wanted topic.
public struct TopicCreation: Sendable {
    public struct Created: Sendable {
        public let id: UUID
        public let partitionCount: Int
        public let replicationFactor: Int
        /// The settings it was given, not the defaults.
        public let configs: [String: String]
    }

    public let name: String
    public let outcome: Result<Created, Refusal>
}
