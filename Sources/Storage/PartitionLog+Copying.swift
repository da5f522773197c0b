public import Bytes
import KafkaModel
public import Posix
public import Timing

/// A piece of a log on its way into another directory: batches of one segment, the last of which may be cut off.
public struct LogPiece: Sendable {
    public let region: FileRegion
    /// Set where the piece begins a segment: the copy begins one there too.
    let segmentBase: Int64?
    /// Set where retention on the original has overtaken the copy, which begins anew.
    let origin: CopyOrigin?

    /// Reads the piece. It needs no lock: the file cannot vanish, and what is in it does not change.
    public func read(into buffer: inout ByteWriter) throws(StorageError) {
        buffer.clear()
        let region = region
        do throws(SystemError) {
            _ = try buffer.appendUninitialized(upTo: region.count) { (room) throws(SystemError) -> Int in
                try region.file.read(into: room, at: region.offset)
            }
        } catch {
            throw .io(error)
        }
        guard buffer.count == region.count else {
            throw .corrupt(file: region.file.path, position: region.offset, reason: "the file ends early")
        }
    }
}

/// Where a copy begins: the base offset of the first segment, and the producer snapshot for it, which tells of producers
/// and transactions whose batches are gone.
struct CopyOrigin: Sendable {
    let baseOffset: Int64
    let snapshot: [UInt8]?
}

/// Copying a log into another directory of the same broker. The original is used under its owner's lock, the copy
/// belongs to whoever copies, until it takes the original's place.
extension PartitionLog {
    /// Where a copy of this log begins, at the front of its files, and what is known there.
    func copyOrigin() throws(StorageError) -> CopyOrigin {
        try load()
        let base = segments[0].baseOffset
        guard snapshots.contains(base) else { return CopyOrigin(baseOffset: base, snapshot: nil) }
        return CopyOrigin(baseOffset: base, snapshot: try io(try disk.contents(of: path(snapshotName(base)))))
    }

    /// Gives a copy that has no batch yet what its original knows of producers from before.
    func begin(at origin: CopyOrigin) throws(StorageError) {
        guard let snapshot = origin.snapshot, let states = ProducerSnapshot.decode(snapshot.span.bytes) else { return }
        let name = path(snapshotName(origin.baseOffset))
        try failingOnError { () throws(StorageError) in
            try io(try disk.open(name, .replace).write(snapshot, at: 0))
        }
        for state in states { table.load(state) }
        table.endOffset = origin.baseOffset
        snapshots = [origin.baseOffset]
        lastSnapshotOffset = origin.baseOffset
    }

    /// What comes behind `offset`, the end of a copy; nil when the copy has everything.
    public func piece(from offset: Int64, maxBytes: Int) throws(StorageError) -> LogPiece? {
        try load()
        guard offset < logEndOffset else { return nil }
        let origin = offset < segments[0].baseOffset ? try copyOrigin() : nil
        let read = try batches(
            from: max(offset, segments[0].baseOffset), maxBytes: maxBytes, minOneBatch: true, upTo: logEndOffset)
        guard let region = read.region else { return nil }
        let base = segmentIndex(for: read.firstOffset).map { segments[$0].baseOffset }
        return LogPiece(region: region, segmentBase: region.offset == 0 ? base : nil, origin: origin)
    }

    /// Adds a piece to this copy, batches as they are. Where the original begins a segment the copy does too, so that
    /// retention treats both alike. Returns how many bytes of the piece were whole batches.
    public func append(
        _ piece: LogPiece, bytes: inout ByteWriter, now: Timestamp
    ) throws(AppendRefusal) -> Int {
        let before = try refusing { () throws(StorageError) in
            try load()
            if let origin = piece.origin {
                try truncateFully(startingAt: max(origin.baseOffset, logEndOffset), now: now)
                try begin(at: origin)
            }
            if let base = piece.segmentBase, active.size > 0 {
                try roll(startingAt: max(base, logEndOffset), now: now)
            }
            return active.size
        }
        let segment = active
        let count = bytes.count
        var batches = bytes.mutableBytes
        _ = try append(&batches, range: 0..<count, origin: .follower, leaderEpoch: -1, now: now)
        return active === segment ? segment.size - before : active.size
    }

