import Timing

/// When the same may be asked again after it was refused: later each time, up to `retry.backoff.max.ms`.
struct RetryPause {
    private var next: Duration
    private let longest: Duration
    private var end: Instant?

    init(first: Duration, longest: Duration) {
        next = first
        self.longest = longest
    }

    /// Nil when it is over.
    func end(after now: Instant) -> Instant? { end.flatMap { $0 > now ? $0 : nil } }

    mutating func begin(_ now: Instant) {
        end = now + next
        next = min(next * 2, longest)
    }
}
