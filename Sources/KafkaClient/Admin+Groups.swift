import KafkaModel
import KafkaProtocol

/// Groups of consumers. Each broker knows those it coordinates.
extension Admin {
    /// The ids of all groups that the brokers tell of.
    public func groupNames() throws(ClientError) -> [String] {
        var names: Set<String> = []
        for broker in try describeCluster().brokers {
            let response = try ask(broker.id, ListGroupsRequest())
            let code = ErrorCode(code: response.errorCode)
            guard code == .none else { throw refused(broker.id, .listGroups, code) }
            names.formUnion(response.groups.map(\.groupId))
        }
        return names.sorted()
    }
}