    private func refusing<Value>(_ body: () throws(StorageError) -> Value) throws(AppendRefusal) -> Value {
        do { return try body() } catch { throw .storage(error) }
    }

    /// Up to where this copy, made before a restart, agrees with its original, which may have lost its end in the crash
    /// and gone on with other records. Every start of a broker is a new leader epoch, so the epochs tell.
    public func agreement(with original: PartitionLog) throws(StorageError) -> Int64 {
        try load()
        try original.load()
        var end = logEndOffset
        guard !epochs.entries.isEmpty else { return min(end, original.logEndOffset) }
        for entry in epochs.entries.reversed() {
            if let known = original.epochs.endOffset(for: entry.epoch, logEndOffset: original.logEndOffset),
                known.epoch == entry.epoch
            {
                return max(min(end, known.startOffset), logStartOffset)
            }
            end = entry.startOffset
        }
        return logStartOffset
    }

    /// Makes this copy, which has every batch, the same as its original in all that the batches alone may not tell: epochs
    /// without records, the start of the log, and, where they differ at all, producers and aborted transactions. Nobody
    /// appends to the original meanwhile, nor ever again.
    public func takeOver(from original: PartitionLog, now: Timestamp) throws(StorageError) {
        try load()
        try original.load()
        let end = original.logEndOffset
        precondition(logEndOffset <= end, "the copy of \(partition) is longer than the log itself")
        let aborted = try original.abortedTransactions(from: original.logStartOffset, upTo: end)
        let ownAborted = try abortedTransactions(from: original.logStartOffset, upTo: end)
        let isSame = logEndOffset == end && table.isEqual(to: original.table) && aborted == ownAborted
        table = original.table
        configuration = original.configuration
        topicID = topicID ?? original.topicID
        try failingOnError { () throws(StorageError) in
            if !isSame {
                // A segment that begins here has a snapshot at its base, which a later start relies on.
                logEndOffset = end
                lastSnapshotOffset = -1
                if active.size == 0 && active.baseOffset == end { try takeSnapshot() }
                try roll(startingAt: end, now: now)
                if let snapshot = snapshots.last { try io(try disk.synchronize(path(snapshotName(snapshot)))) }
                try replaceAborted(aborted)
            }
            if epochs.entries != original.epochs.entries {
                epochs = original.epochs
                let text = Array(epochs.text.utf8)
                try io(try disk.replaceContents(of: path(LeaderEpochCache.fileName), with: text))
                epochs.isDirty = false
            }
        }
        if original.logStartOffset > logStartOffset { try advanceLogStart(to: original.logStartOffset) }
        flushDemand = original.flushDemand
        checkpointedHighWatermark = original.checkpointedHighWatermark
    }

    private func replaceAborted(_ aborted: [AbortedTransaction]) throws(StorageError) {
        for (index, segment) in segments.enumerated() {
            let end = index + 1 < segments.count ? segments[index + 1].baseOffset : .max
            let own = aborted.filter { $0.lastOffset >= segment.baseOffset && $0.lastOffset < end }
            let path = segment.path(LogFileName.transactionIndex)
            if own.isEmpty {
                try io(try disk.remove(path))
            } else {
                try io(try disk.replaceContents(of: path, with: own.flatMap(\.bytes)))
            }
        }
    }

    /// The directory got another name; the files in it are the same.
    func directoryRenamed(to new: String) {
        let old = directory
        directory = new
        releaseFiles()
        for segment in segments { segment.directory = new }
        deletions = deletions.map { deletion in
            ScheduledDeletion(paths: deletion.paths.map { new + $0.dropFirst(old.count) }, due: deletion.due)
        }
        namesAreDurable = false
    }
}

extension ProducerStateTable {
    /// Whether both know the same of every producer and of every open transaction.
    fileprivate func isEqual(to other: ProducerStateTable) -> Bool {
        count == other.count && firstUndecidedOffset == other.firstUndecidedOffset && all == other.all
    }
}
