import Coordination
import GroupCoordinator
import KafkaModel
import KafkaProtocol

/// DeleteGroups: groups without members, with their offsets.
enum DeleteGroupsHandler: DeferringHandler {
    static func handle(
        _ request: DeleteGroupsRequest, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (DeleteGroupsResponse) -> Void
    ) -> DeleteGroupsResponse? {
        var named: Set<String> = []
        let ids = request.groupsNames.filter { named.insert($0).inserted }
        var empty = DeleteGroupsResponse()
        empty.results = ids.map { id in
            var result = DeleteGroupsResponse.DeletableGroupResult()
            result.groupId = id
            return result
        }
        let gathering = Gathering(empty, later: later)
        for (index, id) in ids.enumerated() {
            gathering.ask({ (code: ErrorCode, response) in response.results[index].errorCode = code.rawValue }) {
                later in delete(id, broker, later: later)
            }
        }
        return gathering.finish()
    }

    private static func delete(
        _ id: String, _ broker: Broker, later: @escaping @Sendable (ErrorCode) -> Void
    ) -> ErrorCode? {
        guard let shard = broker.groups.shard(of: id) else { return .notCoordinator }
        let outcome = shard.run(later: { later(code(of: $0)) }) { shard, owed, context, effects in
            effects.answer(owed, .deleteGroup(shard.delete(id, context, into: &effects)))
        }
        return outcome.map(code)
    }

    private static func code(of outcome: Result<GroupAnswer, ErrorCode>) -> ErrorCode {
        switch outcome {
        case .failure(let code): code.asToldByCoordinators
        case .success(.deleteGroup(let code)): code
        case .success: .unknownServerError
        }
    }
}
