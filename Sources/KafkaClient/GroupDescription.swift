public import KafkaModel

/// By which rules a group works. The raw value is Kafka's word.
public enum GroupType: String, Sendable, CaseIterable {
    case classic = "Classic"
    case consumer = "Consumer"
    case share = "Share"
    case streams = "Streams"
    /// One that this build has no word for.
    case unknown = "Unknown"

    /// In any case; what is no type is unknown.
    public init(word: String) {
        self = Self.allCases.first { $0.rawValue.lowercased() == word.lowercased() } ?? .unknown
    }
}

/// What a group is at. The raw value is Kafka's word.
public enum GroupState: String, Sendable, CaseIterable {
    case preparingRebalance = "PreparingRebalance"
    case completingRebalance = "CompletingRebalance"
    case stable = "Stable"
    case dead = "Dead"
    case empty = "Empty"
    case assigning = "Assigning"
    case reconciling = "Reconciling"
    case notReady = "NotReady"
    case unknown = "Unknown"

    public init(word: String) {
        self = Self.allCases.first { $0.rawValue.lowercased() == word.lowercased() } ?? .unknown
    }

    /// Those a group of consumers can be in.
    public static let ofConsumers: [GroupState] = [
        .assigning, .completingRebalance, .dead, .empty, .preparingRebalance, .reconciling, .stable,
    ]
}

/// A group as its coordinator lists it.
public struct GroupListing: Sendable, Equatable {
    public let id: String
    /// `consumer`, `connect` or what else the members agreed upon; empty for a group that only commits.
    public let protocolType: String
    /// Nil where the broker is too old to tell.
    public let state: GroupState?
    public let type: GroupType?

    public init(id: String, protocolType: String, state: GroupState?, type: GroupType?) {
        self.id = id
        self.protocolType = protocolType
        self.state = state
        self.type = type
    }
}

/// A group of consumers as its coordinator describes it.
public struct GroupDescription: Sendable {
    public let id: String
    public let type: GroupType
    public let state: GroupState
    /// The assignor; empty while there is none.
    public let assignor: String
    public let coordinator: BrokerNode
    public let members: [GroupMember]
    /// Nil in a group of the classic protocol.
    public let epoch: Int32?
    public let targetAssignmentEpoch: Int32?

    public init(
        id: String, type: GroupType, state: GroupState, assignor: String, coordinator: BrokerNode,
        members: [GroupMember] = [], epoch: Int32? = nil, targetAssignmentEpoch: Int32? = nil
    ) {
        self.id = id
        self.type = type
        self.state = state
        self.assignor = assignor
        self.coordinator = coordinator
        self.members = members
        self.epoch = epoch
        self.targetAssignmentEpoch = targetAssignmentEpoch
    }
}

/// A consumer in its group.
public struct GroupMember: Sendable {
    public let id: String
    /// What a static member is called.
    public let instanceID: String?
    public let clientID: String
    /// As the broker saw the address, such as `/127.0.0.1`.
    public let host: String
    /// In the order of topics and partitions.
    public let assignment: [TopicPartition]
    /// What it shall have; nil in a group of the classic protocol.
    public let target: [TopicPartition]?
    public let epoch: Int32?
    /// Whether it speaks the consumer protocol; nil where nobody tells.
    public let isUpgraded: Bool?

    public init(
        id: String, instanceID: String? = nil, clientID: String, host: String, assignment: [TopicPartition] = [],
        target: [TopicPartition]? = nil, epoch: Int32? = nil, isUpgraded: Bool? = nil
    ) {
        self.id = id
        self.instanceID = instanceID
        self.clientID = clientID
        self.host = host
        self.assignment = assignment
        self.target = target
        self.epoch = epoch
        self.isUpgraded = isUpgraded
    }
}

/// How far a group has come in a partition.
public struct CommittedOffset: Sendable, Equatable {
    public let offset: Int64
    /// Nil where whoever committed did not tell.
    public let leaderEpoch: Int32?
    public let metadata: String

    public init(_ offset: Int64, leaderEpoch: Int32? = nil, metadata: String = "") {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
    }
}
