import KafkaRecords
import Posix
import Telemetry

/// Keeping the indexes of a segment: while it is written, when it is closed, and when they must be made anew.
extension Segment {
    /// So many entries wait in memory before they are written in one piece.
    private static let entriesPerWrite = 512

    /// Notes a batch that lies at `position`. An entry is due when the batches since the last one passed the interval,
    /// and names this batch, so that it stands before the interval, not behind it.
    func note(_ header: BatchHeader, position: Int) {
        if position == 0 { firstBatchTimestamp = header.maxTimestamp }
        if header.maxTimestamp > indexes?.maxTimestamp.timestamp ?? .max {
            indexes?.maxTimestamp = TimestampOffset(timestamp: header.maxTimestamp, offset: header.lastOffset)
        }
        guard let last = indexes?.lastIndexedPosition, position - last > intervalBytes,
            OffsetIndex.canHold(header.lastOffset, baseOffset: baseOffset)
        else { return }
        indexes?.offsets.append(header.lastOffset, position: position)
        indexes?.lastIndexedPosition = position
        addTimeEntry()
    }

    private func addTimeEntry() {
        guard let time = indexes?.maxTimestamp, time.timestamp >= 0 else { return }
        indexes?.times.appendIfLater(time.timestamp, offset: time.offset)
    }

    /// Whether one of the indexes has no room for another entry, besides the last time entry that a roll adds.
    func isIndexFull(bytesMax: Int) -> Bool {
        guard let indexes else { return false }
        return indexes.offsets.count >= bytesMax / OffsetIndex.entrySize
            || indexes.times.count >= bytesMax / TimeIndex.entrySize - 1
    }

    /// Writes entries when enough of them have come together, so that a roll has little left to do. On a full disk
    /// they wait on.
    func writeIndexesIfMany() throws(StorageError) {
        guard let indexes, indexes.offsets.count - indexes.offsetsWritten >= Self.entriesPerWrite else { return }
        do throws(StorageError) {
            try writeIndexes()
        } catch {
            guard case .noRoom = error.undone else { throw error }
        }
    }

    /// Writes the last time entry and everything that is not in the files yet, and cuts the files to what is valid.
    func completeIndexes() throws(StorageError) {
        guard indexes != nil else { return }
        addTimeEntry()
        try writeIndexes()
    }

    /// Makes this the active segment right after its empty files were made.
    func activateEmpty() {
        indexes = MemoryIndexes(baseOffset: baseOffset)
        indexes?.mustTrim = false
    }

    /// Gives the entries in memory up; from now on they are looked up on the disk.
    func becomeInactive() throws(StorageError) {
        try completeIndexes()
        forgetIndexes()
    }

    /// The same when everything is in the files.
    func forgetIndexes() { indexes = nil }

    private func writeIndexes() throws(StorageError) {
        guard let memory = indexes else { return }
        try write(
            memory.offsets.encode(from: memory.offsetsWritten), LogFileName.offsetIndex,
            at: memory.offsetsWritten * OffsetIndex.entrySize, trimming: memory.mustTrim)
        try write(
            memory.times.encode(from: memory.timesWritten), LogFileName.timeIndex,
            at: memory.timesWritten * TimeIndex.entrySize, trimming: memory.mustTrim)
        indexes?.offsetsWritten = memory.offsets.count
        indexes?.timesWritten = memory.times.count
        indexes?.mustTrim = false
    }

    private func write(_ bytes: [UInt8], _ kind: String, at offset: Int, trimming: Bool) throws(StorageError) {
        guard trimming || !bytes.isEmpty else { return }
        let file = try io(try disk.open(path(kind), .readWrite))
        if !bytes.isEmpty { try io(try file.write(bytes, at: Int64(offset))) }
        let end = Int64(offset + bytes.count)
        if trimming, try io(try file.size) != end { try io(try file.truncate(to: end)) }
    }

