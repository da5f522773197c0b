import Bytes
public import KafkaModel
import Posix
import Telemetry
import Timing

/// Moving a partition from one directory to another (KIP-113). Its log is copied into a future log,
/// `<topic>-<n>.<id>-future` in the other directory, which takes the place of the current one when it has everything.
///
/// At any moment one of the two is the log, whatever the crash leaves behind:
///
/// | current | future     | what counts                                                                 |
/// |---------|------------|-----------------------------------------------------------------------------|
/// | there   | there      | the current one; the copying goes on                                        |
/// | deleted | there      | the future one: it had everything and was flushed before the other went     |
/// | deleted | in service | the same, done                                                              |
///
/// Two in service are never there, for the first rename is flushed before the second one is done.
extension LogDirectories {
    /// Logs that are on their way into another directory.
    public var futures: [TopicPartition: PartitionLog] { state.withLock { $0.futures } }

    /// Whether a path is one of `log.dirs`, and in service.
    public enum Standing: Sendable {
        case unknown, online, offline
    }

    public func standing(of path: String) -> Standing {
        guard paths.contains(path) else { return .unknown }
        return state.withLock { $0.directories.contains { $0.path == path } } && health(of: path)?.hasFailed != true
            ? .online : .offline
    }

    /// A path as it stands in `paths`.
    public func normalized(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Copies that nobody works on, because the partition itself is in a directory out of service.
    public func idleFutures(
        except moving: Set<TopicPartition>
    ) -> [(partition: TopicPartition, log: (path: String, size: Int64))] {
        let idle = futures.filter { !moving.contains($0.key) && self[$0.key] == nil }
        return idle.sorted { $0.key < $1.key }.map { name, log in
            (name, (Self.parent(of: log.directory), log.segments.reduce(0) { $0 + Int64($1.size) }))
        }
    }

    /// Remembers, until this process ends, where a partition that does not exist yet shall be made.
    public func prefer(_ path: String, for partition: TopicPartition) {
        state.withLock { $0.preferences[partition] = path }
    }

    /// Makes an empty future log. The caller holds the lock of the partition.
    public func createFuture(of log: PartitionLog, in path: String) throws(StorageError) -> PartitionLog {
        let partition = log.partition
        if futures[partition] != nil { throw .partitionExists(partition) }
        guard let name = PartitionDirectoryName.future(of: partition, id: .random()) else {
            throw .identityMismatch(path: path, reason: "the name \(partition) is too long for a future directory")
        }
        let now = clock.timestamp
        let origin = try log.copyOrigin()
        let future = try onDirectory(path) { directory throws(StorageError) in
            // What lay here once must not vouch for what comes.
            try directory.lowerRecoveryPoint(of: partition, to: nil)
            let future = try PartitionLog.create(
                directory: "\(path)/\(name)", partition: partition, topicID: log.topicID,
                configuration: log.configuration, startOffset: origin.baseOffset, disk: directory.disk, now: now)
            try future.begin(at: origin)
            return future
        }
        state.withLock { $0.futures[partition] = future }
        return future
    }

    /// Gives a future log up; its directory is removed later. The caller holds the lock of the future log.
    public func removeFuture(_ partition: TopicPartition) throws(StorageError) {
        guard let future = state.withLock({ $0.futures.removeValue(forKey: partition) }) else { return }
        future.retire()
        try discard(future.directory, partition, future.configuration)
    }

    /// To be called before a future log is truncated: see `lowerRecoveryPoint`.
    public func lowerRecoveryPoint(ofFuture future: PartitionLog, to offset: Int64) throws(StorageError) {
        try onDirectory(Self.parent(of: future.directory)) { directory throws(StorageError) in
            try directory.lowerRecoveryPoint(of: future.partition, to: offset)
        }
    }

    /// Writes what a start needs to know of a future log, before it becomes the log: the recovery point and high watermark
    /// it has, and where the original starts and how far it is compacted.
    public func writeCheckpoint(
        ofFuture future: PartitionLog, logStartOffset: Int64, highWatermark: Int64
    ) throws(StorageError) {
        var checkpoint = future.checkpoint(highWatermark: highWatermark)
        if let first = future.segments.first, logStartOffset > first.baseOffset {
            checkpoint.logStartOffset = logStartOffset
        }
        let cleaned = cleanedOffset(of: future.partition)
        try onDirectory(Self.parent(of: future.directory)) { directory throws(StorageError) in
            try directory.add(checkpoint, of: future.partition)
            try directory.noteCleaned(future.partition, upTo: cleaned)
        }
    }

    /// Puts the future log of a partition in the place of the current one. It has every batch, is flushed as far as the
    /// current one is, and the caller holds the locks of both. The directory of the current one is flushed in here:
    /// with the lock held, because nothing may be acknowledged in one that a power cut would make us forget.
    ///
    /// When this throws, nothing has changed, or the directories that failed are out of service.
    public func replaceCurrent(of partition: TopicPartition) throws(StorageError) {
        let (current, future) = state.withLock { ($0.logs[partition], $0.futures[partition]) }
        guard let current, let future else {
            throw .offline(path: partition.description, reason: "its log or its future log is not in service")
        }
        let source = Self.parent(of: current.directory)
        let target = Self.parent(of: future.directory)
        let (old, waste) = (
            current.directory, source + "/" + PartitionDirectoryName.deletion(of: partition, id: .random())
        )
        try onDirectory(source) { directory throws(StorageError) in
            try io(try directory.disk.rename(old, to: waste))
            try io(try directory.disk.synchronizeDirectory(source))
        }
        do throws(StorageError) {
            try onDirectory(target) { directory throws(StorageError) in
                try io(try directory.disk.rename(future.directory, to: "\(target)/\(partition)"))
            }
        } catch {
            try onDirectory(source) { directory throws(StorageError) in
                try io(try directory.disk.rename(waste, to: old))
            }
            throw error
        }
        future.directoryRenamed(to: "\(target)/\(partition)")
        let due = clock.timestamp.milliseconds.addingClamped(current.configuration.fileDeleteDelayMs)
        current.retire()
        state.withLock { state in
            state.logs[partition] = future
            state.futures[partition] = nil
            state.deletions.append((waste, Timestamp(milliseconds: due)))
        }
    }

    /// Gives a directory of a partition the name under which it waits for its removal.
    private func discard(
        _ path: String, _ partition: TopicPartition, _ configuration: LogConfiguration
    ) throws(StorageError) {
        let parent = Self.parent(of: path)
        let target = parent + "/" + PartitionDirectoryName.deletion(of: partition, id: .random())
        let due = clock.timestamp.milliseconds.addingClamped(configuration.fileDeleteDelayMs)
        try onDirectory(parent) { directory throws(StorageError) in
            try io(try directory.disk.rename(path, to: target))
        }
        state.withLock { $0.deletions.append((target, Timestamp(milliseconds: due))) }
    }
}

/// What a start finds of moves that were under way.
extension LogDirectories {
    /// Opens the future logs, once all current ones are known, and decides what becomes of each. Only a future log with
    /// a current one beside it is ever given up.
    func openFutures(_ configurationFor: (_ topic: String) -> LogConfiguration) throws(StorageError) {
        var found: [TopicPartition: [PartitionLog]] = [:]
        for path in onlineDirectories {
            do throws(StorageError) {
                for log in try openFutures(in: path, configurationFor) { found[log.partition, default: []].append(log) }
            } catch {
                guard error.endsDirectory else { throw error }
            }
        }
        for (partition, logs) in found.sorted(by: { $0.key < $1.key }) {
            do throws(StorageError) {
                try settle(partition, logs)
            } catch {
                guard error.endsDirectory else { throw error }
            }
        }
    }

