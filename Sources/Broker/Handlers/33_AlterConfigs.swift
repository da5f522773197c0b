import Controller
import KafkaModel
import KafkaProtocol

/// AlterConfigs: replaces all dynamic settings of a resource. Old tools use it; IncrementalAlterConfigs is better.
enum AlterConfigsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: AlterConfigsRequest, _ context: RequestContext, _ broker: Broker
    ) -> AlterConfigsResponse {
        let changes = request.resources.map { resource in
            ConfigChange(
                resourceType: resource.resourceType, resourceName: resource.resourceName,
                operations: resource.configs.map { ConfigChange.Operation($0.name, .set, $0.value) })
        }
        var response = AlterConfigsResponse()
        response.responses = broker.alter(changes, .replacing, intent: request.validateOnly ? .validateOnly : .change)
            .map { result in
                var answer = AlterConfigsResponse.AlterConfigsResourceResponse()
                answer.resourceType = result.resourceType
                answer.resourceName = result.resourceName
                answer.errorCode = result.refusal.code.rawValue
                answer.errorMessage = result.refusal.message
                return answer
            }
        return response
    }
}
