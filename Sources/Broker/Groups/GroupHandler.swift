import Bytes
import Coordination
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Network

/// The handler of an API of which each request is one event of one group. Its answer may come later: the connection waits.
protocol GroupHandler: DeferringHandler {
    static func group(of request: Request) -> String
    /// What can be said without a look at the group.
    static func prepare(_ request: Request, _ context: RequestContext, _ broker: Broker) -> Prepared<Request>
    static func decide(
        _ shard: inout GroupShard, _ request: Request, _ context: RequestContext, _ event: GroupRequestEvent,
        into effects: inout GroupEffects)
    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> Request.Response?
    static func refusal(_ code: ErrorCode, _ request: Request, _ context: RequestContext) -> Request.Response
}

enum Prepared<Request: RequestMessage> {
    case answered(Request.Response)
    /// For the group to decide.
    case ready(Request)
    /// Parts are refused already: the group decides about the rest, and its answer is completed.
    case partly(Request, @Sendable (Request.Response) -> Request.Response)
}

/// What an event is given beside its request.
struct GroupRequestEvent {
    let owed: Owed
    let context: GroupContext
    let client: GroupClient
}

extension Route {
    init<Handler: DeferringHandler>(_ handler: Handler.Type) {
        let row = APITable.row(Handler.Request.api)
        self.init(row.key, versions: row.versions) { frame, start, context, connection, broker throws(WireError) in
            var reader = ByteReader(frame.bytes)
            try reader.move(to: start)
            let request = try Handler.Request.decode(&reader, version: context.version)
            let ticket = connection.ticket()
            let response = Handler.handle(request, context, broker) { response in
                ticket.complete { $0.answer(response, to: context, api: Handler.Request.api) }
            }
            guard let response else { return .parked }
            connection.answer(response, to: context, api: Handler.Request.api)
            return .answered
        }
    }
}

/// The handler of an API whose answer may come later.
protocol DeferringHandler: SendableMetatype {
    associatedtype Request: RequestMessage
    /// Returns the answer, or gives it to `later`.
    static func handle(
        _ request: Request, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (Request.Response) -> Void
    ) -> Request.Response?
}

extension GroupHandler {
    /// Returns the answer, or gives it to `later`.
    static func handle(
        _ request: Request, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (Request.Response) -> Void
    ) -> Request.Response? {
        switch prepare(request, context, broker) {
        case .answered(let response): response
        case .ready(let request): run(request, context, broker, later: later)
        case .partly(let request, let complete):
            run(request, context, broker) { later(complete($0)) }.map { complete($0) }
        }
    }

    private static func run(
        _ request: Request, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (Request.Response) -> Void
    ) -> Request.Response? {
        guard let shard = broker.groups.shard(of: group(of: request)) else {
            return refusal(.notCoordinator, request, context)
        }
        let client = context.groupClient
        let outcome = shard.run(later: { later(finish($0, request, context)) }) { shard, owed, groupContext, effects in
            let event = GroupRequestEvent(owed: owed, context: groupContext, client: client)
            decide(&shard, request, context, event, into: &effects)
        }
        return outcome.map { finish($0, request, context) }
    }

    private static func finish(
        _ outcome: Result<GroupAnswer, ErrorCode>, _ request: Request, _ context: RequestContext
    ) -> Request.Response {
        switch outcome {
        case .success(let answer): response(answer, context) ?? refusal(.unknownServerError, request, context)
        case .failure(let code): refusal(code.asToldByCoordinators, request, context)
        }
    }
}

extension RequestContext {
    var groupClient: GroupClient { GroupClient(id: clientID ?? "", host: "/" + connection.peer.host) }
}

extension ErrorCode {
    /// What went wrong with the log, as clients of a coordinator are told it: to come again, to look for another
    /// coordinator, or that nothing can be done.
    var asToldByCoordinators: ErrorCode {
        switch self {
        case .unknownTopicOrPartition, .notEnoughReplicas, .requestTimedOut: .coordinatorNotAvailable
        case .notLeaderOrFollower, .kafkaStorageError: .notCoordinator
        case .messageTooLarge, .recordListTooLarge, .invalidFetchSize: .unknownServerError
        case .networkException: .coordinatorLoadInProgress
        default: self
        }
    }
}
