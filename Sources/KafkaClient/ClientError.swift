public import Bytes
import Configuration
public import KafkaModel
public import Posix
import Timing

/// Why something asked of a cluster was not done: which broker, at which step, and the reason. The description is one
/// line for a person.
public struct ClientError: Error, Sendable, CustomStringConvertible {
    public enum Step: Sendable, Equatable {
        case resolve
        case connect
        case send(APIKey)
        case receive(APIKey)

        var verb: String {
            switch self {
            case .resolve: "find"
            case .connect: "connect to"
            case .send(let api): "send \(api.name) to"
            case .receive(let api): "read the answer to \(api.name) from"
            }
        }
    }

    public enum Reason: Sendable {
        case unknownHost(String)
        case system(Errno)
        case timedOut(milliseconds: Int64)
        case closed
        /// The other end speaks another protocol.
        case foreign(String)
        case frameTooLarge(Int, limit: Int)
        case frameTooShort(Int)
        case wrongCorrelation(expected: Int32, found: Int32)
        case malformed(WireError)
        case unsupported(offered: ClosedRange<Int16>?)
        /// The broker's own answer.
        case refused(ErrorCode, message: String?)
        case unknownBroker(Int32, known: [Int32])
        /// What a broker says of one topic.
        case topicRefused(String, ErrorCode)
        case noPartition(TopicPartition, count: Int)
        /// The client is being closed.
        case interrupted
        /// Something on this side stood in the way of asking.
        case notPrepared(String)
    }

    /// Where the broker listens, `host:port`.
    public let broker: String
    public let step: Step
    public let reason: Reason
    /// How often it was tried and for how long in all, where that was more than once.
    var tries: (count: Int, elapsed: Duration)?

    public init(_ broker: String, _ step: Step, _ reason: Reason) {
        self.broker = broker
        self.step = step
        self.reason = reason
    }

    func tried(_ count: Int, _ elapsed: Duration) -> ClientError {
        var error = self
        error.tries = (count, elapsed)
        return error
    }

    /// Whether another broker, or the same one a little later, may do better.
    public var isRetriable: Bool {
        switch reason {
        case .unknownHost, .system, .timedOut, .closed: true
        case .refused(let code, _), .topicRefused(_, let code): code.isRetriable
        case .foreign, .frameTooLarge, .frameTooShort, .wrongCorrelation, .malformed, .unsupported, .unknownBroker,
            .notPrepared, .interrupted, .noPartition:
            false
        }
    }

    /// Whether the connection is in order, so that only the question was in vain.
    var leavesConnection: Bool { if case .unsupported = reason { true } else { false } }

    /// The broker's error, if it answered with one.
    public var code: ErrorCode? { if case .refused(let code, _) = reason { code } else { nil } }

    /// Whether the broker is too old, or too new, for the question.
    public var isUnsupported: Bool {
        switch reason {
        case .unsupported: true
        case .refused(let code, _): code == .unsupportedVersion
        default: false
        }
    }

    /// The reason alone where the broker gave it, for a line that names what was asked for anyway.
    public var cause: String {
        guard case .refused(let code, let message) = reason else { return description }
        return "\(message ?? code.message) (\(code.name))"
    }

    public var description: String {
        switch reason {
        case .notPrepared(let reason): return reason
        case .unknownBroker(let id, let known):
            return "there is no broker \(id); the cluster has \(known.map(String.init).joined(separator: ","))"
        case .noPartition(let partition, let count):
            return "topic '\(partition.topic)' has no partition \(partition.partition): it has \(count), from 0 on"
        case .topicRefused(let topic, .unknownTopicOrPartition):
            return "there is no topic '\(topic)' (\(ErrorCode.unknownTopicOrPartition.name))"
        case .topicRefused(let topic, let code):
            return "\(broker) answers for topic '\(topic)': \(code.message) (\(code.name))"
        case .refused(let code, let message):
            return "\(broker) answers: \(message ?? code.message) (\(code.name))"
        case .unsupported(let offered):
            guard case .send(let api) = step else { return "\(broker) is of another age" }
            let what = offered.map { "versions \($0.lowerBound) to \($0.upperBound) of \(api.name)" }
            guard let what else { return "\(broker) does not know \(api.name): it may be too old" }
            return "\(broker) knows \(what) only, none of which this client speaks"
        default: return "cannot \(step.verb) \(broker): \(reasonText)\(triesText)"
        }
    }

    private var triesText: String {
        guard let tries, case .timedOut = reason else { return "" }
        return " (\(tries.count) tries in \(tries.elapsed.wholeMilliseconds) ms)"
    }

    private var reasonText: String {
        switch reason {
        case .unknownHost(let reason): reason
        case .system(let errno): errno.description
        case .timedOut(let milliseconds): "nothing came within \(milliseconds) ms"
        case .closed: "it closed the connection"
        case .foreign(let what): what
        case .frameTooLarge(let bytes, let limit): "it announces \(bytes) bytes, more than the limit of \(limit)"
        case .frameTooShort(let bytes): "it announces \(bytes) bytes, too few for an answer"
        case .wrongCorrelation(let expected, let found):
            "it answers the request \(found), but \(expected) was asked"
        case .malformed(let error): "it is no such answer (\(error))"
        case .interrupted: "the client is being closed"
        case .notPrepared, .unsupported, .refused, .topicRefused, .noPartition, .unknownBroker: ""
        }
    }
}
