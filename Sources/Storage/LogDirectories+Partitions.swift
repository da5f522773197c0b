public import Bytes
public import KafkaModel
import Posix
import Synchronization
public import Timing

/// Partitions come and go.
extension LogDirectories {
    /// Makes the log of a new partition in the directory that was chosen for it, else in the one that has the fewest.
    public func create(
        _ partition: TopicPartition, topicID: UUID?, configuration: LogConfiguration
    ) throws(StorageError) -> PartitionLog {
        let (existing, failure) = state.withLock { ($0.logs[partition], $0.failures[partition]) }
        if existing != nil { throw .partitionExists(partition) }
        if let failure { throw failure }
        let path = try directory(for: partition)
        let now = clock.timestamp
        let log = try onDirectory(path) { directory throws(StorageError) in
            // A partition of this name that was deleted must not vouch for offsets of the new one.
            try directory.lowerRecoveryPoint(of: partition, to: nil)
            return try PartitionLog.create(
                directory: "\(path)/\(partition)", partition: partition, topicID: topicID,
                configuration: configuration, disk: directory.disk, now: now)
        }
        state.withLock { $0.logs[partition] = log }
        return log
    }

    private func directory(for partition: TopicPartition) throws(StorageError) -> String {
        let preferred = state.withLock { $0.preferences.removeValue(forKey: partition) }
        if let preferred, case .online = standing(of: preferred) { return preferred }
        return try leastUsedDirectory()
    }

    private func leastUsedDirectory() throws(StorageError) -> String {
        let (path, failure) = state.withLock { state -> (String?, (key: String, value: String)?) in
            guard state.directories.count > 1 else { return (state.directories.first?.path, state.offline.first) }
            var counts: [String: Int] = [:]
            for log in state.logs.values { counts[Self.parent(of: log.directory), default: 0] += 1 }
            let least = state.directories.min { counts[$0.path] ?? 0 < counts[$1.path] ?? 0 }
            return (least?.path, state.offline.first)
        }
        guard let path else {
            throw .offline(path: failure?.key ?? "log.dirs", reason: failure?.value ?? "no directory is in service")
        }
        return path
    }

    /// Takes a partition away: its directory gets another name at once and is removed later, see `deleteScheduled`.
    /// The caller holds the lock of the log.
    public func delete(_ partition: TopicPartition) throws(StorageError) {
        guard let log = state.withLock({ $0.logs[partition] }) else { return }
        let path = Self.parent(of: log.directory)
        let target = path + "/" + PartitionDirectoryName.deletion(of: partition, id: .random())
        let due = clock.timestamp.milliseconds.addingClamped(log.configuration.fileDeleteDelayMs)
        log.retire()
        _ = try onDirectory(path) { directory throws(StorageError) in
            try io(try directory.disk.rename(log.directory, to: target))
        }
        state.withLock { state in
            state.logs[partition] = nil
            state.deletions.append((target, Timestamp(milliseconds: due)))
        }
    }

    /// Removes the directories of partitions that were deleted long enough ago. It takes milliseconds for each, so it
    /// runs in the background.
    @discardableResult
    public func deleteScheduled(now: Timestamp, atMost limit: Int = .max) throws(StorageError) -> Int {
        var count = 0
        while count < limit {
            let next = state.withLock { state -> String? in
                guard let index = state.deletions.firstIndex(where: { $0.due <= now }) else { return nil }
                return state.deletions.remove(at: index).path
            }
            guard let next else { break }
            do throws(SystemError) {
                try disk.removeTree(next)
            } catch {
                directoryFailed(Self.parent(of: next), .io(error))
                throw .io(error)
            }
            count += 1
        }
        return count
    }

    /// When the next directory is to be removed.
    public var nextDeletion: Timestamp? { state.withLock { $0.deletions.map(\.due).min() } }
}

extension PartitionLog {
    /// The log is about to be deleted.
    func retire() {
        releaseFiles()
        state = .closed
    }
}
