public import Bytes
public import KafkaModel
public import Posix
import Telemetry
public import Timing

/// All directories that hold logs (`log.dirs`) and the logs in them: who owns them, what is in them, where a new
/// partition goes, and which of them have failed.
///
/// Safe for threads. The logs it hands out are not: each belongs to the broker's partition, which locks it.
public final class LogDirectories: Sendable {
    struct State {
        var directories: [LogDirectory] = []
        var offline: [String: String] = [:]
        var logs: [TopicPartition: PartitionLog] = [:]
        /// Copies on their way into another directory.
        var futures: [TopicPartition: PartitionLog] = [:]
        /// Where partitions that do not exist yet shall be made.
        var preferences: [TopicPartition: String] = [:]
        /// Partitions whose files are there and cannot be used.
        var failures: [TopicPartition: StorageError] = [:]
        /// Directories of deleted partitions that wait to be removed.
        var deletions: [(path: String, due: Timestamp)] = []
        var failureHandler: (@Sendable (String, StorageError) -> Void)?
    }

    public let paths: [String]
    let disk: Disk
    let clock: Clock
    let loadingThreads: Int
    /// A log in which a crash left no more than so many bytes to check is checked when it is first used, see
    /// `PartitionLog.needsRecovery`. Zero checks all of them in `open`.
    let recoveredLaterBytesMax: Int
    private let healths: [String: DirectoryHealth]
    let state = Guarded(State())

    public init(
        paths: [String], disk: Disk = .real, clock: Clock = .system, loadingThreads: Int = 2,
        recoveredLaterBytesMax: Int = 0
    ) {
        self.paths = paths.map { $0.count > 1 && $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        healths = Dictionary(self.paths.map { ($0, DirectoryHealth()) }, uniquingKeysWith: { first, _ in first })
        self.disk = disk
        self.clock = clock
        self.loadingThreads = max(1, loadingThreads)
        self.recoveredLaterBytesMax = recoveredLaterBytesMax
    }

    /// Every log in service.
    public var partitions: [TopicPartition: PartitionLog] { state.withLock { $0.logs } }

    public subscript(partition: TopicPartition) -> PartitionLog? { state.withLock { $0.logs[partition] } }

    /// Partitions whose files cannot be used, and why.
    public var failures: [TopicPartition: StorageError] { state.withLock { $0.failures } }

    /// Directories that failed, with the reason.
    public var offlineDirectories: [String: String] { state.withLock { $0.offline } }

    public var onlineDirectories: [String] { state.withLock { $0.directories.map(\.path) } }

    /// The ids of the directories in service, by path.
    public var directoryIDs: [String: UUID] {
        state.withLock { state in
            var ids: [String: UUID] = [:]
            for directory in state.directories { ids[directory.path] = directory.properties.directoryID }
            return ids
        }
    }

    /// Directories that belong to nobody yet.
    public var unsignedDirectories: [String] {
        state.withLock { $0.directories.filter { $0.properties.clusterID == nil }.map(\.path) }
    }

    /// When the checkpoints were last written, as far as the files tell.
    public var lastWrite: Timestamp? {
        get throws(StorageError) {
            var last: Int64?
            for path in onlineDirectories {
                let file = path + "/" + OffsetCheckpoint.recoveryPoint
                guard disk.exists(file) else { continue }
                last = max(last ?? .min, try io(try disk.information(file)).modifiedMs)
            }
            return last.map { Timestamp(milliseconds: $0) }
        }
    }

    /// The name of a partition in a directory that nobody has opened, if there is one.
    public static func partition(in path: String, disk: Disk = .real) throws(StorageError) -> String? {
        guard disk.isDirectory(path) else { return nil }
        return try io(try disk.list(path)).first { entry in
            guard entry.isDirectory, case .partition = PartitionDirectoryName(entry.name) else { return false }
            return disk.exists("\(path)/\(entry.name)/\(PartitionMetadata.fileName)")
        }?.name
    }

    /// What tells everybody at once that a directory failed. Nothing is written into it from then on.
    public func health(of path: String) -> DirectoryHealth? { healths[path] }

    /// Puts a directory out of service after a failure: its logs refuse everything from now on, and its lock goes.
    /// Returns the partitions that went with it.
    @discardableResult
    public func takeOffline(_ path: String, reason: String) -> [TopicPartition] {
        healths[path]?.fail()
        let gone = state.withLock { state -> [PartitionLog]? in
            guard let index = state.directories.firstIndex(where: { $0.path == path }) else {
                return [PartitionLog]?.none
            }
            state.directories.remove(at: index)
            state.offline[path] = reason
            let gone = state.logs.values.filter { Self.parent(of: $0.directory) == path }
            for log in gone { state.logs[log.partition] = nil }
            state.futures = state.futures.filter { Self.parent(of: $0.value.directory) != path }
            return gone
        }
        guard let gone else { return [] }
        storageLog.error("Taking the directory \(path) with \(gone.count) partitions out of service: \(reason)")
        return gone.map(\.partition).sorted()
    }

    /// Whom to tell when a directory fails in a call that concerns no single log, such as a checkpoint. Set it before
    /// `open`; it is called without a lock, after the directory went out of service.
    public func onFailure(_ handler: @escaping @Sendable (_ path: String, _ error: StorageError) -> Void) {
        state.withLock { $0.failureHandler = handler }
    }

    func directoryFailed(_ path: String, _ error: StorageError) {
        takeOffline(path, reason: error.description)
        let handler = state.withLock { $0.failureHandler }
        handler?(path, error)
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[..<slash])
    }

    /// Runs something on one directory and takes the directory out of service if the system refuses.
    func onDirectory<Value>(
        _ path: String, _ body: (inout LogDirectory) throws(StorageError) -> Value
    ) throws(StorageError) -> Value {
        let result = state.withLock { state -> Result<Value, StorageError> in
            guard let index = state.directories.firstIndex(where: { $0.path == path }) else {
                return .failure(.offline(path: path, reason: state.offline[path] ?? "it is not in service"))
            }
            if healths[path]?.hasFailed == true { return .failure(.offline(path: path, reason: "it has failed")) }
            do throws(StorageError) {
                return .success(try body(&state.directories[index]))
            } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = result, error.endsDirectory { directoryFailed(path, error) }
        return try result.get()
    }
}
