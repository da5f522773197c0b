public import Bytes
public import KafkaModel

/// One partition as the metadata log tells it.
public struct PartitionImage: Sendable, Equatable {
    /// Where it is kept, the preferred leader first.
    public var replicas: [BrokerID]
    /// The log directory of each replica, in the order of `replicas`; see `DirectoryID` for the reserved ones.
    public var directories: [UUID]
    public var isr: [BrokerID]
    public var removingReplicas: [BrokerID]
    public var addingReplicas: [BrokerID]
    public var eligibleLeaders: [BrokerID]
    public var lastKnownEligibleLeaders: [BrokerID]
    /// `.none` while no replica may lead.
    public var leader: BrokerID
    /// The leader was elected from outside the ISR and has not yet said that it recovered.
    public var isRecovering: Bool
    /// Grows with each change of the leader.
    public var leaderEpoch: Int32
    /// Grows with each change of anything.
    public var partitionEpoch: Int32

    public init(
        replicas: [BrokerID], directories: [UUID] = [], isr: [BrokerID], leader: BrokerID, leaderEpoch: Int32 = 0,
        partitionEpoch: Int32 = 0
    ) {
        self.replicas = replicas
        self.directories =
            directories.isEmpty ? Array(repeating: DirectoryID.migrating, count: replicas.count) : directories
        self.isr = isr
        self.leader = leader
        self.leaderEpoch = leaderEpoch
        self.partitionEpoch = partitionEpoch
        removingReplicas = []
        addingReplicas = []
        eligibleLeaders = []
        lastKnownEligibleLeaders = []
        isRecovering = false
    }

    public var preferredLeader: BrokerID { replicas.first ?? .none }
    public var hasLeader: Bool { leader != .none }
    public var isReassigning: Bool { !addingReplicas.isEmpty || !removingReplicas.isEmpty }
}

/// Ids that stand for no directory in particular (KIP-858).
public enum DirectoryID {
    /// Unknown, because the record is older than directory ids.
    public static let migrating = UUID.zero
    /// Not chosen yet.
    public static let unassigned = UUID(high: 0, low: 1)
    /// Chosen once, but the directory is offline.
    public static let lost = UUID(high: 0, low: 2)

    /// The first hundred are never given to a directory.
    public static func isReserved(_ id: UUID) -> Bool { id.high == 0 && id.low < 100 }
}
