import Bytes
import Synchronization

/// The records that one answer brought for one partition. They lie in the answer, which the stretches of all its
/// partitions share.
struct FetchedStretch: Sendable {
    let slot: Int
    let generation: Int
    let answer: AnswerBytes
    let records: Range<Int>
    /// Transactions that were aborted.
    let aborted: [AbortedTransaction]

    struct AbortedTransaction: Sendable {
        let producerID: Int64
        /// Of its first record.
        let firstOffset: Int64
    }
}

/// The bytes of an answer. A fetcher fills them and hands them over; from then on they are only read, until the last of
/// their stretches was gone through and a fetcher gets them again.
///
/// Sendable because of that order, in which each hand-over goes through a lock.
final class AnswerBytes: @unchecked Sendable {
    var writer = ByteWriter(capacity: 64 << 10)
    /// How many stretches are still to be gone through, and the fetcher as long as it makes them.
    let users = Atomic(0)

    /// Everything the fetcher filled in.
    var bytes: RawSpan {
        @_lifetime(borrow self)
        get {
            // Whoever holds the object may read, since nobody writes while it has users; the compiler cannot see that.
            let span = RawSpan(_unsafeBytes: writer.bytes.withUnsafeBytes { $0 })
            return _overrideLifetime(span, borrowing: self)
        }
    }
}
