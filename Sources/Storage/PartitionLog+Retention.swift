import Posix
public import Timing

/// Letting go of what is old, too much, or below the start of the log.
extension PartitionLog {
    /// Removes the segments that retention no longer wants, oldest first; never one with a record at or above the
    /// high watermark. The active segment may be among them: then a new one is started first. Reasons in `spared` do
    /// not count.
    public func deleteExpired(
        now: Timestamp, highWatermark: Int64, except spared: Set<DeletedSegments.Reason> = []
    ) throws(StorageError) -> [DeletedSegments] {
        guard try mayHaveExpired(now) else { return [] }
        try load()
        var deleted: [DeletedSegments] = []
        let start = logStartOffset
        try remove(.logStartOffset, now, highWatermark, &deleted) { (_, next) throws(StorageError) in
            next.map { $0 <= start } ?? false
        }
        guard configuration.cleanupPolicy.contains(.delete) else { return deleted }
        if configuration.retentionBytes >= 0 {
            var excess = try size - configuration.retentionBytes
            try remove(.size, now, highWatermark, &deleted) { (segment, _) throws(StorageError) in
                excess -= Int64(segment.size)
                return excess >= 0
            }
        }
        if configuration.retentionMs >= 0, !spared.contains(.time) {
            let limit = now.milliseconds.addingClamped(-configuration.retentionMs)
            try remove(.time, now, highWatermark, &deleted) { (segment, _) throws(StorageError) in
                try segment.retentionTimestamp(now: now.milliseconds) < limit
            }
        }
        return deleted
    }

    /// A log that was not used since a clean start stays unloaded when a look at its oldest segment tells that nothing
    /// is to be done.
    private func mayHaveExpired(_ now: Timestamp) throws(StorageError) -> Bool {
        guard case .unloaded = state, let first = segments.first else { return true }
        if segments.count > 1 && segments[1].baseOffset <= logStartOffset { return true }
        guard configuration.cleanupPolicy.contains(.delete) else { return false }
        if configuration.retentionBytes >= 0 { return true }
        guard configuration.retentionMs >= 0, logEndOffset > logStartOffset else { return false }
        let path = first.path(LogFileName.timeIndex)
        guard disk.exists(path) else { return true }
        let index = try IndexFile(try io(try disk.open(path, .read)), entrySize: TimeIndex.entrySize)
        guard index.count > 0 else { return true }
        let bytes = try index.bytes(slot: index.count - 1)
        guard let last = TimeIndex(bytes.span.bytes, baseOffset: first.baseOffset).last else { return true }
        let age = now.milliseconds.addingClamped(-last.timestamp)
        return age > configuration.retentionMs || age < 0
    }

    private func remove(
        _ reason: DeletedSegments.Reason, _ now: Timestamp, _ highWatermark: Int64, _ deleted: inout [DeletedSegments],
        where isUnwanted: (_ segment: Segment, _ nextBase: Int64?) throws(StorageError) -> Bool
    ) throws(StorageError) {
        var count = 0
        for (index, segment) in segments.enumerated() {
            let nextBase = index + 1 < segments.count ? segments[index + 1].baseOffset : nil
            guard highWatermark >= nextBase ?? logEndOffset, nextBase != nil || segment.size > 0,
                try isUnwanted(segment, nextBase)
            else { break }
            count += 1
        }
        guard count > 0 else { return }
        if count == segments.count { try roll(startingAt: logEndOffset, now: now) }
        deleted.append(
            DeletedSegments(
                reason: reason, baseOffsets: segments[..<count].map(\.baseOffset),
                bytes: segments[..<count].reduce(0) { $0 + Int64($1.size) }))
        try failingOnError { () throws(StorageError) in
            try removeSegments(0..<count, now: now)
            try advanceLogStart(to: segments[0].baseOffset)
        }
    }

    /// Unlinks what was taken out of the log long enough ago. Returns how many files went.
    @discardableResult
    public func deleteScheduled(now: Timestamp) throws(StorageError) -> Int {
        var count = 0
        while let next = deletions.first, next.due.hasCome(now, waitingAtMostMs: configuration.fileDeleteDelayMs) {
            for path in next.paths { try io(try disk.remove(path)) }
            count += next.paths.count
            deletions.removeFirst()
        }
        return count
    }

    /// When the next file is to be unlinked.
    public var nextDeletion: Timestamp? { deletions.first?.due }
}
