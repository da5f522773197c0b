import Configuration
import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Telemetry

/// DescribeConfigs: every setting of a topic or of this broker, with where its value comes from. Secrets are never
/// told.
enum DescribeConfigsHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: DescribeConfigsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeConfigsResponse {
        var response = DescribeConfigsResponse()
        // Most topics set nothing: what is told of one is told of all of them.
        var plainTopic: [DescribeConfigsResponse.DescribeConfigsResourceResult]?
        response.results = request.resources.map { resource in
            var result = DescribeConfigsResponse.DescribeConfigsResult()
            result.resourceType = resource.resourceType
            result.resourceName = resource.resourceName
            // No keys ask for all of them, as no list does.
            let keys = resource.configurationKeys.flatMap { $0.isEmpty ? nil : Set($0) }
            if resource.resourceType == ConfigResource.Kind.brokerLogger.rawValue {
                describeLoggers(resource.resourceName, keys, &result, broker)
                return result
            }
            switch find(resource, broker) {
            case .success(.topic(let overrides)) where overrides.isEmpty && keys == nil:
                let configs =
                    plainTopic ?? broker.settings.topic(overrides).describe().map { describe($0, request) }
                plainTopic = configs
                result.errorMessage = nil
                result.configs = configs
            case .success(let found):
                let entries = found.entries(broker)
                result.errorMessage = nil
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

    /// What there is to tell of a resource.
    private enum Found {
        case topic(overrides: [String: String])
        case entries([ConfigEntry])

        func entries(_ broker: Broker) -> [ConfigEntry] {
            switch self {
            case .topic(let overrides): broker.settings.topic(overrides).describe()
            case .entries(let entries): entries
            }
        }
    }

    private static func find(
        _ resource: DescribeConfigsRequest.DescribeConfigsResource, _ broker: Broker
    ) -> Result<Found, Problem> {
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
            return .success(.topic(overrides: image.config(.topic(name))))
        case .broker where name.isEmpty:
            return .success(.entries(broker.settings.current.describeAllBrokers()))
        case .broker:
            guard Int32(name) == broker.id.rawValue else {
                return .failure(
                    Problem(
                        code: .invalidRequest,
                        message: "Unexpected broker id, expected \(broker.id) or empty string, but received \(name)"))
            }
            return .success(.entries(broker.settings.current.describe()))
        case .clientMetrics:
            guard !name.isEmpty else {
                return .failure(
                    Problem(code: .invalidRequest, message: "Client metrics subscription name must not be empty"))
            }
            let overrides = broker.cluster.image.config(ConfigResource(.clientMetrics, name))
            return .success(.entries(ClientMetricsConfigTable.describe(overrides)))
        case .group:
            guard !name.isEmpty else {
                return .failure(Problem(code: .invalidRequest, message: "Group name must not be empty"))
            }
            let overrides = broker.cluster.image.config(ConfigResource(.group, name))
            return .success(
                .entries(GroupConfiguration(overrides: overrides, broker: broker.settings.current).describe()))
        case .brokerLogger, nil:
            return .failure(
                Problem(code: .invalidRequest, message: "Unsupported resource type: \(resource.resourceType)"))
        }
    }

    /// Each part of the broker that writes to its log, with the level from which on it is heard (KIP-412).
    private static func describeLoggers(
        _ name: String, _ keys: Set<String>?, _ result: inout DescribeConfigsResponse.DescribeConfigsResult,
        _ broker: Broker
    ) {
        do throws(Refusal) {
            if name.isEmpty { throw Refusal(.invalidRequest, "Broker id must not be empty") }
            try LoggerLevels.check(name, is: broker.id, "Unexpected broker id, expected \(broker.id) but received")
            result.errorMessage = nil
            result.configs = LoggerLevels.all.filter { keys?.contains($0.name) ?? true }.map { logger in
                var config = DescribeConfigsResponse.DescribeConfigsResourceResult()
                config.name = logger.name
                config.value = logger.level.name
                config.configSource = ConfigSource.brokerLogger.rawValue
                config.documentation = nil
                return config
            }
        } catch {
            result.errorCode = error.code.rawValue
            result.errorMessage = error.message
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
