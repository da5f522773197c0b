public import Timing

/// Keeping short what a start after a crash has to read, at little cost.
extension PartitionLog {
    /// After half a minute the kernel has written what nobody touched by itself; a flush then has nothing left to wait
    /// for but the journal.
    private static let restMs: Int64 = 60_000
    /// A log that never rests is flushed as often.
    private static let unflushedMsMax: Int64 = 300_000

    /// Whether the log has records that are worth a flush, though nobody waits for it: nothing was added for a minute, or
    /// the last flush was long ago. To be asked again and again.
    public func isResting(now: Timestamp) -> Bool {
        guard case .ready = state, logEndOffset > recoveryPoint else { return false }
        guard let rest, rest.endOffset == logEndOffset else {
            self.rest = (logEndOffset, now)
            return now.milliseconds.addingClamped(-lastFlush.milliseconds) >= Self.unflushedMsMax
        }
        return now.milliseconds.addingClamped(-rest.since.milliseconds) >= Self.restMs
            || now.milliseconds.addingClamped(-lastFlush.milliseconds) >= Self.unflushedMsMax
    }
}
