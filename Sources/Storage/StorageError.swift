public import KafkaModel
public import Posix

/// What can go wrong with the logs of a broker.
public enum StorageError: Error, Sendable, CustomStringConvertible {
    /// The system refused; the directory must not be used any further.
    case io(SystemError)
    /// There is no room, for bytes or for open files, and what was attempted is undone: it may be tried again.
    case noRoom(SystemError)
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

    /// Whether the whole directory must be taken out of service. A path that may not be used says nothing about its
    /// neighbours.
    public var endsDirectory: Bool {
        if case .io(let error) = self { !error.errno.isForbidden } else { false }
    }

    /// Whether too many files are open.
    public var isShortOfFiles: Bool {
        if case .noRoom(let error) = self { error.errno.isNoDescriptor } else { false }
    }

    /// Whether the system refused, for whatever reason.
    var isRefusalOfSystem: Bool {
        switch self {
        case .io, .noRoom: true
        case .corrupt, .offsetOutOfRange, .offline, .directoryInUse, .identityMismatch, .partitionExists: false
        }
    }

    /// The same for an operation that has left nothing behind: with space made, it may succeed.
    var undone: StorageError {
        if case .io(let error) = self, error.errno.isNoSpace { .noRoom(error) } else { self }
    }

    public var description: String {
        switch self {
        case .io(let error), .noRoom(let error): error.description
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

/// Calls the system and gives its failure the form of this module. Where a file cannot be opened because too many are,
/// nothing has happened yet.
func io<Value>(_ call: @autoclosure () throws(SystemError) -> Value) throws(StorageError) -> Value {
    do { return try call() } catch { throw error.errno.isNoDescriptor ? .noRoom(error) : .io(error) }
}

/// Does something that leaves nothing behind when the disk is full.
func undoing<Value>(_ body: () throws(StorageError) -> Value) throws(StorageError) -> Value {
    do { return try body() } catch { throw error.undone }
}
