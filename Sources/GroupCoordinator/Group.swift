import Bytes
import Coordination
import KafkaModel

/// A group of either protocol.
public enum Group: Sendable {
    case classic(ClassicGroup)
    case consumer(ConsumerGroup)

    /// What a consumer group is after an event: it may have become a classic one.
    init(_ group: ConsumerGroup) {
        if let successor = group.successor { self = .classic(successor) } else { self = .consumer(group) }
    }

    public var type: GroupType {
        switch self {
        case .classic: .classic
        case .consumer: .consumer
        }
    }

    public var protocolType: String {
        switch self {
        case .classic(let group): group.protocolType
        case .consumer(let group): group.protocolType
        }
    }

    public var stateName: String {
        switch self {
        case .classic(let group): group.stateName
        case .consumer(let group): group.stateName
        }
    }

    public var isEmpty: Bool {
        switch self {
        case .classic(let group): group.isEmpty
        case .consumer(let group): group.isEmpty
        }
    }

    public var memberCount: Int {
        switch self {
        case .classic(let group): group.memberCount
        case .consumer(let group): group.memberCount
        }
    }

    func isSubscribed(to topic: String) -> Bool {
        switch self {
        case .classic(let group): group.isSubscribed(to: topic)
        case .consumer(let group): group.isSubscribed(to: topic)
        }
    }

    func admission(of claim: CommitClaim) -> CommitAdmission {
        switch self {
        case .classic(let group): group.admission(of: claim)
        case .consumer(let group): group.admission(of: claim)
        }
    }

    func refusal(of claim: CommitClaim, topic: UUID, partition: Int32) -> ErrorCode? {
        switch self {
        case .classic(let group): group.refusal(of: claim, topic: topic, partition: partition)
        case .consumer(let group): group.refusal(of: claim, topic: topic, partition: partition)
        }
    }

    func committed(by claim: CommitClaim, _ context: GroupContext, into effects: inout GroupEffects) {
        switch self {
        case .classic(let group): group.committed(by: claim, context, into: &effects)
        case .consumer(let group): group.committed(by: claim, context, into: &effects)
        }
    }

    func refusalOfOffsetFetch(memberID: String?, epoch: Int32) -> ErrorCode? {
        switch self {
        case .classic(let group): group.refusalOfOffsetFetch(memberID: memberID, epoch: epoch)
        case .consumer(let group): group.refusalOfOffsetFetch(memberID: memberID, epoch: epoch)
        }
    }

    func refusalOfOffsetDelete() -> ErrorCode? {
        switch self {
        case .classic(let group): group.refusalOfOffsetDelete()
        case .consumer(let group): group.refusalOfOffsetDelete()
        }
    }

    func refusalOfDelete() -> ErrorCode? {
        switch self {
        case .classic(let group): group.refusalOfDelete()
        case .consumer(let group): group.refusalOfDelete()
        }
    }

    var offsetRetention: OffsetRetention {
        switch self {
        case .classic(let group): group.offsetRetention
        case .consumer(let group): group.offsetRetention
        }
    }

    /// Takes the group out of the log, and its timers back.
    func end(into effects: inout GroupEffects) {
        switch self {
        case .classic(let group):
            group.tombstones(into: &effects)
            group.cancelTimers(into: &effects)
        case .consumer(let group):
            group.tombstones(into: &effects)
            group.cancelTimers(into: &effects)
        }
    }

    mutating func loaded(_ context: GroupContext, into effects: inout GroupEffects) {
        switch self {
        case .classic(var group):
            group.loaded(context, into: &effects)
            self = .classic(group)
        case .consumer(var group):
            group.loaded(context, into: &effects)
            self = .consumer(group)
        }
    }

    mutating func fired(_ timer: GroupTimer, _ context: GroupContext, into effects: inout GroupEffects) {
        switch self {
        case .classic(var group):
            group.fired(timer, context, into: &effects)
            self = .classic(group)
        case .consumer(var group):
            group.fired(timer, context, into: &effects)
            self = Group(group)
        }
    }

    mutating func appendFailed(
        _ code: ErrorCode, refusing refused: Set<Owed>, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        switch self {
        case .classic(var group):
            group.appendFailed(code, refusing: refused, context, into: &effects)
            self = .classic(group)
        // It keeps no requests, so none of them was refused behind its back.
        case .consumer: break
        }
    }
}
