import Controller
import KafkaModel
import KafkaProtocol

/// CreatePartitions: topics can grow, and never shrink.
enum CreatePartitionsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: CreatePartitionsRequest, _ context: RequestContext, _ broker: Broker
    ) -> CreatePartitionsResponse {
        let increases = request.topics.map { topic in
            PartitionIncrease(
                topic.name, count: topic.count,
                assignments: topic.assignments?.map { $0.brokerIds.map { BrokerID($0) } })
        }
        let outcome = broker.cluster.change { image in
            let decision = TopicChanges.createPartitions(
                increases, in: image, intent: request.validateOnly ? .validateOnly : .change)
            return (decision.records, decision.items)
        }
        var response = CreatePartitionsResponse()
        switch outcome {
        case .success(let items): response.results = items.map { result($0.topic, $0.refusal) }
        case .failure(let code): response.results = increases.map { result($0.topic, Refusal(code)) }
        }
        return response
    }

    private static func result(
        _ topic: String, _ refusal: Refusal?
    ) -> CreatePartitionsResponse.CreatePartitionsTopicResult {
        var result = CreatePartitionsResponse.CreatePartitionsTopicResult()
        result.name = topic
        result.errorCode = (refusal?.code ?? .none).rawValue
        result.errorMessage = refusal.map { $0.message ?? $0.code.message }
        return result
    }
}
