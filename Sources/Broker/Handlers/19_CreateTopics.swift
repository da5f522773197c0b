import Configuration
import Controller
import KafkaModel
import KafkaProtocol

/// CreateTopics. The answer comes when the new partitions can be written.
enum CreateTopicsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: CreateTopicsRequest, _ context: RequestContext, _ broker: Broker
    ) -> CreateTopicsResponse {
        let topics = request.topics.map { topic in
            NewTopic(
                topic.name, partitionCount: topic.numPartitions, replicationFactor: topic.replicationFactor,
                assignments: topic.assignments.map { ($0.partitionIndex, $0.brokerIds.map { BrokerID($0) }) },
                configs: topic.configs.map { ($0.name, $0.value) })
        }
        let outcome = broker.create(topics, intent: request.validateOnly ? .validateOnly : .change)
        var response = CreateTopicsResponse()
        switch outcome {
        case .success(let creations):
            response.topics = creations.map { result(of: $0, broker) }
        case .failure(let code):
            response.topics = request.topics.map { topic in
                var result = CreateTopicsResponse.CreatableTopicResult()
                result.name = topic.name
                result.errorCode = code.rawValue
                result.errorMessage = code.message
                result.configs = nil
                return result
            }
        }
        return response
    }

    private static func result(
        of creation: TopicCreation, _ broker: Broker
    ) -> CreateTopicsResponse.CreatableTopicResult {
        var result = CreateTopicsResponse.CreatableTopicResult()
        result.name = creation.name
        switch creation.outcome {
        case .failure(let refusal):
            result.errorCode = refusal.code.rawValue
            result.errorMessage = refusal.message ?? refusal.code.message
            result.configs = nil
        case .success(let created):
            result.errorMessage = nil
            result.topicId = created.id
            result.numPartitions = Int32(clamping: created.partitionCount)
            result.replicationFactor = Int16(clamping: created.replicationFactor)
            result.configs = broker.settings.topic(created.configs).describe().map { entry in
                var config = CreateTopicsResponse.CreatableTopicConfigs()
                config.name = entry.name
                config.value = entry.value
                config.readOnly = entry.isReadOnly
                config.configSource = entry.source.rawValue
                config.isSensitive = entry.definition.isSensitive
                return config
            }
        }
        return result
    }
}
