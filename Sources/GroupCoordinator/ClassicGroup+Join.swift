public import Bytes
public import Coordination
import KafkaModel
public import KafkaProtocol

extension ClassicGroup {
    /// A member, known or not, wants to be part of the next generation. `uuid` makes the id of a new one.
    public mutating func join(
        _ request: JoinGroupRequest, version: Int16, uuid: UUID, client: GroupClient, owed: Owed,
        _ context: GroupContext, into effects: inout GroupEffects
    ) {
        let join = Join(request, version: version, client: client, owed: owed)
        if !accepts(request.memberId, context) {
            effects.answer(owed, .joinGroup(.refusing(.groupMaxSizeReached, memberID: "")))
            remove([request.memberId], into: &effects)
            completeJoinIfReady(context, into: &effects)
        } else if let code = refusal(of: join) {
            effects.answer(owed, .joinGroup(.refusing(code, memberID: request.memberId)))
        } else if request.memberId.isEmpty {
            joinNew(join, uuid, context, into: &effects)
        } else if pendingMembers.contains(request.memberId) {
            effects.note(
                .info,
                """
                Pending dynamic member with id \(request.memberId) joins group \(id) in \(state.rawValue) state. \
                Adding to the group now.
                """)
            add(join, as: request.memberId, context, into: &effects)
        } else {
            joinAgain(join, context, into: &effects)
        }
        if isUnwritten { writeEmpty(into: &effects) }
        checkInvariants()
    }

    /// A join as the decisions below read it.
    struct Join {
        let request: JoinGroupRequest
        let version: Int16
        let client: GroupClient
        let owed: Owed
        let protocols: [ClassicMember.SupportedProtocol]

        init(_ request: JoinGroupRequest, version: Int16, client: GroupClient, owed: Owed) {
            self.version = version
            self.client = client
            self.owed = owed
            protocols = [ClassicMember.SupportedProtocol](request)
            var request = request
            // The first version has one timeout for both.
            if version == 0 { request.rebalanceTimeoutMs = request.sessionTimeoutMs }
            self.request = request
        }

        var reason: String { request.reason.flatMap { $0.isEmpty ? nil : $0 } ?? "not provided" }

        func member(_ id: String) -> ClassicMember {
            ClassicMember(
                id: id, instanceID: request.groupInstanceId, client: client,
                rebalanceTimeout: .milliseconds(request.rebalanceTimeoutMs),
                sessionTimeout: .milliseconds(request.sessionTimeoutMs), protocols: protocols)
        }
    }

    /// `group.max.size`. While the group prepares, those count that have joined: the group may be larger than allowed
    /// since the limit was lowered, and then the last to come again have to go.
    private func accepts(_ memberID: String, _ context: GroupContext) -> Bool {
        switch state {
        case .empty, .dead: true
        case .preparingRebalance:
            members[memberID]?.parkedJoin != nil || parkedJoins < context.settings.membersMax
        case .completingRebalance, .stable:
            members[memberID] != nil || members.count < context.settings.membersMax
        }
    }

    private func refusal(of join: Join) -> ErrorCode? {
        if state == .dead { return .coordinatorNotAvailable }
        if !supports(join.request.protocolType, join.protocols) { return .inconsistentGroupProtocol }
        guard !join.request.memberId.isEmpty else { return nil }
        if pendingMembers.contains(join.request.memberId) {
            // Static members get no id in advance; only a confused client combines the two.
            return join.request.groupInstanceId == nil ? nil : .unknownServerError
        }
        let code = check(memberID: join.request.memberId, instanceID: join.request.groupInstanceId)
        return code == .none ? nil : code
    }

    private mutating func joinNew(
        _ join: Join, _ uuid: UUID, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        let newID = "\(join.request.groupInstanceId ?? join.client.id)-\(uuid.hyphenated)"
        if let instanceID = join.request.groupInstanceId {
            let arrival =
                "Static member with groupInstanceId=\(instanceID) and unknown member id joins group \(id) in "
                + "\(state.rawValue) state."
            if let oldID = staticMembers[instanceID] {
                effects.note(
                    .info, "\(arrival) Replacing previously mapped member \(oldID) with this groupInstanceId.")
                joinStaticAgain(join, instanceID, replacing: oldID, by: newID, context, into: &effects)
            } else {
                effects.note(
                    .info, "\(arrival) Created a new member id \(newID) for this member and added to the group.")
                add(join, as: newID, context, into: &effects)
            }
        } else if join.version >= 4 {
            effects.note(
                .info,
                """
                Dynamic member with unknown member id joins group \(id) in \(state.rawValue) state. Created a new \
                member id \(newID) and requesting the member to rejoin with this id.
                """)
            pendingMembers.insert(newID)
            schedule(
                .pendingMember(newID, .milliseconds(join.request.sessionTimeoutMs)), context, into: &effects)
            effects.answer(join.owed, .joinGroup(.refusing(.memberIDRequired, memberID: newID)))
        } else {
            effects.note(
                .info,
                """
                Dynamic member with unknown member id joins group \(id) in state \(state.rawValue). Created a new \
                member id \(newID) and added the member to the group.
                """)
            add(join, as: newID, context, into: &effects)
        }
    }