    /// Makes the indexes of a closed segment anew from its batches: their files are missing or lie.
    func rebuildClosedIndexes() throws(StorageError) {
        storageLog.warn("Making the indexes of \(path(LogFileName.log)) anew: they are missing or wrong")
        releaseIndexFiles()
        indexes = MemoryIndexes(baseOffset: baseOffset)
        defer { indexes = nil }
        var scanner = BatchScanner(try log(), from: 0, to: size)
        while let header = try scanner.next() { note(header, position: scanner.position) }
        if let damage = scanner.damage { throw corrupt(scanner.nextPosition, damage) }
        try completeIndexes()
    }

    /// Makes this the active segment of a log that was closed in order, or cut at `limit`: its index entries come into
    /// memory and the batches behind the last entry are looked at. Returns the offset behind the last batch.
    func activate(limit: Int64 = .max) throws(StorageError) -> Int64 {
        releaseFiles()
        guard size > 0 else {
            indexes = MemoryIndexes(baseOffset: baseOffset)
            return baseOffset
        }
        var memory = indexes
        if memory == nil { memory = try readIndexes() }
        memory?.truncate(to: limit)
        if let memory, memory.offsets.problem(segmentBytes: size) == nil {
            indexes = memory
            if let end = try scanTail(), indexes?.times.problem(endOffset: end) == nil { return end }
        }
        indexes = MemoryIndexes(baseOffset: baseOffset)
        guard let end = try scanTail() else { throw corrupt(0, "it has no batch at its start") }
        return end
    }

    /// The entries in the files; nil where one is missing.
    private func readIndexes() throws(StorageError) -> MemoryIndexes? {
        guard let offsetBytes = try contents(LogFileName.offsetIndex),
            let timeBytes = try contents(LogFileName.timeIndex)
        else { return nil }
        var memory = MemoryIndexes(baseOffset: baseOffset)
        memory.offsets = OffsetIndex(offsetBytes.span.bytes, baseOffset: baseOffset)
        memory.times = TimeIndex(timeBytes.span.bytes, baseOffset: baseOffset)
        memory.offsetsWritten = memory.offsets.count
        memory.timesWritten = memory.times.count
        memory.mustTrim =
            offsetBytes.count != memory.offsets.count * OffsetIndex.entrySize
            || timeBytes.count != memory.times.count * TimeIndex.entrySize
        return memory
    }

    private func contents(_ kind: String) throws(StorageError) -> [UInt8]? {
        let path = path(kind)
        guard disk.exists(path) else { return nil }
        return try io(try disk.contents(of: path))
    }

    /// Notes all batches from the last index entry on; nil when that entry does not name a batch.
    private func scanTail() throws(StorageError) -> Int64? {
        var expected = indexes?.offsets.last?.offset
        var end = baseOffset
        var scanner = BatchScanner(try log(), from: indexes?.lastIndexedPosition ?? 0, to: size)
        while let header = try scanner.next() {
            if let offset = expected, header.lastOffset > offset { return nil }
            expected = nil
            note(header, position: scanner.position)
            end = header.nextOffset
        }
        if let damage = scanner.damage {
            if expected != nil { return nil }
            throw corrupt(scanner.nextPosition, damage)
        }
        return end
    }
}

extension Segment.MemoryIndexes {
    /// Forgets entries at and behind an offset, and takes up where the ones before it end.
    mutating func truncate(to offset: Int64) {
        offsets.truncate(to: offset)
        times.truncate(to: offset)
        mustTrim = mustTrim || offsetsWritten > offsets.count || timesWritten > times.count
        offsetsWritten = min(offsetsWritten, offsets.count)
        timesWritten = min(timesWritten, times.count)
        lastIndexedPosition = offsets.last?.position ?? 0
        let last = times.last
        maxTimestamp = TimestampOffset(timestamp: last?.timestamp ?? -1, offset: last?.offset ?? offsets.baseOffset)
    }
}
