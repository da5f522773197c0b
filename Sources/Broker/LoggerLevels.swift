import Controller
import KafkaModel
import Telemetry

/// A request to hear more or less of some parts of the broker (KIP-412). The levels hold until the process ends.
struct LoggerLevels {
    /// A level, or nil to follow the root again.
    private var wanted: [(name: String, level: Log.Level?)] = []

    /// Every logger with the level from which on it is heard, by name.
    static var all: [(name: String, level: Log.Level)] { LogSink.shared.levels }

    /// Nothing is changed yet: a request is done as a whole or not at all.
    init(_ change: ConfigChange, of broker: BrokerID) throws(Refusal) {
        try Self.check(change.resourceName, is: broker, "Unexpected node id. Expected \(broker), but received")
        guard Set(change.operations.map(\.name)).count == change.operations.count else {
            throw Refusal(.invalidRequest, "Error due to duplicate config keys")
        }
        let known = Set(Self.all.map(\.name))
        for operation in change.operations {
            guard let verb = ConfigChange.Verb(rawValue: operation.verb) else {
                throw Refusal(
                    .invalidRequest,
                    "Unknown operation type \(operation.verb) is not allowed for the BROKER_LOGGER resource")
            }
            switch verb {
            case .set: break
            case .delete: break
            case .append, .subtract:
                throw Refusal(
                    .invalidRequest, "\(verb.name) operation is not allowed for the BROKER_LOGGER resource")
            }
            guard known.contains(operation.name) else {
                throw Refusal(.invalidConfig, "Logger \(operation.name) does not exist!")
            }
            wanted.append((operation.name, try Self.level(operation, verb)))
        }
    }

    private static func level(
        _ operation: ConfigChange.Operation, _ verb: ConfigChange.Verb
    ) throws(Refusal) -> Log.Level? {
        guard verb == .set else {
            guard operation.name != LogSink.rootName else {
                throw Refusal(
                    .invalidRequest, "Removing the log level of the \(operation.name) logger is not allowed")
            }
            return nil
        }
        guard let text = operation.value else {
            throw Refusal(.invalidRequest, "Null value not supported for : \(operation.name)")
        }
        guard let level = Log.Level.allCases.first(where: { $0.name == text }) else {
            throw Refusal(
                .invalidConfig,
                "Cannot set the log level of \(operation.name) to \(text) as it is not a supported log level. Valid log "
                    + "levels are " + Log.Level.allCases.map(\.name).sorted().joined(separator: ", "))
        }
        return level
    }

    func apply(_ log: Log) {
        for (name, level) in wanted {
            LogSink.shared.setLevel(level, of: name)
            log.warn(level.map { "Updated the log level of \(name) to \($0.name)" } ?? "Unset the log level of \(name)")
        }
    }

    /// Levels belong to one broker, which is named by its number.
    static func check(_ name: String, is broker: BrokerID, _ otherwise: String) throws(Refusal) {
        guard let id = Int32(name) else {
            throw Refusal(.invalidRequest, "Node id must be an integer, but it is: \(name)")
        }
        guard id == broker.rawValue else { throw Refusal(.invalidRequest, "\(otherwise) \(name)") }
    }
}
