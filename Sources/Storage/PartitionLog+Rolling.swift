import KafkaRecords
import Posix
import Telemetry
public import Timing

/// Going over to a new segment.
extension PartitionLog {
    func rollIfDue(
        _ bytes: Int, _ maxTimestamp: Int64, _ firstOffset: Int64, _ lastOffset: Int64, _ now: Timestamp
    ) throws(StorageError) {
        let segment = active
        let isOutOfReach = !OffsetIndex.canHold(lastOffset, baseOffset: segment.baseOffset)
        if segment.size == 0 {
            guard isOutOfReach else { return }
        } else {
            let isOverdue = try isOld(segment, maxTimestamp, now)
            guard
                isOutOfReach || isOverdue || segment.size > configuration.segmentBytes - bytes
                    || segment.isIndexFull(bytesMax: configuration.indexBytesMax)
            else { return }
        }
        try roll(startingAt: max(firstOffset, logEndOffset), now: now)
    }

    /// The records' own time decides, so that a log that is filled with old records rolls as it did then; the clock
    /// where they have none.
    private func isOld(_ segment: Segment, _ maxTimestamp: Int64, _ now: Timestamp) throws(StorageError) -> Bool {
        let first = try firstTimestamp(of: segment)
        let start = first >= 0 ? first : segment.created.milliseconds
        let end = first >= 0 ? maxTimestamp : now.milliseconds
        let (age, overflow) = end.subtractingReportingOverflow(start)
        return !overflow && age > configuration.rollMs - min(segment.jitterMs, configuration.rollMs)
    }

    func firstTimestamp(of segment: Segment) throws(StorageError) -> Int64 {
        if let known = segment.firstBatchTimestamp { return known }
        var scanner = BatchScanner(
            try segment.log(), from: 0, to: segment.size, chunkBytes: RecordBatchLayout.headerSize)
        let first = try scanner.next()?.maxTimestamp ?? -1
        segment.firstBatchTimestamp = first
        return first
    }

    /// Closes the active segment and starts a new one at the end of the log. Nothing is flushed here: the owner does
    /// that in the background, see `beginFlush`.
    public func roll(now: Timestamp) throws(StorageError) {
        try load()
        try roll(startingAt: logEndOffset, now: now)
    }

    func roll(startingAt offset: Int64, now: Timestamp) throws(StorageError) {
        let closed = active
        guard closed.size > 0 || closed.baseOffset != offset else { return }
        // Until the new segment is there the old one goes on, so that a full disk costs nothing but this roll.
        do throws(StorageError) {
            try closed.completeIndexes()
            try addSegment(offset, now: now)
        } catch {
            guard case .noRoom = error.undone else { throw failing(error) }
            throw error.undone
        }
        closed.forgetIndexes()
        table.endOffset = offset
        try failingOnError { () throws(StorageError) in try takeSnapshotIfThereIsRoom() }
        recent.removeAll()
    }

    /// A start makes up for a snapshot that is missing by reading more of the log.
    private func takeSnapshotIfThereIsRoom() throws(StorageError) {
        do throws(StorageError) {
            try takeSnapshot()
        } catch {
            guard case .noRoom = error.undone else { throw error }
            storageLog.warn("No producer snapshot of \(directory) at offset \(table.endOffset): \(error)")
            try removeSnapshot(table.endOffset)
        }
    }

    /// Makes the files of a new segment, which becomes the active one. What a crash left under their names goes.
    func addSegment(_ baseOffset: Int64, now: Timestamp) throws(StorageError) {
        let segment = makeSegment(baseOffset, now)
        for kind in [LogFileName.offsetIndex, LogFileName.timeIndex] {
            _ = try io(try disk.open(segment.path(kind), .replace))
        }
        let file = try io(try disk.open(segment.path(LogFileName.log), .replace))
        if configuration.preallocate { try io(try file.preallocate(Int64(configuration.segmentBytes))) }
        segment.activateEmpty()
        segments.append(segment)
    }
}
