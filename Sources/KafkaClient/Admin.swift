import Bytes
import Configuration
import Glibc
public import KafkaModel
public import KafkaProtocol
public import Timing

/// What a tool asks of a cluster. It connects when it is first asked, to whichever bootstrap server answers, keeps its
/// connections, and tries again what may do better, within `default.api.timeout.ms`. It belongs to one thread.
public final class Admin {
    let configuration: ClientConfiguration
    let clock: Clock
    private let interruption: Interruption?
    private var bootstrap: BrokerConnection?
    private var connections: [Int32: BrokerConnection] = [:]
    /// The cluster as it was told last; nil when that proved wrong.
    var known: ClusterDescription?

    /// Rounds over the bootstrap servers before the last failure is told. A broker that is about to listen is waited for,
    /// but a wrong address is not tried for a minute.
    static let roundsMax = 5

    /// - Parameter interruption: ends what is under way when it is raised.
    public init(_ configuration: ClientConfiguration, clock: Clock = .system, interruption: Interruption? = nil) {
        self.configuration = configuration
        self.clock = clock
        self.interruption = interruption
    }

    var deadline: Instant { clock.now + configuration.apiTimeout }

    /// Topics and where their partitions are; all topics without names. Nothing is created by asking.
    public func metadata(topics: [String]? = nil) throws(ClientError) -> [TopicDescription] {
        try trying { (deadline) throws(ClientError) in
            let response = try fetchMetadata(topics, until: deadline)
            return response.topics.map(TopicDescription.init)
        }
    }

    /// Asks one broker, or controller, by its id.
    public func ask<Request: RequestMessage>(
        _ id: Int32, _ request: Request
    ) throws(ClientError) -> Request.Response {
        try trying { (deadline) throws(ClientError) in try ask(id, request, until: deadline) }
    }

    /// Asks one broker once, in no newer version than `newest`.
    func ask<Request: RequestMessage>(
        _ id: Int32, _ request: Request, atMost newest: Int16 = .max, until deadline: Instant
    ) throws(ClientError) -> Request.Response {
        let connection = try connection(to: id, until: deadline)
        do throws(ClientError) {
            return try connection.request(request, atMost: newest, until: deadline)
        } catch {
            if !error.leavesConnection {
                connections[id] = nil
                if bootstrap === connection { bootstrap = nil }
            }
            throw error
        }
    }

    /// Asks whichever node answers.
    func askAny<Request: RequestMessage>(_ request: Request) throws(ClientError) -> Request.Response {
        try trying { (deadline) throws(ClientError) in try onBootstrap(request, until: deadline) }
    }

    /// Asks the controller, and its successor when it is none any more. A cluster without ZooKeeper names any broker,
    /// which passes the question on.
    ///
    /// - Parameter code: the error of a whole answer.
    public func askController<Request: RequestMessage>(
        _ request: Request, code: (Request.Response) -> (ErrorCode, message: String?)
    ) throws(ClientError) -> Request.Response {
        try trying { (deadline) throws(ClientError) in
            let cluster = try cluster(until: deadline)
            let id = cluster.controllerID
            let isNamed = cluster.brokers.contains { $0.id == id }
            let response: Request.Response
            do throws(ClientError) {
                response = isNamed ? try ask(id, request, until: deadline) : try onBootstrap(request, until: deadline)
            } catch {
                if error.isRetriable { known = nil }
                throw error
            }
            let (code, message) = code(response)
            guard code == .notController || code == .notLeaderOrFollower else { return response }
            known = nil
            throw ClientError(
                cluster.brokers.first { $0.id == id }?.address.description ?? "the controller", .receive(Request.api),
                .refused(code, message: message))
        }
    }

