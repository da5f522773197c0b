import Bytes
import KafkaModel
import Posix
import Synchronization
import Telemetry
import Timing

/// Taking the directories over and finding what is in them.
extension LogDirectories {
    /// Locks the directories, making those that are missing, and reads to whom they belong. The result is what they
    /// agree on, or nil when none was ever used. Directories with an I/O failure go offline, as long as one is left.
    public func identify() throws(StorageError) -> MetaProperties? {
        var seen: Set<String> = []
        for path in paths where !seen.insert(path).inserted {
            throw .identityMismatch(path: path, reason: "it is named twice in log.dirs")
        }
        let opened = state.withLock { !$0.directories.isEmpty }
        if !opened { try lockAll() }
        let found = state.withLock { $0.directories.map { ($0.path, $0.properties) } }
        var common: (path: String, properties: MetaProperties)?
        var ids: [UUID: String] = [:]
        for (path, properties) in found {
            if let id = properties.directoryID {
                if let other = ids[id] {
                    throw .identityMismatch(
                        path: path, reason: "it has the same directory.id \(id) as \(other), of which it seems a copy")
                }
                ids[id] = path
            }
            guard properties.clusterID != nil || properties.nodeID != nil else { continue }
            if let common {
                try compare(path, properties, clusterID: common.properties.clusterID, nodeID: common.properties.nodeID)
            } else {
                common = (path, properties)
            }
        }
        return common?.properties
    }

    private func lockAll() throws(StorageError) {
        for path in paths {
            do throws(StorageError) {
                let lock = try LogDirectory.lock(path, disk)
                let properties =
                    try MetaProperties.read(directory: path, disk: disk)
                    ?? MetaProperties(clusterID: nil, nodeID: nil, directoryID: nil)
                let directory = LogDirectory(path: path, disk: disk, lock: lock, properties: properties)
                state.withLock { $0.directories.append(directory) }
            } catch {
                guard error.isRefusalOfSystem else {
                    state.withLock { $0.directories.removeAll() }
                    throw error
                }
                storageLog.error("Leaving the directory \(path) out: \(error)")
                state.withLock { $0.offline[path] = error.description }
                if state.withLock({ $0.directories.isEmpty }) && path == paths.last { throw error }
            }
        }
    }

    private func compare(
        _ path: String, _ properties: MetaProperties, clusterID: String?, nodeID: Int32?
    ) throws(StorageError) {
        if let clusterID, let own = properties.clusterID, own != clusterID {
            throw .identityMismatch(path: path, reason: "it belongs to the cluster \(own), not to \(clusterID)")
        }
        if let nodeID, let own = properties.nodeID, own != nodeID {
            throw .identityMismatch(path: path, reason: "it belongs to the node \(own), not to \(nodeID)")
        }
    }

    /// Takes the directories over for a node of a cluster and opens every log in them: after a clean shutdown by their
    /// names and checkpoints alone, else by reading what was not flushed.
    ///
    /// A partition whose files cannot be used is in `failures` afterwards; a directory with an I/O failure is offline.
    public func open(
        nodeID: Int32, clusterID: String, configurationFor: (_ topic: String) -> LogConfiguration
    ) throws(StorageError) {
        _ = try identify()
        let found = state.withLock { $0.directories.map { ($0.path, $0.properties) } }
        for (path, properties) in found {
            try compare(path, properties, clusterID: clusterID, nodeID: nodeID)
        }
        var jobs: [LoadingJob] = []
        for (path, _) in found {
            do throws(StorageError) {
                jobs += try prepare(path, nodeID, clusterID, configurationFor)
            } catch {
                guard error.isRefusalOfSystem else { throw error }
                // Does nothing where the failure did it.
                takeOffline(path, reason: error.description)
            }
        }
        try requireDirectory()
        try load(jobs)
        try requireDirectory()
        try openFutures(configurationFor)
        try requireDirectory()
    }

    private func requireDirectory() throws(StorageError) {
        let failure = state.withLock { $0.directories.isEmpty ? $0.offline.first : nil }
        if let failure { throw .offline(path: failure.key, reason: failure.value) }
    }

