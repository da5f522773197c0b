import KafkaRecords
import Posix
import Telemetry

/// Reading a segment again after a crash, and cutting it.
extension Segment {
    struct Recovered {
        /// The offset behind the last good batch.
        var endOffset: Int64
        /// What was cut off behind it.
        var truncatedBytes: Int = 0
        /// Nothing had been written behind the recovery point, so nothing was read.
        var wasIntact = false
    }

    /// Checks every batch, makes the indexes anew and collects the leader epochs. The first bad batch ends the
    /// segment, if nothing from there on was ever flushed: then it is what a crash left behind. A bad batch below the
    /// recovery point is damage of another kind, which must not quietly take acknowledged records away.
    func recover(recoveryPoint: Int64, epochs: inout LeaderEpochCache) throws(StorageError) -> Recovered {
        if recoveryPoint > baseOffset, try endsInOrder(at: recoveryPoint) {
            return Recovered(endOffset: recoveryPoint, wasIntact: true)
        }
        releaseIndexFiles()
        indexes = MemoryIndexes(baseOffset: baseOffset)
        var endOffset = baseOffset
        var damage: String?
        var goodBytes = 0
        var scanner = BatchScanner(try log(), from: 0, to: size, chunkBytes: BatchScanner.recoveryBytes)
        while damage == nil, let header = try scanner.next() {
            try scanner.loadBatch()
            if !BatchChecksum.isValid(scanner.batch) {
                damage = "its checksum is wrong"
            } else if scanner.position == 0, header.magic >= 2, header.baseOffset < baseOffset || isOutOfReach(header) {
                // No crash begins a segment with a whole batch of another one.
                throw corrupt(
                    scanner.position,
                    "it holds the offsets \(header.baseOffset) to \(header.lastOffset), which belong to another segment: "
                        + "was the file renamed?")
            } else if !follows(header, endOffset) {
                damage = "its offsets \(header.baseOffset) to \(header.lastOffset) do not follow \(endOffset)"
            } else {
                note(header, position: scanner.position)
                if header.partitionLeaderEpoch > epochs.latest?.epoch ?? -1 {
                    epochs.assign(header.partitionLeaderEpoch, startOffset: header.baseOffset)
                }
                endOffset = header.nextOffset
                goodBytes = scanner.nextPosition
            }
        }
        let lost = size - goodBytes
        guard lost > 0 else { return Recovered(endOffset: endOffset) }
        let reason = damage ?? scanner.damage ?? "the file ends inside a batch"
        if endOffset < recoveryPoint {
            throw corrupt(goodBytes, "\(reason), below the recovery point \(recoveryPoint), up to which all is flushed")
        }
        storageLog.warn(
            "Cutting \(lost) bytes off \(path(LogFileName.log)) at byte \(goodBytes), offset \(endOffset): \(reason)")
        try cut(to: goodBytes)
        return Recovered(endOffset: endOffset, truncatedBytes: lost)
    }

    /// Whether the segment ends exactly at the recovery point, as one to which nothing was added since it was flushed.
    private func endsInOrder(at recoveryPoint: Int64) throws(StorageError) -> Bool {
        do throws(StorageError) {
            return try activate() == recoveryPoint
        } catch {
            if case .corrupt = error { return false }
            throw error
        }
    }

    private func isOutOfReach(_ header: BatchHeader) -> Bool {
        !OffsetIndex.canHold(header.lastOffset, baseOffset: baseOffset)
    }

    private func follows(_ header: BatchHeader, _ endOffset: Int64) -> Bool {
        header.baseOffset <= header.lastOffset && header.lastOffset >= endOffset
            && (header.magic < 2 || header.baseOffset >= endOffset)
            && !isOutOfReach(header)
    }

    /// Takes the batch that holds an offset and everything behind it away, and makes this the active segment. Returns
    /// the offset behind its last batch.
    func truncate(to offset: Int64) throws(StorageError) -> Int64 {
        if let found = try find(offset) { try cut(to: found.position) }
        if size == 0 { firstBatchTimestamp = nil }
        return try activate(limit: offset)
    }

    private func cut(to position: Int) throws(StorageError) {
        let file = try io(try disk.open(path(LogFileName.log), .readWrite))
        try io(try file.truncate(to: Int64(position)))
        size = position
    }
}