    private func openFutures(
        in path: String, _ configurationFor: (_ topic: String) -> LogConfiguration
    ) throws(StorageError) -> [PartitionLog] {
        let (entries, directory) = try onDirectory(path) { directory throws(StorageError) in
            (try io(try directory.disk.list(path)), directory)
        }
        var logs: [PartitionLog] = []
        for entry in entries where entry.isDirectory {
            guard case .future(let partition) = PartitionDirectoryName(entry.name) else { continue }
            let configuration = configurationFor(partition.topic)
            do throws(StorageError) {
                logs.append(
                    try PartitionLog.open(
                        directory: path + "/" + entry.name, partition: partition, configuration: configuration,
                        disk: disk, checkpoint: directory.checkpoint(of: partition), wasClean: directory.wasClean,
                        recoveredLaterBytesMax: recoveredLaterBytesMax, now: clock.timestamp))
            } catch {
                if error.endsDirectory {
                    directoryFailed(path, error)
                    throw error
                }
                let hasCurrent = self[partition] != nil
                storageLog.error(
                    "\(hasCurrent ? "Giving up" : "Leaving alone") the future log \(path)/\(entry.name): \(error)")
                if hasCurrent { try discard(path + "/" + entry.name, partition, configuration) }
            }
        }
        return logs
    }

    private func settle(_ partition: TopicPartition, _ logs: [PartitionLog]) throws(StorageError) {
        var logs = logs.sorted { $0.logEndOffset > $1.logEndOffset }
        let (current, isUnreadable, isComplete) = state.withLock {
            ($0.logs[partition], $0.failures[partition] != nil, $0.offline.isEmpty)
        }
        if let current {
            let isUseless = { (log: PartitionLog) in
                Self.parent(of: log.directory) == Self.parent(of: current.directory) || log.topicID != current.topicID
            }
            for log in logs where isUseless(log) {
                storageLog.warn("Giving up the future log \(log.directory): it is not one of \(current.directory)")
                try discard(log.directory, partition, log.configuration)
            }
            logs.removeAll(where: isUseless)
        }
        guard let best = logs.first else { return }
        if current != nil {
            for log in logs.dropFirst() { try discard(log.directory, partition, log.configuration) }
        }
        if current == nil && !isUnreadable && isComplete {
            try promote(best)
        } else {
            if current == nil {
                storageLog.error(
                    "Leaving the future log \(best.directory) alone: its current log may lie in a directory that is out "
                        + "of service")
            }
            state.withLock { $0.futures[partition] = best }
        }
    }

    /// The end of a move that a crash interrupted between its two renames.
    private func promote(_ future: PartitionLog) throws(StorageError) {
        let path = Self.parent(of: future.directory)
        let target = "\(path)/\(future.partition)"
        storageLog.warn("Taking the future log \(future.directory) into service: there is no other")
        try onDirectory(path) { directory throws(StorageError) in
            try io(try directory.disk.rename(future.directory, to: target))
            try io(try directory.disk.synchronizeDirectory(path))
        }
        future.directoryRenamed(to: target)
        state.withLock { $0.logs[future.partition] = future }
    }
}
