import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// Heartbeat of a member of a classic group.
enum HeartbeatHandler: GroupHandler {
    typealias Request = HeartbeatRequest

    static func group(of request: HeartbeatRequest) -> String { request.groupId }

    static func prepare(
        _ request: HeartbeatRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<HeartbeatRequest> {
        request.groupId.isEmpty ? .answered(refusal(.invalidGroupID, request, context)) : .ready(request)
    }

    static func decide(
        _ shard: inout GroupShard, _ request: HeartbeatRequest, _ context: RequestContext, _ event: GroupRequestEvent,
        into effects: inout GroupEffects
    ) {
        shard.heartbeat(request, owed: event.owed, event.context, into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> HeartbeatResponse? {
        if case .heartbeat(let response) = answer { response } else { nil }
    }

    /// While the group is loaded nobody knows better than the member that all is well.
    static func refusal(
        _ code: ErrorCode, _ request: HeartbeatRequest, _ context: RequestContext
    ) -> HeartbeatResponse {
        var response = HeartbeatResponse()
        response.errorCode = code == .coordinatorLoadInProgress ? 0 : code.rawValue
        return response
    }
}
