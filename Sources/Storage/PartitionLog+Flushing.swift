import Posix
public import Timing

/// Bringing records to the device. `beginFlush`, `run` without the lock and `finishFlush` are the three steps that
/// `flush` does in one.
extension PartitionLog {
    public enum FlushScope: Sendable {
        case everything
        /// The segments that are no longer written: what the owner does after a roll, so that a crash need not read
        /// them again.
        case closedSegments
    }

    /// Notes, with an append, that `flush.messages` records are neither on the device nor on their way there. The append
    /// itself does not wait for the device: it holds the owner's lock.
    @inline(__always) func demandFlushIfDue() {
        if logEndOffset - max(recoveryPoint, flushDemand) >= configuration.flushMessages { flushDemand = logEndOffset }
    }

    /// Whether records wait to be flushed before they count.
    public var demandsFlush: Bool { flushDemand > recoveryPoint }

    /// How far records count as written by this broker. While a flush is demanded that is what is on the device, for a
    /// reader must not see what a power cut may still take away; else it is the log end.
    public var committableEnd: Int64 { demandsFlush ? recoveryPoint : logEndOffset }

    /// Whether a roll left a closed segment to be flushed.
    public var hasUnflushedSegments: Bool {
        guard case .ready = state else { return false }
        return recoveryPoint < active.baseOffset
    }

    /// Whether `flush.ms` has passed with something to flush.
    public func isFlushDue(now: Timestamp) -> Bool {
        guard case .ready = state, logEndOffset > recoveryPoint, configuration.flushMs != .max else { return false }
        return now.milliseconds.addingClamped(-lastFlush.milliseconds) >= configuration.flushMs
    }

    /// What is to be flushed; nil when everything is on the device.
    public func beginFlush(_ scope: FlushScope = .everything) throws(StorageError) -> PendingFlush? {
        try beginFlush(scope, isClosing: false)
    }

    private func beginFlush(_ scope: FlushScope, isClosing: Bool) throws(StorageError) -> PendingFlush? {
        try load()
        let end = scope == .everything ? logEndOffset : active.baseOffset
        guard end > recoveryPoint else { return nil }
        var pending = PendingFlush(endOffset: end, truncations: truncations, disk: disk)
        let first = segmentIndex(for: recoveryPoint) ?? 0
        let last = scope == .everything ? segments.count : segments.count - 1
        for segment in segments[first..<max(first, last)] {
            pending.logs.append(try segment.log())
            // The indexes of the active segment are made anew after a crash, unless the log is closed with it.
            if segment !== active || isClosing { pending.files += Segment.fileKinds.dropFirst().map(segment.path) }
            if segment === active, segment.hasUnflushedTransactions {
                pending.files.append(segment.path(LogFileName.transactionIndex))
            }
        }
        if segments[first...].contains(where: { $0.baseOffset >= recoveryPoint }) || !namesAreDurable {
            pending.directories.append(directory)
        }
        if !namesAreDurable {
            pending.files.append(path(PartitionMetadata.fileName))
            if let slash = directory.lastIndex(of: "/") { pending.directories.append(String(directory[..<slash])) }
        }
        if epochs.isDirty { pending.leaderEpochs = (path(LeaderEpochCache.fileName), epochs.text) }
        return pending
    }

    /// Notes that a flush ran without a failure.
    public func finishFlush(_ flush: PendingFlush, now: Timestamp) {
        guard flush.truncations == truncations else { return }
        recoveryPoint = max(recoveryPoint, min(flush.endOffset, logEndOffset))
        lastFlush = now
        if flush.endOffset == logEndOffset { active.hasUnflushedTransactions = false }
        if !flush.directories.isEmpty { namesAreDurable = true }
        if let written = flush.leaderEpochs, written.text == epochs.text { epochs.isDirty = false }
        for segment in segments.dropLast() where segment !== warmSegment && segment.baseOffset < recoveryPoint {
            segment.releaseFiles()
        }
    }

    /// Flushes everything and waits for it.
    public func flush(now: Timestamp) throws(StorageError) { try flush(now: now, isClosing: false) }

    func flush(now: Timestamp, isClosing: Bool) throws(StorageError) {
        guard let pending = try beginFlush(.everything, isClosing: isClosing) else { return }
        try failingOnError { () throws(StorageError) in try pending.run() }
        finishFlush(pending, now: now)
    }
}
