import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// JoinGroup. The answer comes when the members of the next generation have come together.
enum JoinGroupHandler: GroupHandler {
    typealias Request = JoinGroupRequest

    static func group(of request: JoinGroupRequest) -> String { request.groupId }

    static func prepare(
        _ request: JoinGroupRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<JoinGroupRequest> {
        if request.groupId.isEmpty {
            return .answered(refusal(.invalidGroupID, request, context))
        }
        let settings = broker.groups.groupSettings
        let session = Duration.milliseconds(request.sessionTimeoutMs)
        guard session >= settings.minSessionTimeout, session <= settings.maxSessionTimeout else {
            return .answered(refusal(.invalidSessionTimeout, request, context))
        }
        return .ready(request)
    }

    static func decide(
        _ shard: inout GroupShard, _ request: JoinGroupRequest, _ context: RequestContext, _ event: GroupRequestEvent,
        into effects: inout GroupEffects
    ) {
        shard.join(
            request, version: context.version, uuid: .random(), client: event.client, owed: event.owed, event.context,
            into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> JoinGroupResponse? {
        if case .joinGroup(let response) = answer { response.fitted(to: context.version) } else { nil }
    }

    static func refusal(
        _ code: ErrorCode, _ request: JoinGroupRequest, _ context: RequestContext
    ) -> JoinGroupResponse {
        JoinGroupResponse.refusing(code, memberID: request.memberId).fitted(to: context.version)
    }
}
