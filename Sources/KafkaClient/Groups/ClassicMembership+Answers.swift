import Bytes
import KafkaModel
import KafkaProtocol
import Timing

/// What the answers of the coordinator mean.
extension ClassicMembership {
    /// The coordinator could not be asked, or not yet: the same again.
    mutating func unanswered() {
        switch phase {
        case .joining: phase = .joinable
        case .syncing:
            // Whether it was heard is not known: only joining again tells.
            rejoinReason = rejoinReason ?? "the answer to SyncGroup was lost"
            phase = .joinable
        case .leaving(let departure): if isFarewellSaid { left(departure) }
        case .idle, .preparing, .joinable, .assigning, .readyToSync, .settling, .stable, .expired: break
        }
    }

    mutating func joined(_ answer: JoinGroupResponse) -> GroupAfterwards {
        let code = ErrorCode(code: answer.errorCode)
        if case .leaving = phase {
            if !answer.memberId.isEmpty { memberID = answer.memberId }
            return .goOn
        }
        guard phase == .joining else {
            joinedLate(answer.memberId, code)
            return .goOn
        }
        phase = .joinable
        switch code {
        case .none: return taken(answer)
        case .memberIDRequired:
            memberID = answer.memberId
            return .goOn
        case .unknownMemberID:
            lose(keepingName: false)
            return .goOn
        case .coordinatorLoadInProgress, .rebalanceInProgress: return .wait
        case .coordinatorNotAvailable, .notCoordinator: return .findCoordinator
        case .fencedInstanceID: fail(.fenced(instance: settings.instanceID ?? ""))
        default: fail(.refused(group: settings.groupID, code, message: nil))
        }
        return .goOn
    }

    /// It asked for a name, and was told to do something else before the answer came: the coordinator waits for a member
    /// of that name now.
    private mutating func joinedLate(_ name: String, _ code: ErrorCode) {
        guard code == .none || code == .memberIDRequired, failure == nil, memberID.isEmpty, !name.isEmpty else {
            return
        }
        switch phase {
        case .idle where !isStatic:
            memberID = name
            isFarewellSaid = false
            phase = .leaving(.pause)
        case .preparing, .joinable: memberID = name
        case .idle, .joining, .assigning, .readyToSync, .syncing, .settling, .stable, .leaving, .expired: break
        }
    }

    private mutating func taken(_ answer: JoinGroupResponse) -> GroupAfterwards {
        guard answer.protocolType == nil || answer.protocolType == GroupProtocol.type else {
            fail(.refused(group: settings.groupID, .inconsistentGroupProtocol, message: nil))
            return .goOn
        }
        guard let assignor = Assignor(rawValue: answer.protocolName ?? ""), settings.assignors.contains(assignor) else {
            fail(
                .malformed(
                    "the group wants the assignor '\(answer.protocolName ?? "")', which this member did not offer"))
            return .goOn
        }
        memberID = answer.memberId
        generation = answer.generationId
        self.assignor = assignor
        rejoinReason = nil
        shares = []
        isLeader = answer.leader == memberID
        if isLeader {
            leads = Leading(members: answer.members, assignor: assignor, keepsShares: answer.skipAssignment)
            phase = .assigning
        } else {
            phase = .readyToSync
        }
        return .goOn
    }

    /// The leader has shared the partitions.
    ///
    /// - Parameters:
    ///   - topics: all topics of the group.
    ///   - snapshot: what there was of them.
    mutating func assigned(_ found: [String: [TopicPartition]], topics: [String], snapshot: AssignableTopics) {
        guard phase == .assigning, let leads else { return }
        self.leads = nil
        groupTopics = topics
        self.snapshot = snapshot
        shares =
            leads.keepsShares
            ? []
            : found.sorted { $0.key < $1.key }.map { member, partitions in
                var share = SyncGroupRequest.SyncGroupRequestAssignment()
                share.memberId = member
                share.assignment = GroupProtocol.encode(partitions)
                return share
            }
        phase = .readyToSync
    }

