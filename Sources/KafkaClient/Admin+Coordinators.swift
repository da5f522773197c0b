import Bytes
import Configuration
import Glibc
import KafkaModel
import KafkaProtocol
import Timing

/// What a coordinator is asked for. The raw value is what travels.
public enum CoordinatorKind: Int8, Sendable {
    case group = 0
    case transaction = 1
    case share = 2
}

/// Work that belongs to the coordinators of groups, and who they are.
extension Admin {
    /// The brokers that coordinate groups or transactions. One that is on its way is waited for.
    public func coordinators(
        of keys: [String], _ kind: CoordinatorKind = .group
    ) throws(ClientError) -> [String: Result<BrokerNode, ClientError>] {
        try onCoordinators(keys, kind) { (node, own, _) throws(ClientError) in
            Dictionary(own.map { ($0, Result<BrokerNode, ClientError>.success(node)) }) { first, _ in first }
        }
    }

    /// Has the coordinator of each group do something. A coordinator that moved or is loading is asked again until the
    /// time is over, one that cannot be reached some times; it costs only its own groups.
    ///
    /// - Parameter work: asks one broker about the groups that it coordinates.
    func onCoordinators<Value>(
        _ keys: [String], _ kind: CoordinatorKind = .group,
        _ work: (_ coordinator: BrokerNode, _ own: [String], _ deadline: Instant) throws(ClientError) -> [String:
            Result<Value, ClientError>]
    ) throws(ClientError) -> [String: Result<Value, ClientError>] {
        let deadline = deadline
        var results: [String: Result<Value, ClientError>] = [:]
        var left = Set(keys)
        var pause = configuration.retryBackoff
        for round in 1... {
            let found = try findCoordinators(left.sorted(), kind, isLast: round >= roundsLeast, until: deadline)
            var byNode: [Int32: (node: BrokerNode, own: [String])] = [:]
            for key in left {
                switch found[key] {
                case .success(let node): byNode[node.id, default: (node, [])].own.append(key)
                case .failure(let error): results[key] = .failure(error)
                case nil: results[key] = .failure(nobody(kind, .coordinatorNotAvailable))
                }
            }
            for (id, group) in byNode.sorted(by: { $0.key < $1.key }) {
                do throws(ClientError) {
                    let answers = try work(group.node, group.own.sorted(), deadline)
                    for key in group.own {
                        // A coordinator that passes over a group has not done it.
                        results[key] = answers[key] ?? .failure(refused(id, .findCoordinator, .unknownServerError))
                    }
                } catch {
                    for key in group.own { results[key] = .failure(error) }
                }
            }
            left = left.filter { key in
                guard case .failure(let error)? = results[key] else { return false }
                return isWorthAnotherRound(error, round)
            }
            guard !left.isEmpty, clock.now + pause < deadline else { break }
            known = nil
            usleep(UInt32(clamping: pause.wholeNanoseconds / 1000))
            pause = min(pause * 2, configuration.retryBackoffMax)
        }
        return results
    }

    /// Rounds that a broker which cannot be reached is tried.
    private var roundsLeast: Int { min(Self.roundsMax, max(1, configuration.retries)) }

    private func isWorthAnotherRound(_ error: ClientError, _ round: Int) -> Bool {
        guard let code = error.code else { return error.isRetriable && round < roundsLeast }
        return code.isOfMovingCoordinator && round <= configuration.retries
    }

    private func nobody(_ kind: CoordinatorKind, _ code: ErrorCode, _ message: String? = nil) -> ClientError {
        ClientError("the cluster", .receive(.findCoordinator), .refused(code, message: message))
    }

    /// Asks once who coordinates. Up to version 3 there is one key in a request.
    ///
    /// - Parameter isLast: whether a cluster that cannot be reached is a reason to give up.
    private func findCoordinators(
        _ keys: [String], _ kind: CoordinatorKind, isLast: Bool, until deadline: Instant
    ) throws(ClientError) -> [String: Result<BrokerNode, ClientError>] {
        guard !keys.isEmpty else { return [:] }
        do throws(ClientError) {
            let connection = try bootstrapConnection(until: deadline)
            let version = connection.version(of: FindCoordinatorRequest.self) ?? -1
            guard kind != .share || version >= 6, kind != .transaction || version >= 1 else {
                throw ClientError(
                    connection.address.description, .send(.findCoordinator),
                    .unsupported(offered: connection.versions[APIKey.findCoordinator.rawValue]))
            }
            var found: [String: Result<BrokerNode, ClientError>] = [:]
            if version >= 4 {
                var request = FindCoordinatorRequest()
                request.keyType = kind.rawValue
                request.coordinatorKeys = keys
                for answer in try onBootstrap(request, until: deadline).coordinators {
                    found[answer.key] = coordinator(
                        kind, answer.errorCode, answer.errorMessage, answer.nodeId, answer.host, answer.port)
                }
                return found
            }
            for key in keys {
                var request = FindCoordinatorRequest()
                request.keyType = kind.rawValue
                request.key = key
                let answer = try onBootstrap(request, until: deadline)
                found[key] = coordinator(
                    kind, answer.errorCode, answer.errorMessage, answer.nodeId, answer.host, answer.port)
            }
            return found
        } catch {
            guard error.isRetriable, !isLast else { throw error }
            return Dictionary(keys.map { ($0, .failure(error)) }) { first, _ in first }
        }
    }

    private func coordinator(
        _ kind: CoordinatorKind, _ code: Int16, _ message: String?, _ id: Int32, _ host: String, _ port: Int32
    ) -> Result<BrokerNode, ClientError> {
        let code = ErrorCode(code: code)
        guard code == .none else { return .failure(nobody(kind, code, message?.isEmpty == false ? message : nil)) }
        guard let port = UInt16(exactly: port) else {
            return .failure(ClientError("the cluster", .receive(.findCoordinator), .malformed(.invalidLength)))
        }
        let node = BrokerNode(id: id, address: HostPort(host: host, port: port), rack: nil)
        // One that is not known yet has come since.
        if known?.brokers.contains(where: { $0.id == id }) == false { known = nil }
        return .success(node)
    }
}

extension ErrorCode {
    /// Whether another look for the coordinator, or some patience, may help.
    var isOfMovingCoordinator: Bool {
        self == .notCoordinator || self == .coordinatorNotAvailable || self == .coordinatorLoadInProgress
    }
}
