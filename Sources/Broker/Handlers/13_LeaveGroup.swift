import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// LeaveGroup, of a member itself or of several members by an administrator.
enum LeaveGroupHandler: GroupHandler {
    typealias Request = LeaveGroupRequest

    static func group(of request: LeaveGroupRequest) -> String { request.groupId }

    static func prepare(
        _ request: LeaveGroupRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<LeaveGroupRequest> {
        request.groupId.isEmpty ? .answered(refusal(.invalidGroupID, request, context)) : .ready(request)
    }

    static func decide(
        _ shard: inout GroupShard, _ request: LeaveGroupRequest, _ context: RequestContext, _ event: GroupRequestEvent,
        into effects: inout GroupEffects
    ) {
        shard.leave(request, version: context.version, owed: event.owed, event.context, into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> LeaveGroupResponse? {
        if case .leaveGroup(let response) = answer { response.fitted(to: context.version) } else { nil }
    }

    static func refusal(
        _ code: ErrorCode, _ request: LeaveGroupRequest, _ context: RequestContext
    ) -> LeaveGroupResponse {
        var response = LeaveGroupResponse()
        response.errorCode = code.rawValue
        return response
    }
}
