public import Coordination
import KafkaModel
public import KafkaProtocol

extension ClassicGroup {
    /// Members go, by their own wish or, where only an instance id is given, by an administrator's.
    public mutating func leave(
        _ request: LeaveGroupRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        var response = LeaveGroupResponse()
        guard state != .dead else {
            response.errorCode = ErrorCode.coordinatorNotAvailable.rawValue
            return effects.answer(owed, .leaveGroup(response))
        }
        response.members = request.leaving(version: version).map { leaving in
            var told = LeaveGroupResponse.MemberResponse()
            told.memberId = leaving.memberId
            told.groupInstanceId = leaving.groupInstanceId
            told.errorCode = leave(leaving, into: &effects).rawValue
            return told
        }
        effects.answer(owed, .leaveGroup(response.fitted(to: version)))

        let gone = response.members.filter { $0.errorCode == 0 }.map(\.memberId)
        guard !gone.isEmpty else { return }
        if state != .empty {
            rebalanceOrCompleteJoin(
                because: "explicit `LeaveGroup` request for (\(gone.joined(separator: ", "))) members.", context,
                into: &effects)
        }
        checkInvariants()
    }

    private mutating func leave(
        _ leaving: LeaveGroupRequest.MemberIdentity, into effects: inout GroupEffects
    ) -> ErrorCode {
        let memberID: String
        if leaving.memberId.isEmpty {
            guard let current = leaving.groupInstanceId.flatMap({ staticMembers[$0] }) else { return .unknownMemberID }
            memberID = current
        } else {
            memberID = leaving.memberId
            if !pendingMembers.contains(memberID) {
                let code = check(memberID: memberID, instanceID: leaving.groupInstanceId)
                guard code == .none else { return code }
            }
        }
        let who = pendingMembers.contains(memberID) ? "Pending member" : "Member"
        effects.note(
            .info,
            """
            [Group \(id)] \(who) \(memberID) has left group through explicit `LeaveGroup` request; client reason: \
            \(leaving.reason ?? "not provided")
            """)
        remove([memberID], into: &effects)
        return .none
    }
}

extension LeaveGroupRequest {
    /// Before version 3 a request has one member.
    public func leaving(version: Int16) -> [MemberIdentity] {
        guard version < 3 else { return members }
        var one = MemberIdentity()
        one.memberId = memberId
        return [one]
    }
}

extension LeaveGroupResponse {
    /// Before version 3 the error of the one member is that of the request.
    public func fitted(to version: Int16) -> LeaveGroupResponse {
        guard version < 3 else { return self }
        var response = LeaveGroupResponse()
        response.throttleTimeMs = throttleTimeMs
        response.errorCode = errorCode != 0 ? errorCode : members.first { $0.errorCode != 0 }?.errorCode ?? 0
        return response
    }
}
