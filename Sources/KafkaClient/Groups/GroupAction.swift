import Bytes
import KafkaModel
import KafkaProtocol
import Timing

/// Something to do for a group: a request to its coordinator, or the leader's work.
enum GroupAction {
    case findCoordinator
    /// - patience: how long the answer may take, for the coordinator waits for the other members.
    case join(JoinGroupRequest, patience: Duration)
    case assign(ClassicMembership.Leading)
    case sync(SyncGroupRequest)
    case heartbeat(HeartbeatRequest)
    case leave(LeaveGroupRequest)
    case consumerHeartbeat(ConsumerGroupHeartbeatRequest)
    /// Find the names of topics.
    case resolve(Set<UUID>)
    case commit(CommitOrder, OffsetCommitRequest)
    case lookUp(OffsetFetchRequest)
}

enum GroupStep {
    case act(GroupAction)
    /// Nothing before that, or before somebody has news.
    case sleep(until: Instant?)
}

extension GroupAction {
    func subject(of duty: GroupDuty) -> GroupSubject {
        switch self {
        case .findCoordinator: .coordinator(duty)
        case .join, .assign, .sync, .heartbeat, .leave, .consumerHeartbeat, .resolve: .membership
        case .commit: .commit
        case .lookUp: .lookup
        }
    }
}

/// What to do about the coordinator after an answer.
enum GroupAfterwards: Equatable {
    case goOn
    /// It is not ready.
    case wait
    /// It is another.
    case findCoordinator
}
