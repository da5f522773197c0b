import Configuration
import KafkaModel
import KafkaProtocol
import Metadata

/// DescribeConfigs: every setting of a topic or of this broker, with where its value comes from. Secrets are never
/// told.
enum DescribeConfigsHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: DescribeConfigsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeConfigsResponse {
        var response = DescribeConfigsResponse()
        response.results = request.resources.map { resource in
            var result = DescribeConfigsResponse.DescribeConfigsResult()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            switch entries(of: resource, broker) {
            case .success(let entries):
                result.errorMessage = nil
                // No keys ask for all of them, as no list does.
                let keys = resource.configurationKeys.flatMap { $0.isEmpty ? nil : Set($0) }
                result.configs = entries.filter { keys?.contains($0.name) ?? true }.map { describe($0, request) }
            case .failure(let problem):
                result.errorCode = problem.code.rawValue
                result.errorMessage = problem.message
            }
            return result
        }
        return response
    }

    private struct Problem: Error {
        let code: ErrorCode
        let message: String
    }

    private static func entries(
        of resource: DescribeConfigsRequest.DescribeConfigsResource, _ broker: Broker
    ) -> Result<[ConfigEntry], Problem> {
        let name = resource.resourceName
        switch ConfigResource.Kind(rawValue: resource.resourceType) {
        case .topic:
            if let problem = TopicName.problem(with: name) {
                return .failure(Problem(code: .invalidTopicException, message: "Topic name is invalid: \(problem)"))
            }
            let image = broker.cluster.image
            guard image.topic(name) != nil else {
                return .failure(
                    Problem(code: .unknownTopicOrPartition, message: ErrorCode.unknownTopicOrPartition.message))
            }
            return .success(broker.settings.topic(image.config(.topic(name))).describe())
        case .broker where name.isEmpty:
            return .success(broker.settings.current.describeAllBrokers())
        case .broker:
            guard Int32(name) == broker.id.rawValue else {
                return .failure(
                    Problem(
                        code: .invalidRequest,
                        message: "Unexpected broker id, expected \(broker.id) or empty string, but received \(name)"))
            }
            return .success(broker.settings.current.describe())
        case .brokerLogger, .clientMetrics, .group, nil:
            return .failure(
                Problem(code: .invalidRequest, message: "Unsupported resource type: \(resource.resourceType)"))
        }
    }

    private static func describe(
        _ entry: ConfigEntry, _ request: DescribeConfigsRequest
    ) -> DescribeConfigsResponse.DescribeConfigsResourceResult {
        var config = DescribeConfigsResponse.DescribeConfigsResourceResult()
        config.name = entry.name
        config.value = entry.value
        config.readOnly = entry.isReadOnly
        config.isDefault = entry.source == .defaultValue
        config.configSource = entry.source.rawValue
        config.isSensitive = entry.definition.isSensitive
        config.configType = entry.definition.type.rawValue
        config.documentation = request.includeDocumentation ? entry.definition.documentation : nil
        if request.includeSynonyms {
            config.synonyms = entry.synonyms.map { synonym in
                var answer = DescribeConfigsResponse.DescribeConfigsSynonym()
                answer.name = synonym.name
                answer.value = synonym.value
                answer.source = synonym.source.rawValue
                return answer
            }
        }
        return config
    }
}
