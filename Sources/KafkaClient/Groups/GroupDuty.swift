import KafkaModel

/// What a member does on two threads with a connection each. Whatever becomes of offsets, the member shows in time that
/// it lives; and while the coordinator keeps JoinGroup unanswered, for minutes perhaps, it handles nothing else that
/// comes over that connection.
enum GroupDuty: Sendable, CaseIterable {
    case membership
    case offsets

    /// Where a duty stands.
    struct Progress {
        /// As this thread knows it: what one of them has trouble with need not trouble the other.
        var coordinator: BrokerNode?
        /// A request is under way.
        var isBusy = false
    }
}

/// What is asked of a group. What was refused waits alone, while the rest goes on.
enum GroupSubject: Sendable, Hashable {
    case coordinator(GroupDuty)
    case membership
    case commit
    case lookup

    var duty: GroupDuty {
        switch self {
        case .coordinator(let duty): duty
        case .membership: .membership
        case .commit, .lookup: .offsets
        }
    }
}

/// As what somebody asked: an answer says nothing of what became of the member since.
struct GroupStanding: Equatable {
    let memberID: String
    let generation: Int32
}
