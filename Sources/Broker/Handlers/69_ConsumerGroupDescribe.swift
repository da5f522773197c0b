import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// ConsumerGroupDescribe: groups of the consumer protocol and their members.
enum ConsumerGroupDescribeHandler: DeferringHandler {
    typealias Described = ConsumerGroupDescribeResponse.DescribedGroup

    static func handle(
        _ request: ConsumerGroupDescribeRequest, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (ConsumerGroupDescribeResponse) -> Void
    ) -> ConsumerGroupDescribeResponse? {
        var empty = ConsumerGroupDescribeResponse()
        empty.groups = [Described](repeating: Described(), count: request.groupIds.count)
        let gathering = Gathering(empty, later: later)
        let operations = request.includeAuthorizedOperations ? GroupOperations.all : GroupOperations.untold
        let isServed = broker.groups.groupSettings.servesConsumer
        for (index, id) in request.groupIds.enumerated() {
            let finish = { @Sendable (outcome: Result<Described, ErrorCode>) -> Described in
                switch outcome {
                case .failure(let code): return .refusing(id, code.asToldByCoordinators)
                case .success(var described):
                    if described.errorCode == 0 { described.authorizedOperations = operations }
                    return described
                }
            }
            gathering.ask({ (described: Described, response) in response.groups[index] = described }) { later in
                guard isServed else { return finish(.failure(.unsupportedVersion)) }
                guard !id.isEmpty else { return finish(.failure(.invalidGroupID)) }
                guard let shard = broker.groups.shard(of: id) else { return finish(.failure(.notCoordinator)) }
                let outcome = shard.read(later: { later(finish($0)) }) { state, context in
                    state.describeConsumerGroup(id, context)
                }
                return outcome.map(finish)
            }
        }
        return gathering.finish()
    }
}

extension ConsumerGroupDescribeResponse.DescribedGroup {
    fileprivate static func refusing(_ id: String, _ code: ErrorCode) -> Self {
        var described = Self()
        described.groupId = id
        described.errorCode = code.rawValue
        return described
    }
}
