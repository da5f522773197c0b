public import KafkaModel
import KafkaRecords
public import Posix
import Telemetry
public import Timing

/// Opening a directory that is there already.
extension PartitionLog {
    /// Looks at the names in a directory, clears away what a crash left half done, and opens the log. After a clean
    /// shutdown the checkpoint is trusted and no other file is touched; else the segments from the recovery point on
    /// are read and checked, at once or, where that are few bytes, before the first use.
    ///
    /// - Parameters:
    ///   - checkpoint: nil where the directory has never been mentioned in one.
    ///   - knowsRecoveryPoint: whether there is a file of recovery points that may be believed. Where there is none,
    ///     nobody knows what was flushed.
    public static func open(
        directory: String, partition: TopicPartition, configuration: LogConfiguration, disk: Disk,
        checkpoint: PartitionCheckpoint?, wasClean: Bool, knowsRecoveryPoint: Bool = true,
        recoveredLaterBytesMax: Int = 0, now: Timestamp
    ) throws(StorageError) -> PartitionLog {
        let recoveryPoint = max(checkpoint?.recoveryPoint ?? 0, 0)
        let log = PartitionLog(
            partition: partition, directory: directory, topicID: nil, configuration: configuration, disk: disk,
            state: .unloaded(Opening(wasClean: wasClean, knowsRecoveryPoint: knowsRecoveryPoint, now: now)),
            startOffset: 0, endOffset: recoveryPoint, recoveryPoint: recoveryPoint, highWatermark: 0,
            namesAreDurable: wasClean, now: now)
        try log.readDirectory(now)
        if log.isForeign { return log }
        let firstOffset = log.segments.first?.baseOffset ?? 0
        log.logStartOffset = max(checkpoint?.logStartOffset ?? 0, firstOffset)
        log.checkpointedHighWatermark = max(checkpoint?.highWatermark ?? 0, log.logStartOffset)
        if wasClean {
            if checkpoint == nil || recoveryPoint < log.logStartOffset { try log.load() }
            log.checkpointedHighWatermark = min(log.checkpointedHighWatermark, log.logEndOffset)
        } else if try log.unrecoveredBytes > recoveredLaterBytesMax || recoveredLaterBytesMax == 0 {
            try log.load()
        }
        return log
    }

    /// Whether a crash came before and the segments were not looked at since. Until `load` the end of the log is not
    /// known.
    public var needsRecovery: Bool {
        if case .unloaded(let opening) = state { !opening.wasClean } else { false }
    }

    /// How much a recovery has to read.
    private var unrecoveredBytes: Int64 {
        get throws(StorageError) {
            var bytes: Int64 = 0
            for segment in segments[(segmentIndex(for: recoveryPoint) ?? 0)...] {
                bytes += try io(try disk.information(segment.path(LogFileName.log))).size
            }
            return bytes
        }
    }

    /// Finds the segments and snapshots by their names.
    private func readDirectory(_ now: Timestamp) throws(StorageError) {
        var entries = try io(try disk.list(directory))
        if entries.contains(where: Self.isLeftover) { entries = try DirectoryCleanup(directory, disk).run(entries) }
        var bases: [Int64] = []
        isForeign = !entries.isEmpty
        for entry in entries {
            if entry.name == PartitionMetadata.fileName {
                isForeign = false
                try readTopicID()
                continue
            }
            if entry.name == LeaderEpochCache.fileName { isForeign = false }
            guard let (offset, kind) = LogFileName.parse(entry.name) else { continue }
            isForeign = false
            if kind == LogFileName.log { bases.append(offset) }
            if kind == LogFileName.producerSnapshot { snapshots.append(offset) }
        }
        snapshots.sort()
        bases.sort()
        let names = Set(entries.map(\.name))
        firstWithoutIndex = bases.first { !names.contains(LogFileName.make($0, LogFileName.offsetIndex)) }
        for base in bases { segments.append(makeSegment(base, now)) }
        try removeOrphans(entries, bases)
    }

