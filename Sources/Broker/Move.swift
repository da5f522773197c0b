import Bytes
import KafkaModel
import Posix
import Storage
import Timing

/// A partition on its way into another log directory: where to, and the copy so far. The partition holds it until the
/// copy is the log, or the move is given up.
///
/// The copy has a lock of its own, so that whoever serves the partition never waits for a large write of the mover. It
/// may be taken under the partition's lock only where the mover itself takes both, to put the copy in place.
final class Move: @unchecked Sendable {
    let home: PartitionHome
    private let lock = Lock(rank: LockRank.move)

    // Guarded by `lock`.
    private let future: PartitionLog
    private var isGivenUp = false
    private var mustAgree: Agreement

    /// Whether the copy was compared with the log since this process began.
    enum Agreement { case known, unknown }

    init(_ future: PartitionLog, to home: PartitionHome, agreement: Agreement) {
        self.future = future
        self.home = home
        mustAgree = agreement
    }

    func holds(_ log: PartitionLog) -> Bool { future === log }

    /// Uses the copy; nil when the move was given up.
    func withFuture<Value, Failure: Error>(
        _ body: (PartitionLog) throws(Failure) -> Value
    ) throws(Failure) -> Value? {
        lock.lock()
        defer { lock.unlock() }
        return isGivenUp ? nil : try body(future)
    }

    /// Adds a piece to the copy; nil when the move was given up.
    func append(_ piece: LogPiece, _ buffer: inout ByteWriter, now: Timestamp) throws(AppendRefusal) -> Int? {
        lock.lock()
        defer { lock.unlock() }
        return isGivenUp ? nil : try future.append(piece, bytes: &buffer, now: now)
    }

    /// The state of the copy, for whoever asks what is going on.
    func outline() -> (size: Int64, end: Int64)? {
        withFuture { future in
            do throws(StorageError) {
                return (try future.size, future.logEndOffset)
            } catch {
                return (0, future.logEndOffset)
            }
        }
    }

    func checkpoint(highWatermark: Int64) -> PartitionCheckpoint {
        lock.withLock { future.checkpoint(highWatermark: min(highWatermark, future.logEndOffset)) }
    }

    /// Ends the move; what was copied is removed later.
    func giveUp(_ partition: TopicPartition, in directories: LogDirectories) throws(StorageError) {
        lock.lock()
        defer { lock.unlock() }
        guard !isGivenUp else { return }
        isGivenUp = true
        try directories.removeFuture(partition)
    }

    /// The directory failed; nothing there is touched any more.
    func abandon() { lock.withLock { isGivenUp = true } }

    var isOver: Bool { lock.withLock { isGivenUp } }

    var needsAgreement: Bool { lock.withLock { mustAgree == .unknown } }

    func agreed() { lock.withLock { mustAgree = .known } }
}
