import Coordination
import KafkaModel
import KafkaProtocol

/// From the first member that has a reason to the next generation.
extension ClassicGroup {
    mutating func rebalanceOrCompleteJoin(
        because reason: @autoclosure () -> String, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        switch state {
        case .empty, .stable, .completingRebalance: prepareRebalance(because: reason(), context, into: &effects)
        case .preparingRebalance: completeJoinIfReady(context, into: &effects)
        case .dead: break
        }
    }

    mutating func prepareRebalance(
        because reason: String, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        if state == .completingRebalance {
            for id in members.keys { members[id]?.assignment = [] }
            answerSyncs(.rebalanceInProgress, context, into: &effects)
        }
        forgiveSyncs(into: &effects)
        let isInitial = state == .empty
        transition(to: .preparingRebalance, context)
        effects.note(
            .info,
            """
            Preparing to rebalance group \(id) in state \(state.rawValue) with old generation \(generation) \
            (reason: \(reason)).
            """)
        if isInitial {
            let delay = context.settings.initialRebalanceDelay
            initialDelay = InitialDelay(current: delay, remaining: max(rebalanceTimeout - delay, .zero))
            schedule(.initialDelay(delay), context, into: &effects)
        } else if hasAllJoined {
            completeJoin(context, into: &effects)
        } else {
            schedule(.join, context, into: &effects)
        }
    }

    /// Once all have joined; but the first rebalance of a group waits for its time.
    mutating func completeJoinIfReady(_ context: GroupContext, into effects: inout GroupEffects) {
        guard state == .preparingRebalance, previousState != .empty, hasAllJoined else { return }
        completeJoin(context, into: &effects)
    }

    /// Goes on to the next generation with the members that have joined. Static ones keep their place unseen.
    mutating func completeJoin(_ context: GroupContext, into effects: inout GroupEffects) {
        effects.cancel(.join(group: id))
        initialDelay = nil
        if parkedJoins < members.count {
            let absent = membersInOrder.filter { $0.parkedJoin == nil && $0.instanceID == nil }.map(\.id)
            if !absent.isEmpty {
                remove(absent, into: &effects)
                effects.note(
                    .info,
                    "Group \(id) removed dynamic members who haven't joined: [\(absent.joined(separator: ", "))]")
            }
        }
        guard !members.isEmpty else { return becomeEmpty(context, into: &effects) }
        guard electLeader(into: &effects) else {
            // Only static members, all of them silent: their sessions will end, or one of them comes back.
            effects.note(.error, "Group \(id) could not complete rebalance because no members rejoined.")
            return schedule(.joinAgain, context, into: &effects)
        }
        beginGeneration(context, into: &effects)
    }

    private mutating func becomeEmpty(_ context: GroupContext, into effects: inout GroupEffects) {
        generation &+= 1
        protocolName = nil
        subscribedTopics = topicsOfMembers()
        transition(to: .empty, context)
        effects.note(.info, "Group \(id) with generation \(generation) is now empty.")
        write(into: &effects)
    }

    private mutating func beginGeneration(_ context: GroupContext, into effects: inout GroupEffects) {
        generation &+= 1
        protocolName = chosenProtocol()
        subscribedTopics = topicsOfMembers()
        transition(to: .completingRebalance, context)
        effects.note(.info, "Stabilized group \(id) generation \(generation) with \(members.count) members.")
        let all = membersInOrder
        for member in all {
            if let owed = member.parkedJoin {
                effects.answer(owed, .joinGroup(joinResponse(for: member.id, tellingMembersOf: all)))
            }
            schedule(.session(member), context, into: &effects)
        }
        for index in members.indices {
            members.values[index].parkedJoin = nil
            members.values[index].isNew = false
            members.values[index].owesSync = true
        }
        parkedJoins = 0
        owedSyncs = members.count
        schedule(.sync, context, into: &effects)
    }

    /// The leader stays if it has joined, else the first that has takes over. False: nobody has.
    private mutating func electLeader(into effects: inout GroupEffects) -> Bool {
        let leader = leaderID.flatMap { members[$0] }
        if let leader, leader.parkedJoin != nil { return true }
        let former = "[memberId: \(leaderID ?? ""), groupInstanceId: \(leader?.instanceID ?? "None")]"
        let successor = members.values.lazy.filter { $0.parkedJoin != nil }.min { $0.position < $1.position }
        guard let successor else {
            effects.note(
                .info,
                """
                Group leader \(former) failed to join before the rebalance timeout and the group couldn't proceed to \
                the next generation because no member joined.
                """)
            return false
        }
        leaderID = successor.id
        effects.note(
            .info,
            """
            Group leader \(former) failed to join before the rebalance timeout. Member \(successor.id) was elected as \
            the new leader.
            """)
        return true
    }

    /// What a member is told of its generation; its leader also who they all are.
    func joinResponse(for memberID: String, tellingMembersOf all: [ClassicMember] = []) -> JoinGroupResponse {
        var response = JoinGroupResponse()
        response.generationId = generation
        response.protocolType = groupProtocolType
        response.protocolName = protocolName
        response.leader = leaderID ?? ""
        response.memberId = memberID
        if memberID == leaderID {
            response.members = all.map { member in
                var told = JoinGroupResponse.JoinGroupResponseMember()
                told.memberId = member.id
                told.groupInstanceId = member.instanceID
                told.metadata = member.metadata(for: protocolName)
                return told
            }
        }
        return response
    }
}
