import Glibc

/// State behind a lock of the threads library: cheaper than the standard library's `Mutex` here, and seen by the
/// thread sanitizer, which takes what a `Mutex` guards for unguarded.
///
/// A closure must not be the state itself. Read through `withLock` it comes back in another wrapping each time, is
/// stored so, and one day overflows the stack when it is called; inside a struct it stays what it is.
public final class Guarded<State>: @unchecked Sendable {
    // The mutex needs an address of its own that never moves.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    // Guarded by `mutex`.
    private var state: State

    public init(_ state: sending State) {
        self.state = state
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func withLock<Result, Failure: Error>(
        _ body: (inout State) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&state)
    }
}