    private static func isLeftover(_ entry: Disk.Entry) -> Bool {
        let name = entry.name
        return name.hasSuffix(LogFileName.deleted) || name.hasSuffix(LogFileName.cleaned)
            || name.hasSuffix(LogFileName.swap) || name.hasSuffix(".tmp")
    }

    /// Index files without a log belong to nothing.
    private func removeOrphans(_ entries: [Disk.Entry], _ bases: [Int64]) throws(StorageError) {
        let known = Set(bases)
        for entry in entries {
            guard let (offset, kind) = LogFileName.parse(entry.name), !known.contains(offset),
                kind == LogFileName.offsetIndex || kind == LogFileName.timeIndex
                    || kind == LogFileName.transactionIndex
            else { continue }
            storageLog.warn("Removing \(path(entry.name)), an index without a log")
            try io(try disk.remove(path(entry.name)))
        }
    }

    private func readTopicID() throws(StorageError) {
        let bytes = try io(try disk.contents(of: path(PartitionMetadata.fileName)))
        if bytes.isEmpty { return }
        guard let metadata = PartitionMetadata(String(decoding: bytes, as: UTF8.self)) else {
            throw .corrupt(
                file: path(PartitionMetadata.fileName), position: 0,
                reason: "it names no topic id; without the file, the log counts as that of the topic of its name")
        }
        topicID = metadata.topicID
    }

    func makeSegment(_ baseOffset: Int64, _ now: Timestamp) -> Segment {
        Segment(
            baseOffset: baseOffset, directory: directory, disk: disk, size: 0, created: now,
            configuration: configuration)
    }

    /// Makes the log ready for use, if it is not. Every operation does this by itself.
    public func load() throws(StorageError) {
        switch state {
        case .ready: return
        case .failed(let reason): throw .offline(path: directory, reason: reason)
        case .closed: throw .offline(path: directory, reason: "the log is closed")
        case .unloaded(let opening):
            do throws(StorageError) {
                try load(opening)
            } catch {
                // Reading starts again from the beginning when it is tried again.
                if case .noRoom = error { throw error }
                throw failing(error)
            }
        }
    }

    private func load(_ opening: Opening) throws(StorageError) {
        let epochsAreKnown = try readLeaderEpochs()
        if segments.isEmpty { segments.append(makeSegment(logStartOffset, opening.now)) }
        for segment in segments where disk.exists(segment.path(LogFileName.log)) {
            segment.size = Int(try io(try disk.information(segment.path(LogFileName.log))).size)
        }
        var firstRecovered: Int64?
        if opening.wasClean {
            logEndOffset = try active.activate()
        } else {
            firstRecovered = try recoverSegments(opening)
        }
        try checkEnd(opening)
        if opening.wasClean { recoveryPoint = logEndOffset }
        if logStartOffset > logEndOffset {
            // Records were deleted up to an offset that a crash then took away.
            try replaceAllSegments(startingAt: logStartOffset, opening.now)
        }
        recoveryPoint = max(recoveryPoint, logStartOffset)
        if !epochsAreKnown { try collectLeaderEpochs() }
        epochs.truncateFromEnd(logEndOffset)
        epochs.truncateFromStart(logStartOffset)
        if !epochsAreKnown { try saveLeaderEpochs() }
        // Where the offset index was lost, that of the transactions may have been lost too, and its absence alone tells
        // nothing.
        if let lost = firstWithoutIndex { firstRecovered = min(firstRecovered ?? lost, lost) }
        try loadProducers(firstRecovered: firstRecovered, now: opening.now)
        checkpointedHighWatermark = min(max(checkpointedHighWatermark, logStartOffset), logEndOffset)
        state = .ready
    }

    /// Everything that was flushed must be there, unless it was deleted.
    private func checkEnd(_ opening: Opening) throws(StorageError) {
        if logEndOffset < recoveryPoint, opening.wasClean || recoveryPoint > logStartOffset {
            throw .corrupt(
                file: active.path(LogFileName.log), position: Int64(active.size),
                reason: "the log ends at offset \(logEndOffset), but everything below \(recoveryPoint) was flushed; "
                    + "bring the files back, or give the records up by taking the line of \(partition) out of "
                    + OffsetCheckpoint.recoveryPoint)
        }
        if opening.wasClean, logStartOffset > logEndOffset {
            throw .corrupt(
                file: active.path(LogFileName.log), position: Int64(active.size),
                reason:
                    "the log ends at offset \(logEndOffset), but \(OffsetCheckpoint.logStart) says that it starts at "
                    + "\(logStartOffset)")
        }
    }

