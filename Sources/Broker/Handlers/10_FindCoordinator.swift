import KafkaModel
import KafkaProtocol

/// FindCoordinator: this broker coordinates no groups and no transactions, and says so with the error that makes a
/// client ask again instead of giving up.
enum FindCoordinatorHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: FindCoordinatorRequest, _ context: RequestContext, _ broker: Broker
    ) -> FindCoordinatorResponse {
        let message = "This broker coordinates no groups, transactions or share groups."
        var response = FindCoordinatorResponse()
        if context.version >= 4 {
            response.coordinators = request.coordinatorKeys.map { key in
                var coordinator = FindCoordinatorResponse.Coordinator()
                coordinator.key = key
                coordinator.nodeId = -1
                coordinator.port = -1
                coordinator.errorCode = ErrorCode.coordinatorNotAvailable.rawValue
                coordinator.errorMessage = message
                return coordinator
            }
        } else {
            response.errorCode = ErrorCode.coordinatorNotAvailable.rawValue
            response.errorMessage = message
            response.nodeId = -1
            response.port = -1
        }
        return response
    }
}
