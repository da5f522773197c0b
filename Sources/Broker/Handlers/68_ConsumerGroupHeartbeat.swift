import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// ConsumerGroupHeartbeat (KIP-848): joining, living and leaving.
enum ConsumerGroupHeartbeatHandler: GroupHandler {
    typealias Request = ConsumerGroupHeartbeatRequest

    static func group(of request: ConsumerGroupHeartbeatRequest) -> String { request.groupId }

    static func prepare(
        _ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<ConsumerGroupHeartbeatRequest> {
        let settings = broker.groups.groupSettings
        guard settings.servesConsumer else { return .answered(refusal(.unsupportedVersion, request, context)) }
        if let refusal = ConsumerGroup.refusal(of: request, version: context.version, settings) {
            return .answered(refusal)
        }
        return .ready(request)
    }

    static func decide(
        _ shard: inout GroupShard, _ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext,
        _ event: GroupRequestEvent, into effects: inout GroupEffects
    ) {
        shard.heartbeat(
            request, newMemberID: UUID.random().description, client: event.client, owed: event.owed, event.context,
            into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> ConsumerGroupHeartbeatResponse? {
        if case .consumerGroupHeartbeat(let response) = answer { response } else { nil }
    }

    static func refusal(
        _ code: ErrorCode, _ request: ConsumerGroupHeartbeatRequest, _ context: RequestContext
    ) -> ConsumerGroupHeartbeatResponse {
        var response = ConsumerGroupHeartbeatResponse()
        response.errorCode = code.rawValue
        response.errorMessage = code.message
        return response
    }
}
