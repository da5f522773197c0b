public import KafkaModel
import Posix
import Synchronization
import Telemetry
import Timing

/// What the directories remember between two runs.
extension LogDirectories {
    /// Writes recovery points, high watermarks and starts of all logs to the checkpoint files, where they changed.
    ///
    /// - Parameter value: takes the lock of the log's owner and asks the log, see `PartitionLog.checkpoint`.
    public func writeCheckpoints(_ value: (TopicPartition, PartitionLog) -> PartitionCheckpoint) {
        for (path, logs) in logsByDirectory() {
            var checkpoints: [TopicPartition: PartitionCheckpoint] = [:]
            checkpoints.reserveCapacity(logs.count)
            for log in logs { checkpoints[log.partition] = value(log.partition, log) }
            // A failure takes the directory out of service, which is all that can be done.
            do throws(StorageError) {
                try onDirectory(path) { directory throws(StorageError) in try directory.write(checkpoints) }
            } catch {
                storageLog.error("Cannot write the checkpoints of \(path): \(error)")
            }
        }
    }

    /// To be called before a log is truncated below its recovery point: until the next checkpoint the file would else
    /// promise records that are gone, and a start after a crash would miss them.
    public func lowerRecoveryPoint(of partition: TopicPartition, to offset: Int64) throws(StorageError) {
        guard let log = self[partition] else { return }
        try onDirectory(Self.parent(of: log.directory)) { directory throws(StorageError) in
            try directory.lowerRecoveryPoint(of: partition, to: offset)
        }
    }

    private func logsByDirectory() -> [String: [PartitionLog]] {
        state.withLock { state in
            var logs: [String: [PartitionLog]] = [:]
            for directory in state.directories { logs[directory.path] = [] }
            for log in state.logs.values { logs[Self.parent(of: log.directory), default: []].append(log) }
            for log in state.futures.values { logs[Self.parent(of: log.directory), default: []].append(log) }
            return logs
        }
    }

    /// With more logs than this to flush, the file system is flushed as a whole.
    private static let singleFlushesMax = 32

    private func close(_ logs: [PartitionLog], in path: String, _ now: Timestamp) throws(StorageError) {
        if logs.count(where: \.isDirty) <= Self.singleFlushesMax {
            for log in logs { try log.close(now: now) }
            return
        }
        for log in logs { try log.closeUnflushed() }
        try onDirectory(path) { directory throws(StorageError) in
            try io(try directory.disk.synchronizeFileSystem(of: path))
        }
    }

    /// Flushes and closes every log, writes the checkpoints, and marks each directory in which that went well and
    /// all partitions are readable as cleanly shut down. Nobody may use the logs any more.
    public func shutDownCleanly(
        brokerEpoch: Int64 = -1, highWatermark: (TopicPartition, PartitionLog) -> Int64 = { $1.logEndOffset }
    ) {
        let now = clock.timestamp
        // A directory that has failed is left as it is: its files are not to be trusted, and not to be written.
        for (path, logs) in logsByDirectory() where health(of: path)?.hasFailed != true {
            do throws(StorageError) {
                var checkpoints: [TopicPartition: PartitionCheckpoint] = [:]
                // A log that nobody recovered, or that failed, must be looked at by the next start.
                let isInOrder = logs.allSatisfy { !$0.needsRecovery && !$0.hasFailed }
                try close(logs, in: path, now)
                for log in logs {
                    checkpoints[log.partition] = log.checkpoint(highWatermark: highWatermark(log.partition, log))
                }
                try onDirectory(path) { directory throws(StorageError) in
                    try directory.write(checkpoints)
                    guard directory.unreadable.isEmpty, isInOrder else { return }
                    try CleanShutdownMark(directory: path, disk: directory.disk).write(brokerEpoch: brokerEpoch)
                }
            } catch {
                storageLog.error("The directory \(path) could not be shut down cleanly: \(error)")
            }
        }
        // The locks go with the directories.
        state.withLock { state in
            state.directories.removeAll()
            state.logs.removeAll()
            state.futures.removeAll()
        }
    }
}
