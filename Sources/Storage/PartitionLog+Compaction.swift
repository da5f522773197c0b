import Posix
public import Timing

/// What compaction asks of a log and does to it. All of it under the lock of the log's owner.
extension PartitionLog {
    /// What could be compacted now; nil if there is nothing but the active segment.
    ///
    /// - Parameter checkpoint: the first offset the last cleaning left alone.
    public func cleanableRange(
        checkpoint: Int64?, highWatermark: Int64, now: Timestamp
    ) throws(StorageError) -> CleanableRange? {
        if case .unloaded = state, segments.count < 2 { return nil }
        try load()
        guard segments.count > 1 else { return nil }
        return CleanableRange(
            try outline(highWatermark: highWatermark, now: now), checkpoint: checkpoint, settings: configuration,
            now: now.milliseconds)
    }

    /// Counts truncations: a number that has grown tells that records which were looked at may be gone.
    public var cuts: Int { truncations }

    private func outline(highWatermark: Int64, now: Timestamp) throws(StorageError) -> LogOutline {
        var closed: [LogOutline.ClosedSegment] = []
        closed.reserveCapacity(segments.count - 1)
        let wantsMax = configuration.minCompactionLagMs > 0
        let wantsFirst = configuration.maxCompactionLagMs < now.milliseconds
        for (segment, next) in zip(segments, segments.dropFirst()) {
            var outline = LogOutline.ClosedSegment(
                baseOffset: segment.baseOffset, endOffset: next.baseOffset, bytes: Int64(segment.size))
            if wantsMax { outline.maxTimestamp = try segment.lastWritten() }
            if wantsFirst && segment.size > 0 { outline.firstTimestamp = try firstTimestamp(of: segment) }
            closed.append(outline)
        }
        return LogOutline(
            startOffset: logStartOffset, endOffset: logEndOffset, recoveryPoint: recoveryPoint,
            lastStableOffset: try lastStableOffset(highWatermark: highWatermark), activeBaseOffset: active.baseOffset,
            segments: closed)
    }

    func cleaningSources(upTo limit: Int64) throws(StorageError) -> [Compaction.Source] {
        try load()
        return zip(segments, segments.dropFirst()).prefix { $0.0.baseOffset < limit }.map { segment, next in
            Compaction.Source(
                segment: segment, baseOffset: segment.baseOffset, endOffset: next.baseOffset, size: segment.size,
                path: segment.path(LogFileName.log))
        }
    }

    var isReady: Bool { if case .ready = state { true } else { false } }

    /// The file of a segment, opened once more, and where in it an offset is to be looked for; nil if the segment is no
    /// longer part of the log.
    func openForCleaning(_ segment: Segment, at offset: Int64) throws(StorageError) -> (OpenFile, Int)? {
        guard isReady, segments.contains(where: { $0 === segment }) else { return nil }
        let start = offset > segment.baseOffset && segment.size > 0 ? try segment.scanStart(for: offset) : 0
        return (try io(try disk.open(segment.path(LogFileName.log), .read)), start)
    }

    /// Puts compacted segments in the place of others, which must be what the log still has; else nothing is done and
    /// the answer is false.
    ///
    /// A crash at any step leaves the old state or the new, see `DirectoryCleanup`: the copies become `.swap`, newest
    /// first, then the old files `.deleted`, then the copies get their final names, oldest first and of each the log
    /// first.
    func replace(_ old: [Segment], with new: [CleanedSegment], now: Timestamp) throws(StorageError) -> Bool {
        guard isReady, let first = old.first, let index = segments.firstIndex(where: { $0 === first }),
            index + old.count < segments.count, zip(segments[index...], old).allSatisfy({ $0 === $1 })
        else { return false }
        let bases = Set(new.map(\.baseOffset))
        try failingOnError { () throws(StorageError) in
            for segment in new.reversed() { try segment.rename(LogFileName.cleaned, to: LogFileName.swap) }
            var paths: [String] = []
            for segment in old {
                try retireFiles(of: segment, snapshot: bases.contains(segment.baseOffset) ? .stays : .goes, &paths)
            }
            for segment in new { try segment.rename(LogFileName.swap, to: "") }
            schedule(paths, now: now)
        }
        let replacements = new.map { cleaned in
            let segment = makeSegment(cleaned.baseOffset, now)
            segment.size = cleaned.size
            return segment
        }
        segments.replaceSubrange(index..<index + old.count, with: replacements)
        return true
    }
}

extension Segment {
    /// The largest timestamp, or when the file was last written if no record has one.
    func lastWritten() throws(StorageError) -> Int64 {
        let stamped = try maxTimestamp().timestamp
        if stamped >= 0 { return stamped }
        return try io(try disk.information(path(LogFileName.log))).modifiedMs
    }
}

extension ProducerStateTable {
    /// What each producer that is known wrote last.
    var lastWritten: [Int64: BatchFilter.LastWritten] {
        var found: [Int64: BatchFilter.LastWritten] = [:]
        for state in all {
            found[state.producerID] = BatchFilter.LastWritten(
                dataOffset: state.lastBatch?.lastOffset, epoch: state.epoch)
        }
        return found
    }
}
