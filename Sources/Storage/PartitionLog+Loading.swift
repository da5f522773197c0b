public import KafkaModel
import KafkaRecords
public import Posix
import Telemetry
public import Timing

/// Opening a directory that is there already.
extension PartitionLog {
    /// Looks at the names in a directory, clears away what a crash left half done, and opens the log. After a clean
    /// shutdown the checkpoint is trusted and no other file is touched; else the segments from the recovery point on
    /// are read and checked.
    ///
    /// - Parameter checkpoint: nil where the directory has never been mentioned in one.
    public static func open(
        directory: String, partition: TopicPartition, configuration: LogConfiguration, disk: Disk,
        checkpoint: PartitionCheckpoint?, wasClean: Bool, now: Timestamp
    ) throws(StorageError) -> PartitionLog {
        let recoveryPoint = checkpoint?.recoveryPoint ?? 0
        let log = PartitionLog(
            partition: partition, directory: directory, topicID: nil, configuration: configuration, disk: disk,
            state: .unloaded(Opening(wasClean: wasClean, now: now)), startOffset: 0, endOffset: recoveryPoint,
            recoveryPoint: recoveryPoint, highWatermark: 0, namesAreDurable: wasClean, now: now)
        try log.readDirectory(now)
        let firstOffset = log.segments.first?.baseOffset ?? 0
        log.logStartOffset = max(checkpoint?.logStartOffset ?? 0, firstOffset)
        if checkpoint == nil || !wasClean || recoveryPoint < log.logStartOffset { try log.load() }
        log.checkpointedHighWatermark = min(
            max(checkpoint?.highWatermark ?? 0, log.logStartOffset), log.logEndOffset)
        return log
    }

    /// Finds the segments and snapshots by their names.
    private func readDirectory(_ now: Timestamp) throws(StorageError) {
        var entries = try io(try disk.list(directory))
        if entries.contains(where: Self.isLeftover) { entries = try DirectoryCleanup(directory, disk).run(entries) }
        var bases: [Int64] = []
        for entry in entries {
            if entry.name == PartitionMetadata.fileName {
                try readTopicID()
                continue
            }
            guard let (offset, kind) = LogFileName.parse(entry.name) else { continue }
            if kind == LogFileName.log { bases.append(offset) }
            if kind == LogFileName.producerSnapshot { snapshots.append(offset) }
        }
        snapshots.sort()
        bases.sort()
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
            throw .corrupt(file: path(PartitionMetadata.fileName), position: 0, reason: "it names no topic id")
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
                throw failing(error)
            }
        }
    }

    private func load(_ opening: Opening) throws(StorageError) {
        try readLeaderEpochs()
        if segments.isEmpty { segments.append(makeSegment(logStartOffset, opening.now)) }
        for segment in segments where disk.exists(segment.path(LogFileName.log)) {
            segment.size = Int(try io(try disk.information(segment.path(LogFileName.log))).size)
        }
        var firstRecovered: Int64?
        if opening.wasClean {
            logEndOffset = try active.activate()
        } else {
            firstRecovered = try recoverSegments(from: recoveryPoint, opening.now)
        }
        guard logEndOffset >= recoveryPoint else { throw missingRecords() }
        if opening.wasClean { recoveryPoint = logEndOffset }
        if logStartOffset > logEndOffset {
            // Records were deleted up to an offset that a crash then took away.
            try replaceAllSegments(startingAt: logStartOffset, opening.now)
        }
        recoveryPoint = max(recoveryPoint, logStartOffset)
        epochs.truncateFromEnd(logEndOffset)
        epochs.truncateFromStart(logStartOffset)
        try loadProducers(firstRecovered: firstRecovered, now: opening.now)
        state = .ready
    }

    private func missingRecords() -> StorageError {
        .corrupt(
            file: active.path(LogFileName.log), position: Int64(active.size),
            reason: "the log ends at offset \(logEndOffset), but everything below \(recoveryPoint) was flushed; bring "
                + "the files back, or give the records up by taking the line of \(partition) out of "
                + OffsetCheckpoint.recoveryPoint)
    }

    private func readLeaderEpochs() throws(StorageError) {
        let path = path(LeaderEpochCache.fileName)
        guard disk.exists(path) else { return }
        let text = String(decoding: try io(try disk.contents(of: path)), as: UTF8.self)
        guard let read = LeaderEpochCache(text) else {
            throw .corrupt(file: path, position: 0, reason: "it is no leader epoch checkpoint")
        }
        epochs = read
    }

    /// Returns the base of the first segment that had to be read, if any.
    private func recoverSegments(from recoveryPoint: Int64, _ now: Timestamp) throws(StorageError) -> Int64? {
        let first = segmentIndex(for: recoveryPoint) ?? 0
        var firstRead: Int64?
        for index in first..<segments.count {
            let segment = segments[index]
            let recovered = try segment.recover(recoveryPoint: recoveryPoint, epochs: &epochs)
            logEndOffset = recovered.endOffset
            if !recovered.wasIntact { firstRead = firstRead ?? segment.baseOffset }
            if recovered.truncatedBytes > 0 {
                try removeSegments(index + 1..<segments.count, now: now)
                break
            }
            if index < segments.count - 1 {
                try segment.becomeInactive()
                segment.releaseFiles()
            }
        }
        return firstRead
    }
}
