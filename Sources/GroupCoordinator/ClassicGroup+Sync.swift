public import Coordination
import KafkaModel
public import KafkaProtocol

extension ClassicGroup {
    /// A member of the new generation asks for its assignment; the leader brings all of them.
    public mutating func sync(
        _ request: SyncGroupRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        let code = check(request)
        guard code == .none, let member = members[request.memberId] else {
            return effects.answer(owed, .syncGroup(.refusing(code)))
        }
        syncArrived(from: member.id, into: &effects)
        if state == .stable {
            effects.answer(owed, .syncGroup(syncResponse(for: member)))
        } else {
            park(sync: owed, of: member.id, into: &effects)
            if leaderID == member.id { assigned(request, context, into: &effects) }
        }
        checkInvariants()
    }

    private func check(_ request: SyncGroupRequest) -> ErrorCode {
        switch state {
        case .dead: return .coordinatorNotAvailable
        case .empty: return .unknownMemberID
        case .preparingRebalance, .completingRebalance, .stable: break
        }
        let code = check(memberID: request.memberId, instanceID: request.groupInstanceId)
        guard code == .none else { return code }
        guard request.generationId == generation else { return .illegalGeneration }
        guard Self.agree(request.protocolType, groupProtocolType), Self.agree(request.protocolName, protocolName)
        else { return .inconsistentGroupProtocol }
        return state == .preparingRebalance ? .rebalanceInProgress : .none
    }

    /// Before version 5 a member does not say which protocol it thinks its group has.
    private static func agree(_ said: String?, _ known: String?) -> Bool {
        guard let said, let known else { return true }
        return said == known
    }

    private mutating func assigned(
        _ request: SyncGroupRequest, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        effects.note(
            .info,
            """
            Assignment received from leader \(request.memberId) for group \(id) for generation \(generation). The \
            group has \(members.count) members, \(staticMembers.count) of which are static.
            """)
        let given = Dictionary(
            request.assignments.map { ($0.memberId, $0.assignment) }, uniquingKeysWith: { _, last in last })
        let forgotten = membersInOrder.map(\.id).filter { given[$0] == nil }
        if !forgotten.isEmpty {
            effects.note(
                .warn,
                """
                Setting empty assignments for members [\(forgotten.joined(separator: ", "))] of \(id) for generation \
                \(generation).
                """)
        }
        for index in members.indices {
            members.values[index].assignment = given[members.values[index].id] ?? []
        }
        write(into: &effects)
        answerSyncs(.none, context, into: &effects)
        transition(to: .stable, context)
        effects.happened(.rebalanced(.classic))
    }
}
