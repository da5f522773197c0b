import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// DescribeGroups: classic groups and their members.
enum DescribeGroupsHandler: DeferringHandler {
    typealias Described = DescribeGroupsResponse.DescribedGroup

    static func handle(
        _ request: DescribeGroupsRequest, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (DescribeGroupsResponse) -> Void
    ) -> DescribeGroupsResponse? {
        var empty = DescribeGroupsResponse()
        empty.groups = [Described](repeating: Described(), count: request.groups.count)
        let gathering = Gathering(empty, later: later)
        let operations = request.includeAuthorizedOperations ? GroupOperations.all : GroupOperations.untold
        for (index, id) in request.groups.enumerated() {
            let finish = { @Sendable (outcome: Result<Described, ErrorCode>) -> Described in
                switch outcome {
                case .failure(let code): return .refusing(id, code.asToldByCoordinators)
                case .success(var described):
                    if described.errorCode == 0 { described.authorizedOperations = operations }
                    return described
                }
            }
            gathering.ask({ (described: Described, response) in response.groups[index] = described }) { later in
                guard let shard = broker.groups.shard(of: id) else { return finish(.failure(.notCoordinator)) }
                let outcome = shard.read(later: { later(finish($0)) }) { state, _ in
                    state.describe(id, version: context.version)
                }
                return outcome.map(finish)
            }
        }
        return gathering.finish()
    }
}

/// What may be done with a group, as bits; without access control everything.
enum GroupOperations {
    static let untold = Int32.min
    /// Read, delete, describe, describe and alter settings.
    static let all: Int32 = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11
}

extension DescribeGroupsResponse.DescribedGroup {
    fileprivate static func refusing(_ id: String, _ code: ErrorCode) -> Self {
        var described = Self()
        described.groupId = id
        described.errorCode = code.rawValue
        return described
    }
}
