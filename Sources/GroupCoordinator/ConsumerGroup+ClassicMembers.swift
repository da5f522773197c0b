import Bytes
public import Coordination
import KafkaModel
public import KafkaProtocol
import Timing

// Members that still speak the classic protocol. They get one generation for each step of their reconciliation: a join
// is their heartbeat with news, the sync that follows hands out what they have by then, and a heartbeat calls them to
// join again when there is more to do.
extension ConsumerGroup {
    /// A member of the classic protocol joins a group that has members.
    public mutating func join(
        _ request: JoinGroupRequest, version: Int16, newMemberID: String, client: GroupClient, owed: Owed,
        _ context: GroupContext, into effects: inout GroupEffects
    ) {
        let isNew = request.memberId.isEmpty
        let memberID = isNew ? newMemberID : request.memberId
        do throws(GroupRefusal) {
            let join = try Join(request, version: version, client: client)
            try checkMigration(context)
            try checkRoom(for: memberID, instanceID: request.groupInstanceId, context)
            try check(join, memberID: memberID)
            // A member without instance first learns its id, so that nobody is left behind who never comes back.
            if isNew, request.groupInstanceId == nil, version >= 4 {
                return effects.answer(owed, .joinGroup(.refusing(.memberIDRequired, memberID: memberID)))
            }
            let place = try place(of: request, memberID: memberID)
            let response = joined(join, place, context, into: &effects)
            effects.answer(owed, .joinGroup(response))
        } catch {
            effects.answer(owed, .joinGroup(.refusing(error.code, memberID: request.memberId)))
        }
    }

    /// A join as it is read here.
    private struct Join {
        let client: GroupClient
        let sessionTimeoutMs: Int32
        let rebalanceTimeoutMs: Int32
        let protocolType: String
        let protocols: [ClassicMember.SupportedProtocol]
        let instanceID: String?
        /// All protocols of a consumer carry the same.
        let subscription: ConsumerProtocolSubscription

        init(_ request: JoinGroupRequest, version: Int16, client: GroupClient) throws(GroupRefusal) {
            self.client = client
            sessionTimeoutMs = request.sessionTimeoutMs
            // The first version has one timeout for both.
            rebalanceTimeoutMs = version == 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs
            protocolType = request.protocolType
            protocols = [ClassicMember.SupportedProtocol](request)
            instanceID = request.groupInstanceId
            guard let first = protocols.first,
                let subscription = ConsumerProtocolSubscription(embedded: first.metadata)
            else { throw GroupRefusal(.inconsistentGroupProtocol) }
            self.subscription = subscription
        }
    }

    private func checkMigration(_ context: GroupContext) throws(GroupRefusal) {
        guard context.settings.migrationPolicy != .disabled else { throw GroupRefusal(.inconsistentGroupProtocol) }
    }

    /// One of its protocols has to be one that all classic members know: they may be alone some day.
    private func check(_ join: Join, memberID: String) throws(GroupRefusal) {
        let isKnown = join.protocols.contains { classicOffers[$0.name, default: 0] == classicMembers }
        guard join.protocolType == ClassicGroup.consumerProtocolType, isKnown else {
            throw GroupRefusal(.inconsistentGroupProtocol)
        }
    }

    /// A static member without id takes the place of its instance, whoever stands there.
    private func place(of request: JoinGroupRequest, memberID: String) throws(GroupRefusal) -> Place {
        let existing = members[memberID] ?? ConsumerGroupMember(id: memberID)
        guard let instanceID = request.groupInstanceId else { return Place(member: existing) }
        let member = staticMember(instanceID)
        guard !request.memberId.isEmpty else {
            guard let member else { return Place(member: existing) }
            return Place(member: member.returning(as: memberID), replaced: member)
        }
        guard let member else { throw GroupRefusal(.unknownMemberID) }
        try check(instance: instanceID, of: member, memberID: memberID)
        return Place(member: member)
    }

    private mutating func joined(
        _ join: Join, _ place: Place, _ context: GroupContext, into effects: inout GroupEffects
    ) -> JoinGroupResponse {
        let memberID = place.member.id
        let isDowngrade = staticMember(join.instanceID).map { mayBecomeClassic(replacing: $0, context) } ?? false
        var member = place.member
        if let instance = join.instanceID { member.instanceID = instance }
        if let rack = join.subscription.rackId, !rack.isEmpty { member.rackID = rack }
        if join.rebalanceTimeoutMs != -1 { member.rebalanceTimeoutMs = join.rebalanceTimeoutMs }
        member.topics = ConsumerGroupMember.ordered(join.subscription.topics)
        member.regex = nil
        member.client = join.client
        member.classic = .init(sessionTimeoutMs: join.sessionTimeoutMs, protocols: join.protocols)

        if let replaced = place.replaced { replace(replaced, with: place.member, into: &effects) }
        let changed = subscribe(member, before: place.member, context, into: &effects)
        let isStale = target.epoch < epoch
        if !isDowngrade { renewTarget(context, into: &effects) }
        if !isDowngrade || !isStale {
            reconcile(
                memberID, subscriptionChanged: changed, owned: join.subscription.owned(context.image), context,
                into: &effects)
        }
        let now = members[memberID] ?? member
        var response = JoinGroupResponse()
        response.memberId = memberID
        response.generationId = now.epoch
        response.protocolType = ClassicGroup.consumerProtocolType
        response.protocolName = join.protocols.first?.name

        joinsAwaited.remove(memberID)
        effects.cancel(.classicJoin(group: id, member: memberID))
        if isDowngrade {
            becomeClassic(
                without: [],
                rebalancing: isStale ? "Downgrade group \(id) from consumer to classic with stale assignment." : nil,
                context, into: &effects)
        } else {
            watch(now, context, into: &effects)
            let deadline = context.now + .milliseconds(Int64(join.rebalanceTimeoutMs))
            effects.schedule(.classicSync(group: id, member: memberID), at: deadline)
        }
        return response
    }

