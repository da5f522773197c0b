import KafkaRecords
import Posix
public import Timing

/// Taking records away: from the start, from the end, or all.
extension PartitionLog {
    /// Moves the start of the log forward, as DeleteRecords does. Whole segments below it go with the next retention.
    public func advanceLogStart(to offset: Int64) throws(StorageError) {
        try load()
        guard offset <= logEndOffset else {
            throw .offsetOutOfRange(requested: offset, start: logStartOffset, end: logEndOffset)
        }
        guard offset > logStartOffset else { return }
        logStartOffset = offset
        recoveryPoint = max(recoveryPoint, offset)
        epochs.truncateFromStart(offset)
        table.highWatermarkAdvanced(to: offset)
    }

    /// Takes everything at and behind an offset away, as a follower does that has more than its leader.
    ///
    /// The recovery point sinks with it, and a checkpoint that still names the old one would make the next start
    /// believe that records are missing: the owner writes it first (`LogDirectories.lowerRecoveryPoint`).
    public func truncate(to offset: Int64, now: Timestamp) throws(StorageError) {
        try load()
        guard offset < logEndOffset else {
            // A leader may have noted its epoch without writing anything.
            epochs.truncateFromEnd(logEndOffset)
            return
        }
        guard let index = segmentIndex(for: max(offset, 0)) else {
            return try truncateFully(startingAt: offset, now: now)
        }
        truncations += 1
        try failingOnError { () throws(StorageError) in
            try removeSegments(index + 1..<segments.count, now: now)
            warmSegment = nil
            let end = try active.truncate(to: offset)
            try truncateAborted(to: offset)
            logEndOffset = offset
            if end < offset {
                // Compaction took the records in front of the cut: only the name of a segment can keep the end.
                try active.becomeInactive()
                try addSegment(offset, now: now)
            }
            try cutState(now)
        }
    }

    /// Takes everything away; the log goes on at `offset`.
    public func truncateFully(startingAt offset: Int64, now: Timestamp) throws(StorageError) {
        try load()
        truncations += 1
        try failingOnError { () throws(StorageError) in
            try replaceAllSegments(startingAt: offset, now)
            logStartOffset = offset
            for snapshot in snapshots { try removeSnapshot(snapshot) }
            table = ProducerStateTable(endOffset: offset)
            lastSnapshotOffset = offset
            epochs.removeAll()
        }
    }

    func replaceAllSegments(startingAt offset: Int64, _ now: Timestamp) throws(StorageError) {
        try removeSegments(0..<segments.count, now: now)
        try addSegment(offset, now: now)
        recent.removeAll()
        logEndOffset = offset
        recoveryPoint = min(recoveryPoint, offset)
        flushDemand = min(flushDemand, offset)
    }

    /// Brings everything that is derived from the batches back to the new end.
    private func cutState(_ now: Timestamp) throws(StorageError) {
        recent.removeAll()
        recoveryPoint = min(recoveryPoint, logEndOffset)
        flushDemand = min(flushDemand, logEndOffset)
        logStartOffset = min(logStartOffset, logEndOffset)
        epochs.truncateFromEnd(logEndOffset)
        try loadProducers(firstRecovered: nil, now: now)
    }

    private func truncateAborted(to offset: Int64) throws(StorageError) {
        let path = active.path(LogFileName.transactionIndex)
        guard disk.exists(path) else { return }
        let bytes = try io(try disk.contents(of: path))
        let all: [AbortedTransaction]
        do { all = try AbortedTransaction.decode(bytes.span.bytes) } catch {
            throw .corrupt(file: path, position: 0, reason: "\(error)")
        }
        let kept = all.prefix { $0.lastOffset < offset }.count
        let file = try io(try disk.open(path, .readWrite))
        try io(try file.truncate(to: Int64(kept * AbortedTransaction.size)))
    }

    /// Takes segments out of the log. Their files get the suffix `.deleted` and are removed later, for a reader may
    /// be about to send from them. A crash on the way leaves no hole: from the front the oldest goes first, else the
    /// newest.
    func removeSegments(_ range: Range<Int>, now: Timestamp) throws(StorageError) {
        guard !range.isEmpty else { return }
        var paths: [String] = []
        let isFront = range.lowerBound == 0 && range.upperBound < segments.count
        for segment in isFront ? Array(segments[range]) : segments[range].reversed() {
            try retireFiles(of: segment, snapshot: .goes, &paths)
        }
        segments.removeSubrange(range)
        schedule(paths, now: now)
    }

    enum SnapshotFate { case stays, goes }

    /// Marks the files of a segment that leaves the log, and the snapshot at its start, as deleted.
    func retireFiles(
        of segment: Segment, snapshot: SnapshotFate, _ paths: inout [String]
    ) throws(StorageError) {
        if warmSegment === segment { warmSegment = nil }
        segment.releaseFiles()
        for kind in Segment.fileKinds { try markDeleted(segment.path(kind), &paths) }
        if snapshot == .goes, let slot = snapshots.firstIndex(of: segment.baseOffset) {
            try markDeleted(path(snapshotName(segment.baseOffset)), &paths)
            snapshots.remove(at: slot)
        }
    }

    func schedule(_ paths: [String], now: Timestamp) {
        let due = now.milliseconds.addingClamped(configuration.fileDeleteDelayMs)
        deletions.append(ScheduledDeletion(paths: paths, due: Timestamp(milliseconds: due)))
    }

    private func markDeleted(_ path: String, _ paths: inout [String]) throws(StorageError) {
        guard disk.exists(path) else { return }
        try io(try disk.rename(path, to: path + LogFileName.deleted))
        paths.append(path + LogFileName.deleted)
    }
}

extension Timestamp {
    /// Whether a time that was set `waitingAtMostMs` ahead has come. It has, too, when the clock was set back so that it
    /// lies farther ahead than it ever did.
    func hasCome(_ now: Timestamp, waitingAtMostMs limit: Int64) -> Bool {
        self <= now || milliseconds.addingClamped(-now.milliseconds) > limit
    }
}

/// Files that wait for their removal.
struct ScheduledDeletion {
    let paths: [String]
    let due: Timestamp
}
