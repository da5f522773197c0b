public import Coordination
public import KafkaModel
public import KafkaProtocol
import Timing

/// What is asked of a group without changing it. None of these copies the group, for they are most of what a
/// coordinator does.
extension ClassicGroup {
    /// What a member is answered, and for how long it has a new session. Nil leaves its session timer as it is.
    public struct Heard: Hashable, Sendable {
        public let code: ErrorCode
        public let session: Duration?

        init(_ code: ErrorCode, session: Duration? = nil) {
            self.code = code
            self.session = session
        }
    }

    /// Whether there is such a member, and the static one of that name is this one.
    func check(memberID: String, instanceID: String?) -> ErrorCode {
        if let instanceID {
            guard let current = staticMembers[instanceID] else { return .unknownMemberID }
            guard current == memberID else { return .fencedInstanceID }
        }
        return members[memberID] == nil ? .unknownMemberID : .none
    }

    public func heard(_ request: HeartbeatRequest) -> Heard {
        guard state != .dead else { return Heard(.coordinatorNotAvailable) }
        let code = check(memberID: request.memberId, instanceID: request.groupInstanceId)
        guard code == .none else { return Heard(code) }
        guard request.generationId == generation else { return Heard(.illegalGeneration) }
        let session = members[request.memberId]?.sessionTimeout
        return switch state {
        case .preparingRebalance: Heard(.rebalanceInProgress, session: session)
        // A member may send heartbeats as soon as it has the answer to its join.
        case .completingRebalance, .stable: Heard(.none, session: session)
        case .empty, .dead: Heard(.unknownMemberID)
        }
    }

    public func heartbeat(
        _ request: HeartbeatRequest, owed: Owed, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        let heard = heard(request)
        if let session = heard.session {
            effects.schedule(.session(group: id, member: request.memberId), at: context.now + session)
        }
        var response = HeartbeatResponse()
        response.errorCode = heard.code.rawValue
        effects.answer(owed, .heartbeat(response))
    }

    public func admission(of claim: CommitClaim) -> CommitAdmission {
        guard state != .dead else { return .refused(.coordinatorNotAvailable) }
        // A tool, or a consumer that chooses its partitions itself.
        if claim.generation < 0, isEmpty { return .admitted }
        if claim.generation >= 0 || !claim.memberID.isEmpty || claim.instanceID != nil {
            let code = check(memberID: claim.memberID, instanceID: claim.instanceID)
            guard code == .none else { return .refused(code) }
            guard claim.generation == generation else { return .refused(.illegalGeneration) }
        } else if !claim.isTransactional, !isEmpty {
            return .refused(.unknownMemberID)
        }
        // It knows the generation from its join, but not yet whether the partition is still its own.
        return !claim.isTransactional && state == .completingRebalance ? .refused(.rebalanceInProgress) : .admitted
    }

    public func committed(by claim: CommitClaim, _ context: GroupContext, into effects: inout GroupEffects) {
        guard !claim.isTransactional, state == .stable || state == .preparingRebalance,
            let member = members[claim.memberID]
        else { return }
        schedule(.session(member), context, into: &effects)
    }

    public func refusalOfOffsetFetch(memberID: String?, epoch: Int32) -> ErrorCode? {
        state == .dead ? .groupIDNotFound : nil
    }

    public func refusalOfOffsetDelete() -> ErrorCode? {
        switch state {
        case .dead: .groupIDNotFound
        case .stable, .preparingRebalance, .completingRebalance: usesConsumerProtocol ? nil : .nonEmptyGroup
        case .empty: nil
        }
    }

    public func refusalOfDelete() -> ErrorCode? {
        switch state {
        case .dead: .groupIDNotFound
        case .stable, .preparingRebalance, .completingRebalance: .nonEmptyGroup
        case .empty: nil
        }
    }

    /// Where the members' metadata cannot be read, every topic may be one of theirs.
    public func isSubscribed(to topic: String) -> Bool {
        subscribedTopics?.contains(topic) ?? usesConsumerProtocol
    }

    public var offsetRetention: OffsetRetention {
        guard groupProtocolType != nil else { return .sinceCommit }
        // Records of old have no time of the state.
        if isEmpty { return stateSince.map(OffsetRetention.since) ?? .sinceCommit }
        return usesConsumerProtocol && subscribedTopics != nil && state == .stable ? .sinceCommit : .forever
    }
}
