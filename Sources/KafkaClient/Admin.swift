import Bytes
import Configuration
import Glibc
public import KafkaModel
public import KafkaProtocol
public import Timing

/// What a tool asks of a cluster. It connects when it is first asked, to whichever bootstrap server answers, keeps its
/// connections, and tries again what may do better, within `default.api.timeout.ms`. It belongs to one thread.
public final class Admin {
    private let configuration: ClientConfiguration
    private let clock: Clock
    private var bootstrap: BrokerConnection?
    private var connections: [Int32: BrokerConnection] = [:]
    private var known: ClusterDescription?

    /// Rounds over the bootstrap servers before the last failure is told. A broker that is about to listen is waited for,
    /// but a wrong address is not tried for a minute.
    private static let roundsMax = 5

    public init(_ configuration: ClientConfiguration, clock: Clock = .system) {
        self.configuration = configuration
        self.clock = clock
    }

    private var deadline: Instant { clock.now + configuration.apiTimeout }

    public func describeCluster() throws(ClientError) -> ClusterDescription {
        let description = try trying { (deadline) throws(ClientError) in try fetchCluster(until: deadline) }
        known = description
        return description
    }

    /// Topics and where their partitions are; all topics without names. Nothing is created by asking.
    public func metadata(topics: [String]? = nil) throws(ClientError) -> [TopicDescription] {
        try trying { (deadline) throws(ClientError) in
            let response = try fetchMetadata(topics, until: deadline)
            return response.topics.map { topic in
                TopicDescription(
                    name: topic.name ?? "", id: topic.topicId, isInternal: topic.isInternal,
                    error: ErrorCode(code: topic.errorCode),
                    partitions: topic.partitions.sorted { $0.partitionIndex < $1.partitionIndex }.map {
                        TopicDescription.Partition(
                            index: $0.partitionIndex, leader: $0.leaderId, replicas: $0.replicaNodes, isr: $0.isrNodes)
                    })
            }
        }
    }

    /// The log directories of a broker, with all partitions or some.
    public func describeLogDirs(
        broker id: Int32, partitions: [TopicPartition]? = nil
    ) throws(ClientError) -> [LogDirectoryDescription] {
        var request = DescribeLogDirsRequest()
        request.topics = partitions.map { partitions in
            Self.byTopic(partitions).map { name, indexes in
                var topic = DescribeLogDirsRequest.DescribableLogDirTopic()
                topic.topic = name
                topic.partitions = indexes
                return topic
            }
        }
        let response = try ask(id, request)
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else { throw refused(id, .describeLogDirs, code) }
        return response.results.map { directory in
            LogDirectoryDescription(
                path: directory.logDir, error: ErrorCode(code: directory.errorCode),
                totalBytes: directory.totalBytes >= 0 ? directory.totalBytes : nil,
                usableBytes: directory.usableBytes >= 0 ? directory.usableBytes : nil,
                replicas: directory.topics.flatMap { topic in
                    topic.partitions.map {
                        LogDirectoryDescription.Replica(
                            partition: TopicPartition(topic.name, $0.partitionIndex), size: $0.partitionSize,
                            offsetLag: $0.offsetLag, isFuture: $0.isFutureKey)
                    }
                })
        }
    }

    /// Has a broker move partitions to a directory of its own. The answers come when the moves have begun.
    public func alterReplicaLogDirs(
        broker id: Int32, _ partitions: [TopicPartition], to path: String
    ) throws(ClientError) -> [(partition: TopicPartition, error: ErrorCode)] {
        var directory = AlterReplicaLogDirsRequest.AlterReplicaLogDir()
        directory.path = path
        directory.topics = Self.byTopic(partitions).map { name, indexes in
            var topic = AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic()
            topic.name = name
            topic.partitions = indexes
            return topic
        }
        var request = AlterReplicaLogDirsRequest()
        request.dirs = [directory]
        let response = try ask(id, request)
        return response.results.flatMap { topic in
            topic.partitions.map {
                (TopicPartition(topic.topicName, $0.partitionIndex), ErrorCode(code: $0.errorCode))
            }
        }
    }

    private static func byTopic(_ partitions: [TopicPartition]) -> [(key: String, value: [Int32])] {
        Dictionary(grouping: partitions, by: \.topic).mapValues { $0.map(\.partition) }.sorted { $0.key < $1.key }
    }

    /// Asks one broker by its id.
    public func ask<Request: RequestMessage>(
        _ id: Int32, _ request: Request
    ) throws(ClientError) -> Request.Response {
        if known == nil { _ = try describeCluster() }
        return try trying { (deadline) throws(ClientError) in
            let connection = try connection(to: id, until: deadline)
            do throws(ClientError) {
                return try connection.request(request, until: deadline)
            } catch {
                connections[id] = nil
                throw error
            }
        }
    }

    private func connection(to id: Int32, until deadline: Instant) throws(ClientError) -> BrokerConnection {
        if let connection = connections[id] { return connection }
        let brokers = known?.brokers ?? []
        guard let node = brokers.first(where: { $0.id == id }) else {
            throw ClientError("", .connect, .unknownBroker(id, known: brokers.map(\.id)))
        }
        let connection = try BrokerConnection(
            node.address, configuration: configuration, until: deadline, clock: clock)
        connections[id] = connection
        return connection
    }

