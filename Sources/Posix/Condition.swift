import Glibc

/// Where threads that hold a `Lock` sleep until another says that something changed.
public final class Condition: @unchecked Sendable {
    // The condition needs an address of its own that never moves.
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    public init() {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }

    public func wakeAll() { pthread_cond_broadcast(condition) }

    /// Gives the lock up until it is woken or the time is over, and takes it again. It may wake for nothing.
    public func wait(_ lock: Lock, milliseconds: Int64) {
        var deadline = timespec()
        clock_gettime(CLOCK_MONOTONIC, &deadline)
        let (seconds, rest) = max(0, min(milliseconds, 1 << 40)).quotientAndRemainder(dividingBy: 1000)
        deadline.tv_sec += Int(seconds)
        deadline.tv_nsec += Int(rest) * 1_000_000
        if deadline.tv_nsec >= 1_000_000_000 {
            deadline.tv_sec += 1
            deadline.tv_nsec -= 1_000_000_000
        }
        pthread_cond_timedwait(condition, lock.mutex, &deadline)
    }
}