    /// Returns false where the file says nothing of records that are there: it is missing or damaged. The batches know
    /// the epochs too.
    private func readLeaderEpochs() throws(StorageError) -> Bool {
        epochs = LeaderEpochCache()
        let path = path(LeaderEpochCache.fileName)
        guard disk.exists(path) else { return recoveryPoint <= logStartOffset }
        let text = String(decoding: try io(try disk.contents(of: path)), as: UTF8.self)
        guard let read = LeaderEpochCache(text) else {
            storageLog.warn("Making \(path) anew from the batches: it is no leader epoch checkpoint")
            return false
        }
        epochs = read
        return true
    }

    /// So that the next start finds them; the next flush makes them durable.
    private func saveLeaderEpochs() throws(StorageError) {
        do throws(StorageError) {
            try io(try disk.exchangeContents(of: path(LeaderEpochCache.fileName), with: Array(epochs.text.utf8)))
        } catch {
            guard case .noRoom = error.undone else { throw error }
        }
    }

    private func collectLeaderEpochs() throws(StorageError) {
        epochs = LeaderEpochCache()
        for segment in segments where segment.size > 0 {
            var scanner = BatchScanner(try segment.log(), from: 0, to: segment.size)
            while let header = try scanner.next() {
                guard header.partitionLeaderEpoch > epochs.latest?.epoch ?? -1 else { continue }
                epochs.assign(header.partitionLeaderEpoch, startOffset: header.baseOffset)
            }
            if segment !== active { segment.releaseFiles() }
        }
    }

    /// Returns the base of the first segment that had to be read, if any.
    private func recoverSegments(_ opening: Opening) throws(StorageError) -> Int64? {
        let first = segmentIndex(for: recoveryPoint) ?? 0
        var firstRead: Int64?
        for index in first..<segments.count {
            let segment = segments[index]
            if index > first, segment.baseOffset > logEndOffset, try isHole(before: segment, opening) {
                try removeSegments(index..<segments.count, now: opening.now)
                _ = try active.activate()
                break
            }
            let recovered = try segment.recover(recoveryPoint: recoveryPoint, epochs: &epochs)
            logEndOffset = recovered.endOffset
            if !recovered.wasIntact { firstRead = firstRead ?? segment.baseOffset }
            if recovered.truncatedBytes > 0 {
                try removeSegments(index + 1..<segments.count, now: opening.now)
                break
            }
            if index < segments.count - 1 {
                try segment.becomeInactive()
                segment.releaseFiles()
            }
        }
        return firstRead
    }

    /// A power cut may take the end of a segment exactly between two batches, or leave the file empty, and keep the
    /// segment behind it. What follows such a hole was never flushed and goes, so that the log is a prefix of what was
    /// written. Compaction makes gaps too: where it may have been at work, or nobody knows what was flushed, the gap is
    /// told and left.
    private func isHole(before segment: Segment, _ opening: Opening) throws(StorageError) -> Bool {
        guard !configuration.cleanupPolicy.contains(.compact) else { return false }
        guard logEndOffset >= recoveryPoint || recoveryPoint <= logStartOffset else {
            throw .corrupt(
                file: segment.path(LogFileName.log), position: 0,
                reason: "it begins at offset \(segment.baseOffset), but the segment before it ends at \(logEndOffset), "
                    + "and everything below \(recoveryPoint) was flushed")
        }
        let gap = "\(directory) has no records from offset \(logEndOffset) to \(segment.baseOffset - 1)"
        guard opening.knowsRecoveryPoint else {
            storageLog.error("\(gap); if it was never compacted, a segment is missing")
            return false
        }
        storageLog.warn("\(gap), which a crash took: cutting off everything behind")
        return true
    }
}