    public mutating func sync(
        _ request: SyncGroupRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        do throws(GroupRefusal) {
            let member = try classicMember(request.memberId, request.groupInstanceId, request.generationId)
            let offer = member.classic?.protocols.first
            let type = ClassicGroup.consumerProtocolType
            guard request.protocolType ?? type == type, request.protocolName ?? offer?.name == offer?.name else {
                throw GroupRefusal(.inconsistentGroupProtocol)
            }
            // Who has to give up partitions has joined already, and goes on from there.
            if target.epoch > member.epoch, member.state != .unrevokedPartitions {
                awaitJoin(of: member, context, into: &effects)
                throw GroupRefusal(.rebalanceInProgress)
            }
            effects.cancel(.classicSync(group: id, member: member.id))
            watch(member, context, into: &effects)
            var response = SyncGroupResponse()
            response.protocolType = request.protocolType
            response.protocolName = request.protocolName
            response.assignment = ConsumerProtocolAssignment.embedded(
                member.assigned.mapValues { $0.keys.sorted() }, asIn: offer?.metadata ?? [], context.image)
            effects.answer(owed, .syncGroup(response))
        } catch {
            effects.answer(owed, .syncGroup(.refusing(error.code)))
        }
    }

    public mutating func heartbeat(
        _ request: HeartbeatRequest, owed: Owed, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        var response = HeartbeatResponse()
        do throws(GroupRefusal) {
            let member = try classicMember(request.memberId, request.groupInstanceId, request.generationId)
            watch(member, context, into: &effects)
            if isCalled(member) {
                awaitJoin(of: member, context, into: &effects)
                response.errorCode = ErrorCode.rebalanceInProgress.rawValue
            }
        } catch {
            response.errorCode = error.code.rawValue
        }
        effects.answer(owed, .heartbeat(response))
    }

    /// Whether the member has to join again: there is a new target, it has something to give up, or what it waits for
    /// is free.
    private func isCalled(_ member: ConsumerGroupMember) -> Bool {
        if member.epoch < target.epoch { return true }
        switch member.state {
        case .stable, .unknown: return false
        case .unrevokedPartitions: return true
        case .unreleasedPartitions:
            return (target.members[member.id] ?? [:]).allSatisfy { topic, partitions in
                let held = member.assigned[topic] ?? [:]
                return partitions.allSatisfy { held[$0] != nil || !isHeld(topic, $0) }
            }
        }
    }

    public mutating func leave(
        _ request: LeaveGroupRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        var leaving: [ConsumerGroupMember] = []
        var response = LeaveGroupResponse()
        response.members = request.leaving(version: version).map { identity in
            var told = LeaveGroupResponse.MemberResponse()
            told.memberId = identity.memberId
            told.groupInstanceId = identity.groupInstanceId
            do throws(GroupRefusal) {
                let member = try named(identity)
                if !leaving.contains(where: { $0.id == member.id }) { leaving.append(member) }
                effects.note(
                    .info,
                    """
                    [Group \(id)] Member \(member.id) has left group through explicit `LeaveGroup` request; client \
                    reason: \(identity.reason ?? "not provided")
                    """)
            } catch {
                told.errorCode = error.code.rawValue
            }
            return told
        }
        effects.answer(owed, .leaveGroup(response.fitted(to: version)))
        fence(leaving, context, into: &effects)
    }

    /// An administrator names static members by their instance alone.
    private func named(_ identity: LeaveGroupRequest.MemberIdentity) throws(GroupRefusal) -> ConsumerGroupMember {
        guard let instanceID = identity.groupInstanceId else {
            guard let member = members[identity.memberId] else { throw unknown(identity.memberId) }
            return member
        }
        guard let member = staticMember(instanceID) else { throw GroupRefusal(.unknownMemberID) }
        if !identity.memberId.isEmpty { try check(instance: instanceID, of: member, memberID: identity.memberId) }
        return member
    }

    private func classicMember(
        _ memberID: String, _ instanceID: String?, _ generation: Int32
    ) throws(GroupRefusal) -> ConsumerGroupMember {
        guard let member = instanceID == nil ? members[memberID] : staticMember(instanceID) else {
            throw unknown(memberID)
        }
        if let instanceID { try check(instance: instanceID, of: member, memberID: memberID) }
        guard member.classic != nil else { throw GroupRefusal(.unknownMemberID) }
        guard member.epoch == generation else { throw GroupRefusal(.illegalGeneration) }
        return member
    }

    private func watch(_ member: ConsumerGroupMember, _ context: GroupContext, into effects: inout GroupEffects) {
        guard let classic = member.classic else { return }
        let deadline = context.now + .milliseconds(Int64(classic.sessionTimeoutMs))
        effects.schedule(.session(group: id, member: member.id), at: deadline)
    }

    /// Has the member its time to join once, however often it is called.
    private mutating func awaitJoin(
        of member: ConsumerGroupMember, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        guard joinsAwaited.insert(member.id).inserted else { return }
        let deadline = context.now + .milliseconds(Int64(member.rebalanceTimeoutMs))
        effects.schedule(.classicJoin(group: id, member: member.id), at: deadline)
    }
}
