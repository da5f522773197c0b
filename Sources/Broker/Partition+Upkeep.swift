import KafkaModel
import Posix
import Replication
import Storage
import Timing

/// What the broker itself does with a partition, besides serving clients.
extension Partition {
    /// Runs upkeep on the log under the lock; what fails there is reported as any failure of the directory.
    func upkeep(_ body: (PartitionLog, _ highWatermark: Int64) throws(StorageError) -> Void) {
        lock.lock()
        defer { lock.unlock() }
        guard refusalCode == nil else { return }
        do throws(StorageError) {
            try body(log, replicas.highWatermark)
        } catch {
            _ = storageFailed(error)
        }
    }

    /// Upkeep that takes segments out of the log, which nobody may do to one whose segments are to be replaced.
    func upkeepOfSegments(_ body: (PartitionLog, _ highWatermark: Int64) throws(StorageError) -> Void) {
        upkeep { log, highWatermark throws(StorageError) in
            if maintenance != .cleaning { try body(log, highWatermark) }
        }
    }

    /// What the checkpoint files keep of it.
    var checkpoint: PartitionCheckpoint {
        lock.withLock { log.checkpoint(highWatermark: replicas.highWatermark) }
    }

    /// What DescribeLogDirs tells of the log; nil where it cannot be read.
    struct LogOutline {
        var path: String
        var size: Int64
        var lag: Int64
        var end: Int64
        var move: Move?
    }

    func describeLog() -> LogOutline? {
        lock.lock()
        defer { lock.unlock() }
        guard refusalCode == nil else { return nil }
        do throws(StorageError) {
            return LogOutline(
                path: home.path, size: try log.size, lag: max(0, replicas.highWatermark - log.logEndOffset),
                end: log.logEndOffset, move: move)
        } catch {
            _ = storageFailed(error)
            return nil
        }
    }

    var openFileCount: Int { lock.withLock { log.openFileCount } }

    func releaseUnusedFiles(_ need: PartitionLog.FileNeed) {
        lock.withLock { log.releaseUnusedFiles(need) }
    }

    /// Ends the partition of a deleted topic: its directory gets another name, and everybody is told.
    func delete(from directories: LogDirectories) throws(StorageError) {
        endMaintenance()
        // Before the log itself: a copy without a log would be taken for one after a crash.
        try endMove(directories)
        lock.lock()
        standing = .deleted
        var woken: [FetchWait] = []
        swap(&woken, &waiting)
        let settled = endFlushing(refusalCode)
        let failure: StorageError?
        do throws(StorageError) {
            try directories.delete(name)
            failure = nil
        } catch {
            failure = error
        }
        lock.unlock()
        settled.send()
        for fetch in woken { fetch.wake() }
        if let failure { throw failure }
    }

    func reconfigure(_ newSettings: PartitionSettings) {
        lock.withLock {
            settings = newSettings
            settingsChanged()
            log.reconfigure(newSettings.log)
        }
    }

    /// From now on everybody is told `standing`; who waits learns it at once.
    func retire(as newStanding: Standing) {
        endMaintenance()
        let settled = lock.withLock {
            standing = newStanding
            return endFlushing(refusalCode)
        }
        settled.send()
        wakeFetches()
    }

    func wakeFetches() {
        lock.lock()
        var woken: [FetchWait] = []
        swap(&woken, &waiting)
        lock.unlock()
        for fetch in woken { fetch.wake() }
    }
}
