import Glibc
import Synchronization

/// A point on the monotonic clock, in nanoseconds. Only differences mean anything.
public struct Instant: Hashable, Comparable, Sendable {
    public let nanoseconds: Int64

    public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }
    public static func - (left: Instant, right: Instant) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }
    public static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(nanoseconds: instant.nanoseconds.addingClamped(duration.wholeNanoseconds))
    }
}

/// Milliseconds since 1970-01-01 UTC, as Kafka stamps records. `-1` is Kafka's "no timestamp".
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    public static let none = Timestamp(milliseconds: -1)

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

/// Where the time comes from. Logic never asks: it is given `now`. Those who own a loop or a schedule hold a clock,
/// and a test holds one that it moves itself.
public struct Clock: Sendable {
    private let manual: ManualTime?

    public static let system = Clock(manual: nil)
    public static func manual(_ time: ManualTime) -> Clock { Clock(manual: time) }

    private init(manual: ManualTime?) { self.manual = manual }

    public var now: Instant {
        if let manual { return Instant(nanoseconds: manual.monotonic.load(ordering: .acquiring)) }
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    public var timestamp: Timestamp {
        if let manual { return Timestamp(milliseconds: manual.wall.load(ordering: .acquiring)) }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Time that moves only when told to.
public final class ManualTime: Sendable {
    fileprivate let monotonic: Atomic<Int64>
    fileprivate let wall: Atomic<Int64>

    public init(wall: Timestamp = Timestamp(milliseconds: 1_700_000_000_000)) {
        self.monotonic = Atomic(1_000_000_000)
        self.wall = Atomic(wall.milliseconds)
    }

    public func advance(by duration: Duration) {
        monotonic.add(duration.wholeNanoseconds, ordering: .acquiringAndReleasing)
        wall.add(duration.wholeMilliseconds, ordering: .acquiringAndReleasing)
    }

    public func setWall(_ timestamp: Timestamp) { wall.store(timestamp.milliseconds, ordering: .releasing) }
}

extension Duration {
    public var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedClamped(by: 1_000_000_000).addingClamped(attoseconds / 1_000_000_000)
    }

    public var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds.multipliedClamped(by: 1000).addingClamped(attoseconds / 1_000_000_000_000_000)
    }
}

extension Int64 {
    /// Kafka's "for ever" is `Int64.max` milliseconds: sums with it stay there.
    public func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    public func subtractingClamped(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other > 0 ? .min : .max) : difference
    }

    public func multipliedClamped(by other: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self > 0) == (other > 0) ? .max : .min) : product
    }
}