    mutating func synced(_ answer: SyncGroupResponse, _ now: Instant) -> GroupAfterwards {
        guard phase == .syncing else { return .goOn }
        let code = ErrorCode(code: answer.errorCode)
        switch code {
        case .none:
            do throws(WireError) {
                takeOver(try GroupProtocol.assignment(answer.assignment), now)
            } catch {
                fail(.malformed("the leader of group '\(settings.groupID)' sent no assignment (\(error))"))
            }
            return .goOn
        case .fencedInstanceID:
            fail(.fenced(instance: settings.instanceID ?? ""))
            return .goOn
        case .groupAuthorizationFailed:
            fail(.refused(group: settings.groupID, code, message: nil))
            return .goOn
        default: break
        }
        rejoinReason = "rebalance failed due to \(code.name)"
        switch code {
        case .unknownMemberID: lose(keepingName: false)
        case .illegalGeneration: lose(keepingName: true)
        case .rebalanceInProgress, .coordinatorNotAvailable, .notCoordinator, .coordinatorLoadInProgress:
            // What was to be given back was given back already.
            phase = .joinable
        default: fail(.refused(group: settings.groupID, code, message: nil))
        }
        switch code {
        case .coordinatorNotAvailable, .notCoordinator: return .findCoordinator
        case .coordinatorLoadInProgress: return .wait
        default: return .goOn
        }
    }

    private mutating func takeOver(_ share: [TopicPartition], _ now: Instant) {
        phase = .settling
        heartbeatDue = now + settings.heartbeatInterval
        guard share.allSatisfy({ topics.contains($0.topic) }) else {
            // The subscription changed meanwhile.
            return rejoin("received assignment does not match the current subscription")
        }
        let share = Set(share).sorted()
        let before = Set(owned)
        let revoked = owned.filter { !share.contains($0) }
        if rebalancing == .cooperative, !revoked.isEmpty {
            events.append(.revoked(revoked))
            rejoin("need to revoke partitions and re-join")
        }
        switch assignor {
        case .sticky: sticky = StickyClaim(share, generation: generation)
        case .cooperativeSticky: stickyGeneration = generation
        case .range, .roundRobin, nil: break
        }
        owned = share
        events.append(.assigned(share.filter { !before.contains($0) }))
    }

    /// It is no member of the generation any more.
    private mutating func lose(keepingName: Bool) {
        generation = -1
        if !keepingName { memberID = "" }
        rejoinReason = rejoinReason ?? "the member was given up"
        switch phase {
        case .idle, .expired, .leaving: break
        case .preparing:
            // What it was to give back is gone already; what a cooperative member would have kept goes with it.
            if !owned.isEmpty { events.append(.lost(owned)) }
            owned = []
        case .settling where !events.isEmpty: break
        case .settling, .stable, .syncing, .joinable, .joining, .assigning, .readyToSync: prepare()
        }
    }

    mutating func heartbeatAnswered(_ code: ErrorCode) -> GroupAfterwards {
        switch code {
        case .none: break
        case .rebalanceInProgress: rejoin("group is already rebalancing")
        case .unknownMemberID: lose(keepingName: false)
        case .illegalGeneration: lose(keepingName: true)
        case .fencedInstanceID: fail(.fenced(instance: settings.instanceID ?? ""))
        case .coordinatorNotAvailable, .notCoordinator: return .findCoordinator
        case .coordinatorLoadInProgress: return .wait
        default: if !code.isRetriable { fail(.refused(group: settings.groupID, code, message: nil)) }
        }
        return .goOn
    }

    /// What a refused commit says of the membership.
    mutating func commitRefused(_ code: ErrorCode) {
        switch code {
        case .rebalanceInProgress: rejoin("offset commit failed since group is already rebalancing")
        case .unknownMemberID: lose(keepingName: false)
        case .illegalGeneration: lose(keepingName: true)
        case .fencedInstanceID: fail(.fenced(instance: settings.instanceID ?? ""))
        default: break
        }
    }

    mutating func leaveAnswered() {
        guard case .leaving(let departure) = phase else { return }
        left(departure)
    }
}