    /// As `askController`, for answers with an error for each thing asked. The node at hand is asked first: most clusters
    /// pass it on, and one round trip is saved.
    ///
    /// - Parameter codes: every error code of an answer.
    func onController<Request: RequestMessage>(
        _ request: Request, _ codes: (Request.Response) -> [Int16]
    ) throws(ClientError) -> Request.Response {
        try trying { (deadline) throws(ClientError) in
            var response = try onBootstrap(request, until: deadline)
            guard codes(response).contains(ErrorCode.notController.rawValue) else { return response }
            known = nil
            let id = try cluster(until: deadline).controllerID
            if known?.brokers.contains(where: { $0.id == id }) ?? false {
                response = try ask(id, request, until: deadline)
                guard codes(response).contains(ErrorCode.notController.rawValue) else { return response }
            }
            throw refused(id, Request.api, .notController)
        }
    }

    /// The cluster as far as it is known.
    func cluster(until deadline: Instant) throws(ClientError) -> ClusterDescription {
        if let known { return known }
        let description = try fetchCluster(.serving, until: deadline)
        known = description
        return description
    }

    /// What a broker is called in messages.
    func name(of id: Int32) -> String {
        known?.brokers.first { $0.id == id }?.address.description ?? "broker \(id)"
    }

    func connection(to id: Int32, until deadline: Instant) throws(ClientError) -> BrokerConnection {
        if let connection = connections[id] { return connection }
        let brokers = try cluster(until: deadline).brokers
        guard let node = brokers.first(where: { $0.id == id }) else {
            throw ClientError("", .connect, .unknownBroker(id, known: brokers.map(\.id)))
        }
        if let bootstrap, bootstrap.address == node.address { return bootstrap }
        let connection = try BrokerConnection(
            node.address, configuration: configuration, until: deadline, clock: clock, interruption: interruption)
        connections[id] = connection
        return connection
    }

    /// Gives a connection up that is of no more use.
    func forget(_ id: Int32) { connections[id] = nil }

    func refused(
        _ id: Int32, _ api: APIKey, _ code: ErrorCode, message: String? = nil
    ) -> ClientError {
        ClientError(name(of: id), .receive(api), .refused(code, message: message))
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
        let cluster = try description(
            response.clusterId, response.controllerId, .metadata,
            response.brokers.map { ($0.nodeId, $0.host, $0.port, $0.rack, false) }, connection.address)
        known = cluster
        return MetadataAnswer(
            broker: connection.address.description, cluster: cluster, topics: response.topics)
    }

    func fetchMetadata(
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

    func onBootstrap<Request: RequestMessage>(
        _ request: Request, until deadline: Instant
    ) throws(ClientError) -> Request.Response {
        let connection = try bootstrapConnection(until: deadline)
        do throws(ClientError) {
            return try connection.request(request, until: deadline)
        } catch {
            if !error.leavesConnection { bootstrap = nil }
            throw error
        }
    }

    /// A connection to the first bootstrap server that answers.
    func bootstrapConnection(until deadline: Instant) throws(ClientError) -> BrokerConnection {
        if let bootstrap { return bootstrap }
        var last: ClientError?
        // The brokers that were met count too: the bootstrap servers may all be gone by now.
        let met = (known?.brokers ?? []).map(\.address).filter { !configuration.bootstrapServers.contains($0) }
        for server in configuration.bootstrapServers + met {
            do throws(ClientError) {
                let connection = try BrokerConnection(
                    server, configuration: configuration, until: deadline, clock: clock, interruption: interruption)
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
    func trying<Value>(
        _ body: (_ deadline: Instant) throws(ClientError) -> Value
    ) throws(ClientError) -> Value {
        let start = clock.now
        let deadline = start + configuration.apiTimeout
        var pause = configuration.retryBackoff
        var round = 1
        while true {
            do throws(ClientError) {
                return try body(deadline)
            } catch {
                guard error.isRetriable, round < Self.roundsMax, round <= configuration.retries,
                    clock.now + pause < deadline
                else { throw round > 1 ? error.tried(round, clock.now - start) : error }
            }
            usleep(UInt32(clamping: pause.wholeNanoseconds / 1000))
            pause = min(pause * 2, configuration.retryBackoffMax)
            round += 1
        }
    }
}
