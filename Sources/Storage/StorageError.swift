public import KafkaModel
public import Posix

/// What can go wrong with the logs of a broker.
public enum StorageError: Error, Sendable, CustomStringConvertible {
    /// The system refused; the directory must not be used any further.
    case io(SystemError)
    /// A file does not hold what it must.
    case corrupt(file: String, position: Int64, reason: String)
    case offsetOutOfRange(requested: Int64, start: Int64, end: Int64)
    /// An earlier failure put the log, or its directory, out of service.
    case offline(path: String, reason: String)
    /// Another process holds the directory.
    case directoryInUse(path: String)
    /// The directory belongs to another cluster or node, or cannot be told from another one.
    case identityMismatch(path: String, reason: String)
    case partitionExists(TopicPartition)

    /// Whether the whole directory must be taken out of service.
    public var endsDirectory: Bool {
        if case .io = self { true } else { false }
    }

    public var description: String {
        switch self {
        case .io(let error): error.description
        case .corrupt(let file, let position, let reason): "\(file) is corrupt at byte \(position): \(reason)"
        case .offsetOutOfRange(let requested, let start, let end):
            "offset \(requested) is outside the log, which has \(start) to \(end)"
        case .offline(let path, let reason): "\(path) is offline: \(reason)"
        case .directoryInUse(let path):
            "cannot lock \(path)/.lock: another process is using this directory"
        case .identityMismatch(let path, let reason): "cannot use the directory \(path): \(reason)"
        case .partitionExists(let partition): "the partition \(partition) exists already"
        }
    }
}

/// Calls the system and gives its failure the form of this module.
func io<Value>(_ call: @autoclosure () throws(SystemError) -> Value) throws(StorageError) -> Value {
    do { return try call() } catch { throw .io(error) }
}
