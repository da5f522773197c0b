import KafkaModel
import Timing

/// Offsets to be committed.
struct CommitOrder: Sendable {
    enum Trying: Sendable { case once, untilDeadline }

    let id: Int
    let offsets: [TopicPartition: CommittedOffset]
    let trying: Trying
    let deadline: Instant?
    /// Somebody waits for the end of it.
    let isAwaited: Bool
    /// The application is told of the end with its next poll.
    let isTold: Bool
    var lastError: GroupError?
}
