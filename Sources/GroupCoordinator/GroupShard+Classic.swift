public import Bytes
public import Coordination
import KafkaModel
public import KafkaProtocol

/// The requests of the classic protocol.
extension GroupShard {
    /// `uuid` makes the id of a new member.
    public mutating func join(
        _ request: JoinGroupRequest, version: Int16, uuid: UUID, client: GroupClient, owed: Owed,
        _ context: GroupContext, into effects: inout GroupEffects
    ) {
        if case .consumer(let empty) = groups[request.groupId], empty.isEmpty {
            // Only a new member ends it: who has an id is refused, and nothing may come of that.
            guard request.memberId.isEmpty else {
                return effects.answer(owed, .joinGroup(.refusing(.unknownMemberID, memberID: request.memberId)))
            }
            effects.note(
                .info, "[GroupId \(request.groupId)] Converted the empty consumer group to a classic group.")
            end(request.groupId, into: &effects)
        }
        switch groups[request.groupId] {
        case .consumer(var group):
            group.join(
                request, version: version, newMemberID: uuid.description, client: client, owed: owed, context,
                into: &effects)
            put(Group(group), request.groupId)
        case nil:
            // Only a new member makes a group; one that has an id was in a group that is gone.
            guard request.memberId.isEmpty else {
                return effects.answer(owed, .joinGroup(.refusing(.unknownMemberID, memberID: request.memberId)))
            }
            var group = ClassicGroup(id: request.groupId, wall: context.wall)
            group.join(request, version: version, uuid: uuid, client: client, owed: owed, context, into: &effects)
            put(.classic(group), request.groupId)
        case .classic(var group):
            group.join(request, version: version, uuid: uuid, client: client, owed: owed, context, into: &effects)
            put(.classic(group), request.groupId)
        }
    }

    public mutating func sync(
        _ request: SyncGroupRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        switch groups[request.groupId] {
        case .classic(var group) where !group.isEmpty:
            group.sync(request, version: version, owed: owed, context, into: &effects)
            put(.classic(group), request.groupId)
        case .consumer(var group) where !group.isEmpty:
            group.sync(request, version: version, owed: owed, context, into: &effects)
            put(Group(group), request.groupId)
        case nil, .classic, .consumer:
            effects.answer(owed, .syncGroup(.refusing(.unknownMemberID)))
        }
    }

    public mutating func heartbeat(
        _ request: HeartbeatRequest, owed: Owed, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        switch groups[request.groupId] {
        case .classic(let group): group.heartbeat(request, owed: owed, context, into: &effects)
        case .consumer(var group):
            group.heartbeat(request, owed: owed, context, into: &effects)
            put(Group(group), request.groupId)
        case nil:
            var response = HeartbeatResponse()
            response.errorCode = ErrorCode.unknownMemberID.rawValue
            effects.answer(owed, .heartbeat(response))
        }
    }

    public mutating func leave(
        _ request: LeaveGroupRequest, version: Int16, owed: Owed, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        switch groups[request.groupId] {
        case .classic(var group):
            group.leave(request, version: version, owed: owed, context, into: &effects)
            put(.classic(group), request.groupId)
        case .consumer(var group):
            group.leave(request, version: version, owed: owed, context, into: &effects)
            put(Group(group), request.groupId)
        case nil:
            var response = LeaveGroupResponse()
            response.members = request.leaving(version: version).map { leaving in
                var member = LeaveGroupResponse.MemberResponse()
                member.memberId = leaving.memberId
                member.groupInstanceId = leaving.groupInstanceId
                member.errorCode = ErrorCode.unknownMemberID.rawValue
                return member
            }
            effects.answer(owed, .leaveGroup(response.fitted(to: version)))
        }
    }
}
