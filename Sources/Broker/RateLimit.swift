import Timing

/// So many bytes a second, over all who ask. Nothing is lent: after a pause at most a tenth of a second's worth goes at
/// once.
struct RateLimit {
    private static let burst = Duration.milliseconds(100)

    /// When everything that was let through would have gone at the rate.
    private var settled = Instant(nanoseconds: 0)

    /// Notes bytes that were just moved. Returns how long to wait before the next.
    mutating func moved(_ bytes: Int, bytesPerSecond: Double, now: Instant) -> Duration {
        let seconds = Double(bytes) / max(bytesPerSecond, 1)
        let cost = Duration.nanoseconds(Int64(min(seconds, 3600) * 1e9))
        settled = max(settled, now + (.zero - Self.burst)) + cost
        return max(.zero, settled - now)
    }
}
