import KafkaModel
import Posix
import Replication
import Storage
import Synchronization
import Timing

/// Compaction of a partition's log. Its thread holds the lock to look and to swap, never to copy.
extension Partition {
    enum CleaningOutcome {
        case cleaned(CompactionResult)
        /// The log was wanted for something else.
        case ended
        case noRoom(StorageError)
        /// It will fail again, so it is not tried again.
        case uncleanable(StorageError)
        /// The directory is out of service.
        case offline
    }

    /// What of the log could be compacted now; nil if nothing may or can be.
    func cleanableRange(checkpoint: Int64?, now: Timestamp) -> CleanableRange? {
        lock.lock()
        defer { lock.unlock() }
        // What a crash left unchecked is checked by somebody else first.
        if case .unrecovered = standing { return nil }
        guard refusalCode == nil, maintenance == nil, !isUncleanable,
            settings.log.cleanupPolicy.contains(.compact)
        else { return nil }
        do throws(StorageError) {
            return try log.cleanableRange(checkpoint: checkpoint, highWatermark: replicas.highWatermark, now: now)
        } catch {
            _ = storageFailed(error)
            if !error.endsDirectory { isUncleanable = true }
            return nil
        }
    }

    var minCleanableDirtyRatio: Double { lock.withLock { settings.log.minCleanableDirtyRatio } }

    /// Whether a cleaning failed in a way that it would again.
    var cannotBeCleaned: Bool { lock.withLock { isUncleanable } }

    /// Whether somebody wants the files that long work is busy with.
    var isMaintenanceEnding: Bool { maintenanceEnds.load(ordering: .acquiring) }

    /// Tells long work to end soon. Its results are not taken over; whoever needs the files waits for
    /// `maintenance == nil`.
    func endMaintenance() { maintenanceEnds.store(true, ordering: .releasing) }

    /// Claims the log for a cleaning; nil if there is nothing to do after all.
    func beginCleaning(
        checkpoint: Int64?, now: Timestamp, limits: CompactionLimits, pace: @escaping Compaction.Pace
    ) -> Compaction? {
        lock.lock()
        defer { lock.unlock() }
        guard refusalCode == nil, maintenance == nil else { return nil }
        do throws(StorageError) {
            let found = try log.cleanableRange(
                checkpoint: checkpoint, highWatermark: replicas.highWatermark, now: now)
            guard let range = found, range.cleanableBytes > 0 else { return nil }
            let compaction = try Compaction(
                log, range, highWatermark: replicas.highWatermark, now: now, limits: limits,
                owner: { [self] (body) throws(CleaningEnd) in
                    lock.lock()
                    defer { lock.unlock() }
                    try body(log)
                },
                pace: pace)
            maintenance = .cleaning
            maintenanceEnds.store(false, ordering: .releasing)
            return compaction
        } catch {
            _ = storageFailed(error)
            if !error.endsDirectory { isUncleanable = true }
            return nil
        }
    }

    /// Runs what `beginCleaning` gave.
    func clean(_ compaction: Compaction, _ directories: LogDirectories) -> CleaningOutcome {
        defer { lock.withLock { maintenance = nil } }
        let cutsBefore = lock.withLock { log.cuts }
        do throws(CleaningEnd) {
            try prepare(compaction.range, directories)
            let result = try compaction.run()
            return try note(result, directories, cutsBefore)
        } catch {
            switch error {
            case .aborted: return .ended
            case .noRoom(let cause): return .noRoom(cause)
            case .failed(let cause): return failed(cause)
            }
        }
    }

    private func prepare(_ range: CleanableRange, _ directories: LogDirectories) throws(CleaningEnd) {
        do throws(StorageError) {
            try directories.raiseRecoveryPoint(of: name, to: range.firstUncleanableOffset)
        } catch {
            throw .failed(error)
        }
    }

    private func note(
        _ result: CompactionResult, _ directories: LogDirectories, _ cutsBefore: Int
    ) throws(CleaningEnd) -> CleaningOutcome {
        do throws(StorageError) {
            guard lock.withLock({ refusalCode }) == nil else { return .offline }
            try directories.noteCleaned(name, upTo: result.endOffset)
            // What was cut since, and written again, is dirty.
            if lock.withLock({ log.cuts }) != cutsBefore { try directories.noteCleaned(name, upTo: nil) }
        } catch {
            throw .failed(error)
        }
        return .cleaned(result)
    }

    private func failed(_ error: StorageError) -> CleaningOutcome {
        lock.lock()
        defer { lock.unlock() }
        // A partition that was deleted meanwhile has taken its files along.
        guard refusalCode == nil else { return .offline }
        if case .noRoom = error { return .noRoom(error) }
        _ = storageFailed(error)
        if error.endsDirectory { return .offline }
        isUncleanable = true
        return .uncleanable(error)
    }
}