    private mutating func add(
        _ join: Join, as memberID: String, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        var member = join.member(memberID)
        member.isNew = true
        if members.isEmpty { groupProtocolType = join.request.protocolType }
        if state == .preparingRebalance { initialDelay?.hasNewMember = true }
        add(member)
        park(join: join.owed, of: memberID, into: &effects)
        schedule(.newMember(memberID), context, into: &effects)
        rebalanceOrCompleteJoin(
            because: """
                Adding new member \(memberID) with group instance id \(join.request.groupInstanceId ?? "null"); \
                client reason: \(join.reason)
                """, context, into: &effects)
    }

    /// Whether a known member that joins makes the group rebalance depends on what has changed.
    private mutating func joinAgain(_ join: Join, _ context: GroupContext, into effects: inout GroupEffects) {
        let memberID = join.request.memberId
        let isChanged = members[memberID]?.protocols != join.protocols
        switch state {
        case .preparingRebalance:
            rejoin(
                join, because: "Member \(memberID) is joining group during \(state.rawValue)", context,
                into: &effects)
        // The answer to its join may have been lost.
        case .completingRebalance where !isChanged:
            effects.answer(join.owed, .joinGroup(joinResponse(for: memberID, tellingMembersOf: membersInOrder)))
        // By joining again the leader asks for a rebalance: it may know of new partitions.
        case .stable where leaderID == memberID:
            rejoin(
                join, because: "Leader \(memberID) re-joining group during \(state.rawValue)", context,
                into: &effects)
        case .stable where !isChanged:
            effects.answer(join.owed, .joinGroup(joinResponse(for: memberID)))
        case .completingRebalance, .stable:
            rejoin(
                join, because: "Updating metadata for member \(memberID) during \(state.rawValue)", context,
                into: &effects)
        case .empty, .dead:
            effects.answer(join.owed, .joinGroup(.refusing(.unknownMemberID, memberID: memberID)))
        }
    }

    private mutating func rejoin(
        _ join: Join, because reason: String, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        update(join.request.memberId, join.protocols, join.request)
        park(join: join.owed, of: join.request.memberId, into: &effects)
        rebalanceOrCompleteJoin(because: "\(reason); client reason: \(join.reason)", context, into: &effects)
    }

    /// A static member is back without its id. While nothing but the id changes, the others need not know (KIP-345).
    private mutating func joinStaticAgain(
        _ join: Join, _ instanceID: String, replacing oldID: String, by newID: String, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        let oldLeader = leaderID
        replaceStaticMember(oldID, by: newID, into: &effects)
        update(newID, join.protocols, join.request)
        if let member = members[newID] { schedule(.session(member), context, into: &effects) }
        if state == .stable, chosenProtocol() == protocolName {
            effects.note(
                .info,
                """
                Static member which joins during Stable stage and doesn't affect the selected protocol will not \
                trigger a rebalance.
                """)
            write(into: &effects)
            var response = joinResponse(for: newID, tellingMembersOf: join.version >= 9 ? membersInOrder : [])
            if join.version >= 9 {
                // It leads, but has nothing to assign (KIP-814).
                response.skipAssignment = leaderID == newID
            } else {
                // Told of the old leader, it does not assign what nobody would get.
                response.leader = oldLeader ?? ""
            }
            return effects.answer(join.owed, .joinGroup(response))
        }
        park(join: join.owed, of: newID, into: &effects)
        let reason =
            state == .stable
            ? """
            Group's selectedProtocol will change because static member \(newID) with instance id \(instanceID) joined \
            with change of protocol; client reason: \(join.reason)
            """
            : """
            Updating metadata for static member \(newID) with instance id \(instanceID); client reason: \(join.reason)
            """
        rebalanceOrCompleteJoin(because: reason, context, into: &effects)
    }
}
