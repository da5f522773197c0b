public import Coordination
public import KafkaModel
public import KafkaProtocol

/// What a decision about groups asks of the world.
public typealias GroupEffects = Effects<GroupAnswer, GroupTimer, GroupEvent>

/// An answer that a decision gives, at once or to a request that was parked.
public enum GroupAnswer: Sendable {
    case joinGroup(JoinGroupResponse)
    case syncGroup(SyncGroupResponse)
    case heartbeat(HeartbeatResponse)
    case leaveGroup(LeaveGroupResponse)
    case offsetCommit(OffsetCommitResponse)
    case offsetDelete(OffsetDeleteResponse)
    /// Of one group: why it was not deleted, or that it was.
    case deleteGroup(ErrorCode)
    case consumerGroupHeartbeat(ConsumerGroupHeartbeatResponse)
}

/// What a group waits for. Each has one deadline at a time.
public enum GroupTimer: Hashable, Sendable {
    /// A member has to be heard of: a heartbeat, or for one of the consumer protocol the same.
    case session(group: String, member: String)
    /// A member has to join again, sync again or give up its partitions.
    case rebalance(group: String, member: String)
    /// The members of a classic group have to join, or the initial delay of an empty one is over.
    case join(group: String)
    /// The members of a classic group have to sync.
    case sync(group: String)
    /// A member of the classic protocol in a consumer group has been told to join again.
    case classicJoin(group: String, member: String)
    /// Such a member has joined and has to sync.
    case classicSync(group: String, member: String)
}

/// What happened to a group, for the metrics.
public enum GroupEvent: Equatable, Sendable {
    /// A classic group has a new generation, or a consumer group a new epoch.
    case rebalanced(GroupType)
    case offsetsCommitted(Int)
    case offsetsExpired(Int)
    case offsetsDeleted(Int)
}
