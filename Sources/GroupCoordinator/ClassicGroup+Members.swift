import Coordination
import KafkaModel
import KafkaProtocol

/// Who comes, who waits, who goes.
extension ClassicGroup {
    mutating func add(_ newcomer: ClassicMember) {
        var member = newcomer
        member.position = nextPosition
        nextPosition += 1
        if let instanceID = member.instanceID { staticMembers[instanceID] = member.id }
        for supported in member.protocols { supporters[supported.name, default: 0] += 1 }
        pendingMembers.remove(member.id)
        if leaderID == nil { leaderID = member.id }
        members[member.id] = member
    }

    /// A member that asks again while its first request waits has given that up.
    mutating func park(join owed: Owed, of memberID: String, into effects: inout GroupEffects) {
        if let older = members[memberID]?.parkedJoin {
            effects.answer(older, .joinGroup(.refusing(.rebalanceInProgress, memberID: memberID)))
        } else {
            parkedJoins += 1
        }
        members[memberID]?.parkedJoin = owed
    }

    mutating func park(sync owed: Owed, of memberID: String, into effects: inout GroupEffects) {
        if let older = members[memberID]?.parkedSync {
            effects.answer(older, .syncGroup(.refusing(.rebalanceInProgress)))
        }
        members[memberID]?.parkedSync = owed
    }

    /// Takes members and pending members out. What they wait for is answered: a client that is alive after all joins
    /// again.
    mutating func remove(_ ids: [String], into effects: inout GroupEffects) {
        for memberID in ids {
            if pendingMembers.remove(memberID) != nil { effects.cancel(.session(group: id, member: memberID)) }
            guard let member = members.removeValue(forKey: memberID) else { continue }
            effects.cancel(.session(group: id, member: memberID))
            uncount(member)
            if let instanceID = member.instanceID { staticMembers[instanceID] = nil }
            answerParked(
                of: member, join: .refusing(.unknownMemberID, memberID: ""), sync: .refusing(.unknownMemberID),
                into: &effects)
        }
        if let leaderID, members[leaderID] == nil {
            self.leaderID = members.values.min { $0.position < $1.position }?.id
        }
    }

    /// The member behind an instance id is another from now on. Whatever still runs under the old id is fenced.
    mutating func replaceStaticMember(_ oldID: String, by newID: String, into effects: inout GroupEffects) {
        guard var member = members.removeValue(forKey: oldID), let instanceID = member.instanceID else { return }
        effects.cancel(.session(group: id, member: oldID))
        answerParked(
            of: member, join: .refusing(.fencedInstanceID, memberID: oldID), sync: .refusing(.fencedInstanceID),
            into: &effects)
        if member.parkedJoin != nil { parkedJoins -= 1 }
        member.parkedJoin = nil
        member.parkedSync = nil
        member.isNew = false
        member.id = newID
        members[newID] = member
        staticMembers[instanceID] = newID
        if leaderID == oldID { leaderID = newID }
    }

    /// A member joins again, with what it says now.
    mutating func update(
        _ memberID: String, _ protocols: [ClassicMember.SupportedProtocol], _ request: JoinGroupRequest
    ) {
        guard let member = members[memberID] else { return }
        if member.protocols != protocols {
            unsupport(member)
            for supported in protocols { supporters[supported.name, default: 0] += 1 }
            members[memberID]?.protocols = protocols
        }
        members[memberID]?.rebalanceTimeout = .milliseconds(request.rebalanceTimeoutMs)
        members[memberID]?.sessionTimeout = .milliseconds(request.sessionTimeoutMs)
    }

    /// Answers all who wait for the assignment. A session that ended meanwhile was excused, so each begins anew.
    mutating func answerSyncs(_ code: ErrorCode, _ context: GroupContext, into effects: inout GroupEffects) {
        for member in membersInOrder {
            guard let owed = member.parkedSync else { continue }
            let response = code == .none ? syncResponse(for: member) : SyncGroupResponse.refusing(code)
            if code == .none, member.assignment.isEmpty {
                effects.note(
                    .warn,
                    """
                    Sending empty assignment to member \(member.id) of \(id) for generation \(generation) with no \
                    errors
                    """)
            }
            effects.answer(owed, .syncGroup(response))
            members[member.id]?.parkedSync = nil
            schedule(.session(member), context, into: &effects)
        }
    }

    func syncResponse(for member: ClassicMember) -> SyncGroupResponse {
        var response = SyncGroupResponse()
        response.protocolType = groupProtocolType
        response.protocolName = protocolName
        response.assignment = member.assignment
        return response
    }

    mutating func syncArrived(from memberID: String, into effects: inout GroupEffects) {
        guard members[memberID]?.owesSync == true else { return }
        members[memberID]?.owesSync = false
        owedSyncs -= 1
        if owedSyncs == 0 { effects.cancel(.sync(group: id)) }
    }

    mutating func forgiveSyncs(into effects: inout GroupEffects) {
        effects.cancel(.sync(group: id))
        guard owedSyncs > 0 else { return }
        for index in members.indices { members.values[index].owesSync = false }
        owedSyncs = 0
    }

    private mutating func uncount(_ member: ClassicMember) {
        unsupport(member)
        if member.parkedJoin != nil { parkedJoins -= 1 }
        if member.owesSync { owedSyncs -= 1 }
    }

    private mutating func unsupport(_ member: ClassicMember) {
        for supported in member.protocols {
            guard let count = supporters[supported.name] else { continue }
            supporters[supported.name] = count > 1 ? count - 1 : nil
        }
    }

    private func answerParked(
        of member: ClassicMember, join: JoinGroupResponse, sync: SyncGroupResponse, into effects: inout GroupEffects
    ) {
        if let owed = member.parkedJoin { effects.answer(owed, .joinGroup(join)) }
        if let owed = member.parkedSync { effects.answer(owed, .syncGroup(sync)) }
    }
}
