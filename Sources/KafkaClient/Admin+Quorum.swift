public import Bytes
public import Configuration
public import KafkaModel
import KafkaProtocol
import Timing

/// The quorum that keeps the metadata of a cluster without ZooKeeper.
public struct QuorumDescription: Sendable {
    public struct Replica: Sendable {
        public let id: Int32
        /// Zero where the quorum is too old to know.
        public let directoryID: UUID
        public let logEndOffset: Int64
        /// Milliseconds since 1970; nil where nobody knows.
        public let lastFetch: Int64?
        public let lastCaughtUp: Int64?

        public init(
            id: Int32, directoryID: UUID, logEndOffset: Int64, lastFetch: Int64? = nil, lastCaughtUp: Int64? = nil
        ) {
            self.id = id
            self.directoryID = directoryID
            self.logEndOffset = logEndOffset
            self.lastFetch = lastFetch
            self.lastCaughtUp = lastCaughtUp
        }
    }

    public let leaderID: Int32
    public let leaderEpoch: Int32
    public let highWatermark: Int64
    public let voters: [Replica]
    public let observers: [Replica]
    /// Where the controllers listen, by node.
    public let endpoints: [Int32: [VoterEndpoint]]

    public init(
        leaderID: Int32, leaderEpoch: Int32, highWatermark: Int64, voters: [Replica], observers: [Replica],
        endpoints: [Int32: [VoterEndpoint]] = [:]
    ) {
        self.leaderID = leaderID
        self.leaderEpoch = leaderEpoch
        self.highWatermark = highWatermark
        self.voters = voters
        self.observers = observers
        self.endpoints = endpoints
    }
}

/// Where a controller listens for the others.
public struct VoterEndpoint: Sendable, Equatable, CustomStringConvertible {
    public let listener: String
    public let address: HostPort

    public init(listener: String, address: HostPort) {
        self.listener = listener
        self.address = address
    }

    public var description: String { "\(listener)://\(address)" }
}

/// The metadata quorum. Brokers pass such questions on; among controllers only the active one answers them.
extension Admin {
    private func askQuorum<Request: RequestMessage>(
        _ request: Request, code: (Request.Response) -> (ErrorCode, message: String?)
    ) throws(ClientError) -> Request.Response {
        let response: Request.Response
        switch configuration.endpoints {
        case .brokers: response = try askAny(request)
        case .controllers: response = try askController(request, code: code)
        }
        let (error, message) = code(response)
        guard error == .none else {
            throw ClientError("the quorum", .receive(Request.api), .refused(error, message: message))
        }
        return response
    }

    public func describeQuorum() throws(ClientError) -> QuorumDescription {
        var partition = DescribeQuorumRequest.PartitionData()
        partition.partitionIndex = 0
        var topic = DescribeQuorumRequest.TopicData()
        topic.topicName = "__cluster_metadata"
        topic.partitions = [partition]
        var request = DescribeQuorumRequest()
        request.topics = [topic]
        let response = try askQuorum(request) { response in
            let own = response.topics.first?.partitions.first
            let code = ErrorCode(code: response.errorCode)
            if code != .none { return (code, response.errorMessage.flatMap { $0.isEmpty ? nil : $0 }) }
            return (ErrorCode(code: own?.errorCode ?? 0), own?.errorMessage.flatMap { $0.isEmpty ? nil : $0 })
        }
        guard let told = response.topics.first(where: { $0.topicName == topic.topicName })?.partitions.first else {
            throw ClientError(
                "the quorum", .receive(.describeQuorum),
                .refused(.unknownServerError, message: "The answer says nothing about \(topic.topicName)"))
        }
        return QuorumDescription(
            leaderID: told.leaderId, leaderEpoch: told.leaderEpoch, highWatermark: told.highWatermark,
            voters: told.currentVoters.map(Self.replica), observers: told.observers.map(Self.replica),
            endpoints: Dictionary(
                response.nodes.map { node in
                    (
                        node.nodeId,
                        node.listeners.map {
                            VoterEndpoint(listener: $0.name, address: HostPort(host: $0.host, port: $0.port))
                        }
                    )
                }, uniquingKeysWith: { first, _ in first }))
    }

    private static func replica(_ state: DescribeQuorumResponse.ReplicaState) -> QuorumDescription.Replica {
        QuorumDescription.Replica(
            id: state.replicaId, directoryID: state.replicaDirectoryId, logEndOffset: state.logEndOffset,
            lastFetch: state.lastFetchTimestamp >= 0 ? state.lastFetchTimestamp : nil,
            lastCaughtUp: state.lastCaughtUpTimestamp >= 0 ? state.lastCaughtUpTimestamp : nil)
    }

    /// Throws, as the change itself would, where the set of voters cannot be changed.
    public func requireDynamicQuorum(for api: APIKey) throws(ClientError) {
        let versions = try versions()
        guard versions.apis[api.rawValue] != nil else {
            throw ClientError("the cluster", .send(api), .unsupported(offered: nil))
        }
        let level = versions.finalizedFeatures["kraft.version"] ?? 0
        guard level > 0 else {
            throw ClientError(
                "the cluster", .receive(api),
                .refused(
                    .unsupportedVersion,
                    message: "Its set of controllers is fixed, because the kraft.version feature is \(level)"))
        }
    }

    /// Makes a controller a voter.
    public func addVoter(
        _ id: Int32, directoryID: UUID, at endpoints: [VoterEndpoint]
    ) throws(ClientError) {
        var request = AddRaftVoterRequest()
        request.clusterId = nil
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.voterId = id
        request.voterDirectoryId = directoryID
        request.listeners = endpoints.map { endpoint in
            var listener = AddRaftVoterRequest.Listener()
            listener.name = endpoint.listener
            listener.host = endpoint.address.host
            listener.port = endpoint.address.port
            return listener
        }
        _ = try askQuorum(request) { (ErrorCode(code: $0.errorCode), $0.errorMessage) }
    }

    /// Makes a controller a voter no longer.
    public func removeVoter(_ id: Int32, directoryID: UUID) throws(ClientError) {
        var request = RemoveRaftVoterRequest()
        request.clusterId = nil
        request.voterId = id
        request.voterDirectoryId = directoryID
        _ = try askQuorum(request) { (ErrorCode(code: $0.errorCode), $0.errorMessage) }
    }

    /// Has the cluster forget a broker that is gone for good.
    public func unregisterBroker(_ id: Int32) throws(ClientError) {
        var request = UnregisterBrokerRequest()
        request.brokerId = id
        _ = try askQuorum(request) { (ErrorCode(code: $0.errorCode), $0.errorMessage) }
    }

    /// Has the cluster forget a controller that is gone for good.
    public func unregisterController(_ id: Int32) throws(ClientError) {
        var request = UnregisterControllerRequest()
        request.controllerId = id
        _ = try askQuorum(request) { (ErrorCode(code: $0.errorCode), $0.errorMessage) }
    }
}
