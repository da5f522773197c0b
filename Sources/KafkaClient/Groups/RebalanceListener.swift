public import KafkaModel

/// What a consumer calls, on the thread that polls, while its share of the partitions changes.
public struct RebalanceListener {
    /// Partitions are about to go to other members. Their offsets can still be committed.
    public var revoked: ([TopicPartition]) -> Void
    /// Partitions were added; none is where only the group changed. Reading can be made to begin elsewhere.
    public var assigned: ([TopicPartition]) -> Void
    /// Partitions went to others already, because this member was taken for dead.
    public var lost: ([TopicPartition]) -> Void

    public init(
        revoked: @escaping ([TopicPartition]) -> Void = { _ in },
        assigned: @escaping ([TopicPartition]) -> Void = { _ in },
        lost: (([TopicPartition]) -> Void)? = nil
    ) {
        self.revoked = revoked
        self.assigned = assigned
        // As with Kafka: who does not tell them apart hears of a loss as of a revocation.
        self.lost = lost ?? revoked
    }
}

/// A change of what a member has, which the application's thread carries out.
enum GroupEvent: Equatable {
    case revoked([TopicPartition])
    case assigned([TopicPartition])
    case lost([TopicPartition])
}

/// Who a member is to its group, for whoever wants to know.
public struct GroupMetadata: Sendable, Equatable {
    public let groupID: String
    public let memberID: String
    /// The generation, or in the newer protocol the epoch; -1 outside the group.
    public let generation: Int32
    public let instanceID: String?
}
