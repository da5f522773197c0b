import Bytes
import KafkaModel
import KafkaProtocol
import Network
import Telemetry
import Timing

/// A request's header, and the connection that tells where it came from.
struct RequestContext: Sendable {
    private(set) var version: Int16
    let correlationID: Int32
    let clientID: String?
    let connection: Connection

    var listenerName: String { connection.listenerName }

    func inVersion(_ other: Int16) -> RequestContext {
        var context = self
        context.version = other
        return context
    }
}

/// Where a handler runs. `loop` is for what cannot block: the network thread answers at once. `requestThread` is for
/// what writes metadata or may take long; the connection waits meanwhile, so its answers keep their order.
enum HandlingPlace {
    case loop
    case requestThread
}

/// The handler of one API: a function from request to answer. Produce and Fetch, which touch record bytes, have
/// routes of their own.
protocol RequestHandler: SendableMetatype {
    associatedtype Request: RequestMessage
    static var place: HandlingPlace { get }
    static func handle(_ request: Request, _ context: RequestContext, _ broker: Broker) -> Request.Response
}

/// One row of the dispatch table: an API this broker serves and how.
struct Route: Sendable {
    typealias Run =
        @Sendable (
            _ frame: inout MutableRawSpan, _ bodyStart: Int, _ context: RequestContext, _ connection: Connection,
            _ broker: Broker
        ) throws(WireError) -> FrameOutcome

    let api: APIKey
    /// The versions that are served.
    let versions: ClosedRange<Int16>
    /// The lowest version that ApiVersions tells.
    let announcedMinimum: Int16
    let run: Run

    init(_ api: APIKey, versions: ClosedRange<Int16>, announcedMinimum: Int16? = nil, run: @escaping Run) {
        self.api = api
        self.versions = versions
        self.announcedMinimum = announcedMinimum ?? versions.lowerBound
        self.run = run
    }

    init<Handler: RequestHandler>(_ handler: Handler.Type, versions: ClosedRange<Int16>? = nil) {
        let row = APITable.row(Handler.Request.api)
        self.init(row.key, versions: versions ?? row.versions) {
            frame, start, context, connection, broker throws(WireError) in
            var reader = ByteReader(frame.bytes)
            try reader.move(to: start)
            let request = try Handler.Request.decode(&reader, version: context.version)
            switch Handler.place {
            case .loop:
                connection.answer(Handler.handle(request, context, broker), to: context, api: Handler.Request.api)
                return .answered
            case .requestThread:
                return broker.runOnRequestThread(connection) {
                    let response = Handler.handle(request, context, broker)
                    return { $0.answer(response, to: context, api: Handler.Request.api) }
                }
            }
        }
    }
}

/// From a frame to the handler of its API. The table is the one list of what is served: ApiVersions tells it.
struct Dispatch: Sendable {
    static let routes: [Route] = [
        ProduceHandler.route,
        FetchHandler.route,
        Route(ListOffsetsHandler.self, versions: ListOffsetsHandler.versions),
        MetadataHandler.route,
        Route(OffsetCommitHandler.self),
        Route(OffsetFetchHandler.self),
        FindCoordinatorHandler.route,
        Route(JoinGroupHandler.self),
        Route(HeartbeatHandler.self),
        Route(LeaveGroupHandler.self),
        Route(SyncGroupHandler.self),
        Route(DescribeGroupsHandler.self),
        Route(ListGroupsHandler.self),
        Route(ApiVersionsHandler.self),
        Route(CreateTopicsHandler.self),
        Route(DeleteTopicsHandler.self),
        Route(DeleteRecordsHandler.self),
        Route(InitProducerIdHandler.self),
        Route(OffsetForLeaderEpochHandler.self),
        Route(DescribeConfigsHandler.self),
        Route(AlterConfigsHandler.self),
        Route(AlterReplicaLogDirsHandler.self),
        Route(DescribeLogDirsHandler.self),
        Route(CreatePartitionsHandler.self),
        Route(DeleteGroupsHandler.self),
        Route(ElectLeadersHandler.self),
        Route(IncrementalAlterConfigsHandler.self),
        Route(AlterPartitionReassignmentsHandler.self),
        Route(ListPartitionReassignmentsHandler.self),
        Route(OffsetDeleteHandler.self),
        Route(DescribeClientQuotasHandler.self),
        Route(AlterClientQuotasHandler.self),
        Route(DescribeUserScramCredentialsHandler.self),
        Route(AlterUserScramCredentialsHandler.self),
        Route(DescribeQuorumHandler.self),
        Route(UpdateFeaturesHandler.self),
        Route(DescribeClusterHandler.self),
        Route(DescribeProducersHandler.self),
        Route(UnregisterBrokerHandler.self),
        Route(ConsumerGroupHeartbeatHandler.self),
        Route(ConsumerGroupDescribeHandler.self),
        Route(ListConfigResourcesHandler.self),
        Route(DescribeTopicPartitionsHandler.self),
    ]

    private let byKey: [Route?]
    private let requests: [Counter?]
    private let broker: Broker

    init(broker: Broker, metrics: Metrics) {
        self.broker = broker
        var byKey = [Route?](repeating: nil, count: 1 + Int(APIKey.allCases.map(\.rawValue).max() ?? 0))
        var requests = [Counter?](repeating: nil, count: byKey.count)
        for route in Self.routes {
            byKey[Int(route.api.rawValue)] = route
            requests[Int(route.api.rawValue)] = metrics.counter(
                "skafka_requests_total", labels: ["api": APITable.row(route.api).name], help: "Requests by API.")
        }
        self.byKey = byKey
        self.requests = requests
    }

    func handle(_ frame: inout MutableRawSpan, _ connection: Connection) -> FrameOutcome {
        var reader = ByteReader(frame.bytes)
        let header: RequestHeader
        do throws(WireError) {
            header = try RequestHeader.decode(&reader)
        } catch {
            return .refuse("a request header that cannot be read (\(error)): \(hexPreview(frame.bytes))")
        }
        guard header.apiKey >= 0, Int(header.apiKey) < byKey.count, let route = byKey[Int(header.apiKey)] else {
            return .refuse("API key \(header.apiKey), which is not served")
        }
        let context = RequestContext(
            version: header.apiVersion, correlationID: header.correlationId, clientID: header.clientId,
            connection: connection)
        // Only produce requests pass those that wait for the device; every other answer keeps its turn.
        if connection.hasDeferred, route.api != .produce { return .notYet }
        requests[Int(header.apiKey)]?.add()
        guard route.versions.contains(header.apiVersion) else {
            if route.api == .apiVersions {
                connection.answer(
                    ApiVersionsHandler.unsupportedVersion(broker), to: context.inVersion(0), api: .apiVersions)
                return .answered
            }
            return .refuse(
                "\(APITable.row(route.api).name) version \(header.apiVersion), served are \(route.versions)")
        }
        do throws(WireError) {
            return try route.run(&frame, reader.position, context, connection, broker)
        } catch {
            return .refuse(
                "\(APITable.row(route.api).name) version \(header.apiVersion) that cannot be read (\(error)) "
                    + "from client \(header.clientId ?? "without id")")
        }
    }
}