    private func refused(_ id: Int32, _ api: APIKey, _ code: ErrorCode) -> ClientError {
        ClientError(connections[id]?.address.description ?? "broker \(id)", .receive(api), .refused(code, message: nil))
    }

    private func fetchCluster(until deadline: Instant) throws(ClientError) -> ClusterDescription {
        let connection = try bootstrapConnection(until: deadline)
        guard connection.version(of: DescribeClusterRequest.self) != nil else {
            // Kafka before 2.8.
            let response = try fetchMetadata([], until: deadline)
            return try Self.description(
                response.clusterId, response.controllerId, connection, .metadata,
                response.brokers.map { ($0.nodeId, $0.host, $0.port, $0.rack) })
        }
        let response = try onBootstrap(DescribeClusterRequest(), until: deadline)
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(
                connection.address.description, .receive(.describeCluster),
                .refused(code, message: response.errorMessage))
        }
        return try Self.description(
            response.clusterId, response.controllerId, connection, .describeCluster,
            response.brokers.map { ($0.brokerId, $0.host, $0.port, $0.rack) })
    }

    private static func description(
        _ clusterID: String?, _ controllerID: Int32, _ connection: BrokerConnection, _ api: APIKey,
        _ brokers: [(id: Int32, host: String, port: Int32, rack: String?)]
    ) throws(ClientError) -> ClusterDescription {
        var nodes: [BrokerNode] = []
        for broker in brokers {
            guard let port = UInt16(exactly: broker.port) else {
                throw ClientError(connection.address.description, .receive(api), .malformed(.invalidLength))
            }
            nodes.append(
                BrokerNode(id: broker.id, address: HostPort(host: broker.host, port: port), rack: broker.rack))
        }
        return ClusterDescription(
            clusterID: clusterID, controllerID: controllerID, brokers: nodes.sorted { $0.id < $1.id })
    }

    /// An answer to Metadata, and whose it is.
    struct MetadataAnswer {
        let broker: String
        let cluster: ClusterDescription
        let topics: [MetadataResponse.MetadataResponseTopic]
    }

    /// Asks once for topics, all without names, and for the brokers.
    func askMetadata(
        _ names: [String]?, missing: ClusterMetadata.Missing, until deadline: Instant
    ) throws(ClientError) -> MetadataAnswer {
        let response = try fetchMetadata(names, missing: missing, until: deadline)
        let connection = try bootstrapConnection(until: deadline)
        let cluster = try Self.description(
            response.clusterId, response.controllerId, connection, .metadata,
            response.brokers.map { ($0.nodeId, $0.host, $0.port, $0.rack) })
        known = cluster
        return MetadataAnswer(
            broker: connection.address.description, cluster: cluster, topics: response.topics)
    }

    private func fetchMetadata(
        _ names: [String]?, missing: ClusterMetadata.Missing = .isNotCreated, until deadline: Instant
    ) throws(ClientError) -> MetadataResponse {
        var request = MetadataRequest()
        request.allowAutoTopicCreation = missing == .isCreated
        request.topics = names.map { names in
            names.map { name in
                var topic = MetadataRequest.MetadataRequestTopic()
                topic.name = name
                return topic
            }
        }
        // In the oldest version no list is an empty one.
        if request.topics == nil, try bootstrapConnection(until: deadline).version(of: MetadataRequest.self) == 0 {
            request.topics = []
        }
        return try onBootstrap(request, until: deadline)
    }

    private func onBootstrap<Request: RequestMessage>(
        _ request: Request, until deadline: Instant
    ) throws(ClientError) -> Request.Response {
        let connection = try bootstrapConnection(until: deadline)
        do throws(ClientError) {
            return try connection.request(request, until: deadline)
        } catch {
            bootstrap = nil
            throw error
        }
    }

    /// A connection to the first bootstrap server that answers.
    private func bootstrapConnection(until deadline: Instant) throws(ClientError) -> BrokerConnection {
        if let bootstrap { return bootstrap }
        var last: ClientError?
        // The brokers that were met count too: the bootstrap servers may all be gone by now.
        let met = (known?.brokers ?? []).map(\.address).filter { !configuration.bootstrapServers.contains($0) }
        for server in configuration.bootstrapServers + met {
            do throws(ClientError) {
                let connection = try BrokerConnection(
                    server, configuration: configuration, until: deadline, clock: clock)
                bootstrap = connection
                return connection
            } catch {
                // What is no Kafka broker is told before what merely does not answer.
                if last?.isRetriable ?? true { last = error }
            }
            if clock.now >= deadline { break }
        }
        throw last ?? ClientError("the bootstrap servers", .connect, .closed)
    }

    /// Does something again, with growing pauses, as long as that may help.
    private func trying<Value>(
        _ body: (_ deadline: Instant) throws(ClientError) -> Value
    ) throws(ClientError) -> Value {
        let deadline = deadline
        var pause = configuration.retryBackoff
        var round = 1
        while true {
            do throws(ClientError) {
                return try body(deadline)
            } catch {
                guard error.isRetriable, round < Self.roundsMax, round <= configuration.retries,
                    clock.now + pause < deadline
                else { throw error }
            }
            usleep(UInt32(clamping: pause.wholeNanoseconds / 1000))
            pause = min(pause * 2, configuration.retryBackoffMax)
            round += 1
        }
    }
}
