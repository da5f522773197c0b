import Glibc
import Timing

/// Keeps work at so many pieces a second from its beginning on, however long single pieces took.
struct Pace {
    /// Pieces a second; nil is as fast as it goes.
    let rate: Double?
    private let start: Instant
    private var next = 0

    /// A sleep shorter than this costs more than it gains in evenness.
    private static let sleepMin = Duration.milliseconds(1)

    init(_ rate: Double?, from start: Instant) {
        self.rate = rate
        self.start = start
    }

    /// When the next piece is due.
    var due: Instant {
        guard let rate else { return start }
        return start + .nanoseconds(Int64(Double(next) / rate * 1e9))
    }

    /// Counts a piece, and sleeps as long as it is too early for it. Returns at once when `isEnded`.
    mutating func wait(_ clock: Clock, isEnded: () -> Bool = { false }) {
        defer { next += 1 }
        guard rate != nil else { return }
        while !isEnded() {
            let left = due - clock.now
            guard left >= Self.sleepMin else { return }
            usleep(UInt32(clamping: min(left, .milliseconds(100)).wholeNanoseconds / 1000))
        }
    }
}