    /// Signs a directory, takes the mark of a clean shutdown away, and lists its logs.
    private func prepare(
        _ path: String, _ nodeID: Int32, _ clusterID: String, _ configurationFor: (String) -> LogConfiguration
    ) throws(StorageError) -> [LoadingJob] {
        let now = clock.timestamp
        let (entries, directory) = try onDirectory(path) { directory throws(StorageError) in
            if directory.properties.clusterID == nil || directory.properties.nodeID == nil {
                directory.properties = MetaProperties(
                    clusterID: clusterID, nodeID: nodeID, directoryID: directory.properties.directoryID ?? .random())
                try directory.properties.write(directory: path, disk: directory.disk)
            } else if directory.properties.directoryID == nil {
                // Kafka gives directories an id since 3.7.
                directory.properties.directoryID = .random()
                try directory.properties.write(directory: path, disk: directory.disk)
            }
            let mark = CleanShutdownMark(directory: path, disk: directory.disk)
            directory.wasClean = mark.exists
            try directory.readCheckpoints()
            try mark.remove()
            let entries = try io(try directory.disk.list(path))
            try directory.beginRecoveryPoints(entries)
            return (entries, directory)
        }
        var jobs: [LoadingJob] = []
        var configurations: [String: LogConfiguration] = [:]
        for entry in entries where entry.isDirectory {
            let name = PartitionDirectoryName(entry.name)
            switch name {
            case .partition(let partition):
                guard name.holdsRecords else { continue }
                let configuration = configurations[partition.topic] ?? configurationFor(partition.topic)
                configurations[partition.topic] = configuration
                jobs.append(
                    LoadingJob(
                        parent: path, path: path + "/" + entry.name, partition: partition,
                        configuration: configuration, checkpoint: directory.checkpoint(of: partition),
                        wasClean: directory.wasClean, knowsRecoveryPoint: directory.knowsRecoveryPoints))
            case .future: break
            case .deleted:
                let due = now.milliseconds.addingClamped(LogConfiguration().fileDeleteDelayMs)
                state.withLock {
                    $0.deletions.append((path + "/" + entry.name, Timestamp(milliseconds: due)))
                }
            case .foreign:
                storageLog.warn("Leaving the directory \(path)/\(entry.name) alone: it is no partition")
            }
        }
        if !jobs.isEmpty && !directory.wasClean {
            storageLog.info("Recovering \(jobs.count) logs in \(path): it was not shut down cleanly")
        }
        return jobs
    }

    private struct LoadingJob: Sendable {
        let parent: String
        let path: String
        let partition: TopicPartition
        let configuration: LogConfiguration
        let checkpoint: PartitionCheckpoint?
        let wasClean: Bool
        let knowsRecoveryPoint: Bool
    }

    private typealias Loaded = (job: LoadingJob, result: Result<PartitionLog, StorageError>)

    private func load(_ jobs: [LoadingJob]) throws(StorageError) {
        let work = LoadingQueue(jobs.count)
        let disk = disk
        let now = clock.timestamp
        let later = recoveredLaterBytesMax
        let results = Guarded<[Loaded]>([])
        let body: @Sendable () -> Void = {
            var own: [Loaded] = []
            while let index = work.next() {
                let job = jobs[index]
                own.append((job, Self.load(job, disk, later, now)))
            }
            results.withLock { $0 += own }
        }
        // A thread is worth its start only when there is much to do.
        let helpers = min(loadingThreads - 1, jobs.count / 64)
        withoutActuallyEscaping(body) { body in
            let threads = (0..<helpers).map { Thread(name: "log-load-\($0)", body) }
            body()
            for thread in threads { thread.join() }
        }
        for (job, result) in results.withLock({ $0 }) { try take(job, result) }
    }

    private static func load(
        _ job: LoadingJob, _ disk: Disk, _ recoveredLaterBytesMax: Int, _ now: Timestamp
    ) -> Result<PartitionLog, StorageError> {
        do throws(StorageError) {
            return .success(
                try PartitionLog.open(
                    directory: job.path, partition: job.partition, configuration: job.configuration, disk: disk,
                    checkpoint: job.checkpoint, wasClean: job.wasClean, knowsRecoveryPoint: job.knowsRecoveryPoint,
                    recoveredLaterBytesMax: recoveredLaterBytesMax, now: now))
        } catch {
            return .failure(error)
        }
    }

    private func take(_ job: LoadingJob, _ result: Result<PartitionLog, StorageError>) throws(StorageError) {
        switch result {
        case .success(let log) where log.isForeign:
            storageLog.warn("Leaving the directory \(job.path) alone: it has the name of a partition, but no log")
        case .success(let log):
            let other = state.withLock { state -> String? in
                guard state.directories.contains(where: { $0.path == job.parent }) else { return nil }
                if let other = state.logs[job.partition] { return other.directory }
                state.logs[job.partition] = log
                return nil
            }
            if let other {
                throw .identityMismatch(
                    path: job.path, reason: "the partition \(job.partition) lies in \(other) too; remove one of them")
            }
        case .failure(let error):
            if error.endsDirectory {
                directoryFailed(job.parent, error)
                return
            }
            storageLog.error("Leaving the partition \(job.partition) out of service: \(error)")
            state.withLock { state in
                state.failures[job.partition] = error
                guard let index = state.directories.firstIndex(where: { $0.path == job.parent }) else { return }
                state.directories[index].unreadable.insert(job.partition)
            }
        }
    }
}

/// Hands out the numbers of what is to be done, each once.
private final class LoadingQueue: Sendable {
    private let issued = Atomic<Int>(0)
    private let count: Int

    init(_ count: Int) { self.count = count }

    func next() -> Int? {
        let index = issued.wrappingAdd(1, ordering: .relaxed).oldValue
        return index < count ? index : nil
    }
}
