import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Timing

/// Who is in the cluster.
extension Admin {
    /// Which nodes of a cluster are meant.
    public enum NodeScope: Sendable {
        case serving
        /// Also those that are registered and do not serve.
        case registered
    }

    public func describeCluster(_ scope: NodeScope = .serving) throws(ClientError) -> ClusterDescription {
        let description = try trying { (deadline) throws(ClientError) in try fetchCluster(scope, until: deadline) }
        known = description
        return description
    }

    func fetchCluster(_ scope: NodeScope, until deadline: Instant) throws(ClientError) -> ClusterDescription {
        let connection = try bootstrapConnection(until: deadline)
        let version = connection.version(of: DescribeClusterRequest.self)
        // Fenced brokers came with version 2, controllers with version 1.
        let needed: Int16 = scope == .registered ? 2 : configuration.endpoints == .controllers ? 1 : 0
        guard needed == 0 || version ?? -1 >= needed else {
            throw ClientError(
                connection.address.description, .send(.describeCluster),
                .unsupported(offered: connection.versions[APIKey.describeCluster.rawValue]))
        }
        guard version != nil else {
            // Kafka before 2.8.
            let response = try fetchMetadata([], until: deadline)
            return try description(
                response.clusterId, response.controllerId, .metadata,
                response.brokers.map { ($0.nodeId, $0.host, $0.port, $0.rack, false) }, connection.address)
        }
        var request = DescribeClusterRequest()
        request.endpointType = configuration.endpoints.rawValue
        request.includeFencedBrokers = scope == .registered
        let response = try onBootstrap(request, until: deadline)
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(
                connection.address.description, .receive(.describeCluster),
                .refused(code, message: response.errorMessage))
        }
        return try description(
            response.clusterId, response.controllerId, .describeCluster,
            response.brokers.map { ($0.brokerId, $0.host, $0.port, $0.rack, $0.isFenced) }, connection.address)
    }

    func description(
        _ clusterID: String?, _ controllerID: Int32, _ api: APIKey,
        _ brokers: [(id: Int32, host: String, port: Int32, rack: String?, isFenced: Bool)], _ teller: HostPort
    ) throws(ClientError) -> ClusterDescription {
        var nodes: [BrokerNode] = []
        for broker in brokers {
            guard let port = UInt16(exactly: broker.port) else {
                throw ClientError(teller.description, .receive(api), .malformed(.invalidLength))
            }
            nodes.append(
                BrokerNode(
                    id: broker.id, address: HostPort(host: broker.host, port: port), rack: broker.rack,
                    isFenced: broker.isFenced))
        }
        return ClusterDescription(
            clusterID: clusterID, controllerID: controllerID, brokers: nodes.sorted { $0.id < $1.id })
    }
}
