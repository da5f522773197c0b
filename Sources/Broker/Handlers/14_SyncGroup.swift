import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// SyncGroup. The answer comes when the leader has sent the assignment.
enum SyncGroupHandler: GroupHandler {
    typealias Request = SyncGroupRequest

    static func group(of request: SyncGroupRequest) -> String { request.groupId }

    static func prepare(
        _ request: SyncGroupRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<SyncGroupRequest> {
        if context.version >= 5, request.protocolType == nil || request.protocolName == nil {
            return .answered(refusal(.inconsistentGroupProtocol, request, context))
        }
        return request.groupId.isEmpty ? .answered(refusal(.invalidGroupID, request, context)) : .ready(request)
    }

    static func decide(
        _ shard: inout GroupShard, _ request: SyncGroupRequest, _ context: RequestContext, _ event: GroupRequestEvent,
        into effects: inout GroupEffects
    ) {
        shard.sync(request, version: context.version, owed: event.owed, event.context, into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> SyncGroupResponse? {
        if case .syncGroup(let response) = answer { response } else { nil }
    }

    static func refusal(
        _ code: ErrorCode, _ request: SyncGroupRequest, _ context: RequestContext
    ) -> SyncGroupResponse {
        .refusing(code)
    }
}
