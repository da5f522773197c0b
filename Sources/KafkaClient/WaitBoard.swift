import KafkaModel
import Posix
public import Timing

/// What the clients of this process wait for, so that whoever looks after the process can tell a person why nothing
/// happens. There is one, as there is one person; clients write on it whatever their thread.
public final class WaitBoard: Sendable {
    public static let process = WaitBoard()

    /// A wait for one broker.
    public struct Wait: Sendable, Equatable, CustomStringConvertible {
        let number: Int
        public let broker: String
        public let step: ClientError.Step
        public let since: Instant

        /// What is going on, behind "while".
        public var description: String {
            switch step {
            case .resolve, .connect: "connecting to \(broker)"
            case .send(let api), .receive(let api): "waiting for \(broker) to answer \(api.name)"
            }
        }

        /// Whether the broker may do something although nobody waits for its answer any more.
        public var mayStillChange: Bool {
            switch step {
            case .resolve, .connect: false
            case .send(let api), .receive(let api): api.changesCluster
            }
        }
    }

    private struct State {
        var last = 0
        var waits: [Wait] = []
    }

    private let state = Guarded(State())

    public init() {}

    func begin(_ broker: String, _ step: ClientError.Step, at now: Instant) -> Int {
        state.withLock { state in
            state.last += 1
            state.waits.append(Wait(number: state.last, broker: broker, step: step, since: now))
            return state.last
        }
    }

    func end(_ number: Int) { state.withLock { state in state.waits.removeAll { $0.number == number } } }

    /// The wait that has lasted longest.
    public var oldest: Wait? { state.withLock { $0.waits.first } }
}

extension APIKey {
    /// Whether asking for it leaves something behind in the cluster.
    var changesCluster: Bool {
        let readers = ["Describe", "List", "Fetch", "Metadata", "ApiVersions", "FindCoordinator", "Offset", "Consumer"]
        return !readers.contains { name.hasPrefix($0) } || self == .offsetCommit || self == .offsetDelete
    }
}
