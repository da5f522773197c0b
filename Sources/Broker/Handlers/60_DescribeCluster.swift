import Configuration
import KafkaModel
import KafkaProtocol

/// DescribeCluster: the cluster's id, its controller and its brokers.
enum DescribeClusterHandler: RequestHandler {
    static let place = HandlingPlace.loop

    private static let brokersEndpoint: Int8 = 1
    /// No authorizer: the answer to "what may I do" is not computed.
    private static let operationsUnknown = Int32.min

    static func handle(
        _ request: DescribeClusterRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeClusterResponse {
        var response = DescribeClusterResponse()
        response.endpointType = request.endpointType
        guard request.endpointType == brokersEndpoint else {
            response.errorCode = ErrorCode.mismatchedEndpointType.rawValue
            response.errorMessage = "This endpoint serves brokers; controllers have none of their own."
            return response
        }
        response.clusterId = broker.clusterID
        response.controllerId = broker.id.rawValue
        response.clusterAuthorizedOperations = operationsUnknown
        var node = DescribeClusterResponse.DescribeClusterBroker()
        let endpoint = broker.advertisedEndpoint(listener: context.listenerName)
        node.brokerId = broker.id.rawValue
        node.host = endpoint.host
        node.port = Int32(endpoint.port)
        node.rack = broker.configuration.rack
        response.brokers = [node]
        return response
    }
}
