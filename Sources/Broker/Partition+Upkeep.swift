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

    /// Upkeep that takes segments out of the log, which nobody may do to one whose segments are being copied.
    func upkeepOfSegments(_ body: (PartitionLog, _ highWatermark: Int64) throws(StorageError) -> Void) {
        upkeep { log, highWatermark throws(StorageError) in
            if maintenance == nil { try body(log, highWatermark) }
        }
    }

    /// What the checkpoint files keep of it.
    var checkpoint: PartitionCheckpoint {
        lock.withLock { log.checkpoint(highWatermark: replicas.highWatermark) }
    }

    func size() -> Result<Int64, ErrorCode> {
        lock.lock()
        defer { lock.unlock() }
        if let code = refusalCode { return .failure(code) }
        do throws(StorageError) {
            return .success(try log.size)
        } catch {
            return .failure(storageFailed(error))
        }
    }

    /// Ends the partition of a deleted topic: its directory gets another name, and everybody is told.
    func delete(from directories: LogDirectories) throws(StorageError) {
        endMaintenance()
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
