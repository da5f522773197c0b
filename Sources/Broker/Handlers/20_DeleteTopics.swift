import Configuration
import Controller
import KafkaModel
import KafkaProtocol

/// DeleteTopics. The answer comes when the partitions are gone from the name space; their files follow in the
/// background.
enum DeleteTopicsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: DeleteTopicsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DeleteTopicsResponse {
        let references =
            context.version >= 6
            ? request.topics.map { TopicReference(name: $0.name, id: $0.topicId) }
            : request.topicNames.map { TopicReference(name: $0) }
        let deletion: TopicChanges.Deletion = broker.configuration.deleteTopics ? .enabled : .disabled
        let outcome = broker.cluster.change { image in
            let decision = TopicChanges.delete(references, in: image, deletion: deletion)
            return (decision.records, decision.items)
        }
        var response = DeleteTopicsResponse()
        switch outcome {
        case .success(let deletions):
            response.responses = deletions.map {
                result(TopicReference(name: $0.name, id: $0.id), $0.refusal)
            }
        case .failure(let code):
            response.responses = references.map { result($0, Refusal(code)) }
        }
        return response
    }

    private static func result(
        _ topic: TopicReference, _ refusal: Refusal?
    ) -> DeleteTopicsResponse.DeletableTopicResult {
        var result = DeleteTopicsResponse.DeletableTopicResult()
        result.name = topic.name
        result.topicId = topic.id
        result.errorCode = (refusal?.code ?? .none).rawValue
        result.errorMessage = refusal.map { $0.message ?? $0.code.message }
        return result
    }
}
