import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// ListGroups: the groups that this broker coordinates, all or those of some states and types.
enum ListGroupsHandler: DeferringHandler {
    typealias Listed = [ListGroupsResponse.ListedGroup]

    static func handle(
        _ request: ListGroupsRequest, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (ListGroupsResponse) -> Void
    ) -> ListGroupsResponse? {
        let gathering = Gathering(ListGroupsResponse(), later: later)
        for shard in broker.groups.shards {
            gathering.ask({ (outcome: Result<Listed, ErrorCode>, response) in response.take(outcome) }) { later in
                shard.read(later: later) { state, _ in state.list(request) }
            }
        }
        return gathering.finish()
    }
}

extension ListGroupsResponse {
    /// A list with gaps is none; but what another broker coordinates now is its to list.
    fileprivate mutating func take(_ outcome: Result<ListGroupsHandler.Listed, ErrorCode>) {
        switch outcome {
        case .success(let listed): if errorCode == 0 { groups += listed }
        case .failure(.notCoordinator): break
        case .failure(let code):
            errorCode = code.asToldByCoordinators.rawValue
            groups = []
        }
    }
}
