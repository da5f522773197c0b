import Configuration
import KafkaModel
import KafkaProtocol
import Metadata

/// DescribeCluster: the cluster's id, its controller and its brokers, on request those too that are fenced.
enum DescribeClusterHandler: RequestHandler {
    static let place = HandlingPlace.loop

    /// What a client may ask for; the raw values are those of the protocol.
    private enum Endpoint: Int8 {
        case broker = 1
        case controller = 2
    }

    /// No authorizer: the answer to "what may I do" is not computed.
    private static let operationsUnknown = Int32.min

    static func handle(
        _ request: DescribeClusterRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeClusterResponse {
        var response = DescribeClusterResponse()
        response.endpointType = request.endpointType
        switch Endpoint(rawValue: request.endpointType) {
        case .broker: break
        case .controller:
            response.errorCode = ErrorCode.mismatchedEndpointType.rawValue
            response.errorMessage =
                "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
            return response
        case nil:
            response.errorCode = ErrorCode.unsupportedEndpointType.rawValue
            response.errorMessage = "Unsupported endpoint type \(request.endpointType)"
            return response
        }
        response.clusterId = broker.clusterID
        response.controllerId = broker.id.rawValue
        response.clusterAuthorizedOperations = operationsUnknown
        let image = broker.cluster.image
        response.brokers = image.brokers.keys.sorted().compactMap { id in
            guard let registration = image.brokers[id] else { return nil }
            let isThis = id == broker.id
            guard isThis || !registration.isFenced || request.includeFencedBrokers else { return nil }
            return isThis ? this(broker, context) : other(registration, context)
        }
        return response
    }

    private static func this(_ broker: Broker, _ context: RequestContext)
        -> DescribeClusterResponse.DescribeClusterBroker
    {
        var node = DescribeClusterResponse.DescribeClusterBroker()
        let endpoint = broker.advertisedEndpoint(listener: context.listenerName)
        node.brokerId = broker.id.rawValue
        node.host = endpoint.host
        node.port = Int32(endpoint.port)
        node.rack = broker.configuration.rack
        return node
    }

    /// Nil for a broker without a listener of the name that the client came through.
    private static func other(
        _ registration: BrokerRegistration, _ context: RequestContext
    ) -> DescribeClusterResponse.DescribeClusterBroker? {
        guard let endpoint = registration.endpoint(listener: context.listenerName) else { return nil }
        var node = DescribeClusterResponse.DescribeClusterBroker()
        node.brokerId = registration.id.rawValue
        node.host = endpoint.host
        node.port = Int32(endpoint.port)
        node.rack = registration.rack
        node.isFenced = registration.isFenced
        return node
    }
}
