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
        guard case .serving = standing else { return }
        do throws(StorageError) {
            try body(log, replicas.highWatermark)
        } catch {
            _ = storageFailed(error)
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

    /// Flushes what is due: everything when `flush.ms` has passed, else the segments that a roll has closed, so that a
    /// start after a crash need not read them again. The device is waited for without the lock.
    func flushWhatIsDue(now: Timestamp) {
        lock.lock()
        guard case .serving = standing else { return lock.unlock() }
        let pending: PendingFlush?
        do throws(StorageError) {
            if log.isFlushDue(now: now) {
                pending = try log.beginFlush(.everything)
            } else {
                pending = log.hasUnflushedSegments ? try log.beginFlush(.closedSegments) : nil
            }
        } catch {
            _ = storageFailed(error)
            pending = nil
        }
        lock.unlock()
        guard let pending else { return }
        do throws(StorageError) {
            try pending.run()
            lock.withLock { log.finishFlush(pending, now: now) }
        } catch {
            lock.withLock {
                // A partition that was deleted meanwhile takes its files along.
                guard case .serving = standing else { return }
                log.fail(error.description)
                _ = storageFailed(error)
            }
        }
    }

    /// Ends the partition of a deleted topic: its directory gets another name, and everybody is told.
    func delete(from directories: LogDirectories) throws(StorageError) {
        lock.lock()
        standing = .deleted
        var woken: [FetchWait] = []
        swap(&woken, &waiting)
        let failure: StorageError?
        do throws(StorageError) {
            try directories.delete(name)
            failure = nil
        } catch {
            failure = error
        }
        lock.unlock()
        for fetch in woken { fetch.wake() }
        if let failure { throw failure }
    }

    func reconfigure(_ newSettings: PartitionSettings) {
        lock.withLock {
            settings = newSettings
            log.reconfigure(newSettings.log)
        }
    }

    /// From now on everybody is told `standing`; waiting fetches learn it at once.
    func retire(as newStanding: Standing) {
        lock.withLock { standing = newStanding }
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
