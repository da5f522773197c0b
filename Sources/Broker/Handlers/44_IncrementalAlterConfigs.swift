import Controller
import KafkaModel
import KafkaProtocol

/// IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single settings (KIP-339).
enum IncrementalAlterConfigsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: IncrementalAlterConfigsRequest, _ context: RequestContext, _ broker: Broker
    ) -> IncrementalAlterConfigsResponse {
        let changes = request.resources.map { resource in
            ConfigChange(
                resourceType: resource.resourceType, resourceName: resource.resourceName,
                operations: resource.configs.map {
                    ConfigChange.Operation($0.name, verb: $0.configOperation, $0.value)
                })
        }
        var response = IncrementalAlterConfigsResponse()
        response.responses = broker.alter(changes, .incremental, intent: request.validateOnly ? .validateOnly : .change)
            .map { result in
                var answer = IncrementalAlterConfigsResponse.AlterConfigsResourceResponse()
                answer.resourceType = result.resourceType
                answer.resourceName = result.resourceName
                answer.errorCode = result.refusal.code.rawValue
                answer.errorMessage = result.refusal.message
                return answer
            }
        return response
    }
}
