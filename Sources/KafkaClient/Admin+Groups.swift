import Configuration
public import KafkaModel
import KafkaProtocol
import Timing

/// Groups of consumers: listing and ending them. Each broker knows those it coordinates.
extension Admin {
    /// Which groups are listed.
    public struct GroupFilter: Sendable, Equatable {
        /// All states, if empty.
        public var states: [GroupState]
        public var types: [GroupType]
        /// Nil takes all.
        public var protocolTypes: Set<String>?

        public init(states: [GroupState] = [], types: [GroupType] = [], protocolTypes: Set<String>? = nil) {
            self.states = states
            self.types = types
            self.protocolTypes = protocolTypes
        }

        /// Groups of consumers, be it that they only commit.
        public static let consumers = GroupFilter(types: [.classic, .consumer], protocolTypes: ["", "consumer"])
    }

    /// The groups that the brokers tell of, and the brokers that told nothing.
    public func listGroups(
        _ filter: GroupFilter = GroupFilter()
    ) throws(ClientError) -> (groups: [GroupListing], failures: [ClientError]) {
        var groups: [String: GroupListing] = [:]
        var failures: [ClientError] = []
        for broker in try describeCluster().brokers {
            do throws(ClientError) {
                for group in try listGroups(filter, at: broker.id) { groups[group.id] = group }
            } catch {
                failures.append(error)
            }
        }
        return (groups.values.sorted { $0.id < $1.id }, failures)
    }

    /// The ids of all groups that the brokers tell of.
    public func groupNames() throws(ClientError) -> [String] { try listGroups().groups.map(\.id) }

    private func listGroups(_ filter: GroupFilter, at broker: Int32) throws(ClientError) -> [GroupListing] {
        try trying { (deadline) throws(ClientError) in
            let connection = try connection(to: broker, until: deadline)
            let version = connection.version(of: ListGroupsRequest.self) ?? 0
            let response = try ask(broker, try request(filter, version, broker), until: deadline)
            let code = ErrorCode(code: response.errorCode)
            guard code == .none else { throw refused(broker, .listGroups, code) }
            return response.groups.compactMap { group in
                guard filter.protocolTypes?.contains(group.protocolType) ?? true else { return nil }
                return GroupListing(
                    id: group.groupId, protocolType: group.protocolType,
                    state: group.groupState.isEmpty ? nil : GroupState(word: group.groupState),
                    type: group.groupType.isEmpty ? nil : GroupType(word: group.groupType))
            }
        }
    }

    /// A broker that knows no types has classic groups only, so that asking for these or for those of consumers is
    /// asking for all.
    private func request(
        _ filter: GroupFilter, _ version: Int16, _ broker: Int32
    ) throws(ClientError) -> ListGroupsRequest {
        var request = ListGroupsRequest()
        request.statesFilter = filter.states.map(\.rawValue)
        request.typesFilter = filter.types.map(\.rawValue)
        if version < 4, !filter.states.isEmpty {
            throw refused(
                broker, .listGroups, .unsupportedVersion,
                message:
                    "The broker only supports ListGroups v\(version), but we need v4 or newer to request groups by "
                    + "states.")
        }
        guard version < 5, !filter.types.isEmpty else { return request }
        guard filter.types.contains(.classic), filter.types.allSatisfy({ $0 == .classic || $0 == .consumer }) else {
            throw refused(
                broker, .listGroups, .unsupportedVersion,
                message:
                    "The broker only supports ListGroups v\(version), but we need v5 or newer to request groups by "
                    + "type. Requested group types: [\(request.typesFilter.joined(separator: ", "))].")
        }
        request.typesFilter = []
        return request
    }

    /// Deletes groups without members, with all they have committed.
    public func deleteGroups(_ ids: [String]) throws(ClientError) -> [String: Result<Void, ClientError>] {
        try onCoordinators(ids) { (coordinator, own, deadline) throws(ClientError) in
            var request = DeleteGroupsRequest()
            request.groupsNames = own
            var results: [String: Result<Void, ClientError>] = [:]
            for group in try ask(coordinator.id, request, until: deadline).results {
                let code = ErrorCode(code: group.errorCode)
                results[group.groupId] =
                    code == .none ? .success(()) : .failure(refused(coordinator.id, .deleteGroups, code))
            }
            return results
        }
    }

    /// A member of a group, by its id or by what a static member is called.
    public enum MemberName: Sendable, Hashable {
        case id(String)
        case instance(String)
    }

    /// Takes members out of a group of the classic protocol, as if they left by themselves.
    public func removeMembers(
        _ members: [MemberName], from group: String, reason: String? = nil
    ) throws(ClientError) -> [MemberName: ErrorCode] {
        let results = try onCoordinators([group]) { (coordinator, own, deadline) throws(ClientError) in
            let connection = try connection(to: coordinator.id, until: deadline)
            let version = connection.version(of: LeaveGroupRequest.self) ?? -1
            let hasInstances = members.contains { if case .instance = $0 { true } else { false } }
            guard version >= 3 || !hasInstances else {
                throw ClientError(
                    connection.address.description, .send(.leaveGroup),
                    .unsupported(offered: connection.versions[APIKey.leaveGroup.rawValue]))
            }
            // Before version 3 a request was about one member.
            let parts = version >= 3 ? [members] : members.map { [$0] }
            var codes: [MemberName: ErrorCode] = [:]
            for part in parts {
                let response = try ask(coordinator.id, leave(group, part, reason), until: deadline)
                let code = ErrorCode(code: response.errorCode)
                if code != .none, version >= 3 || code.isOfMovingCoordinator {
                    throw refused(coordinator.id, .leaveGroup, code)
                }
                for member in part { codes[member] = code }
                for member in response.members {
                    let name = member.groupInstanceId.map(MemberName.instance) ?? .id(member.memberId)
                    codes[name] = ErrorCode(code: member.errorCode)
                }
            }
            return [group: .success(codes)]
        }
        return try results[group]?.get() ?? [:]
    }

    private func leave(_ group: String, _ members: [MemberName], _ reason: String?) -> LeaveGroupRequest {
        var request = LeaveGroupRequest()
        request.groupId = group
        request.members = members.map { member in
            var identity = LeaveGroupRequest.MemberIdentity()
            switch member {
            case .id(let id): identity.memberId = id
            case .instance(let name): identity.groupInstanceId = name
            }
            identity.reason = reason
            return identity
        }
        request.memberId = request.members.first?.memberId ?? ""
        return request
    }
}
