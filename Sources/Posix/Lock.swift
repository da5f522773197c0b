import Glibc

/// A mutual exclusion lock for a class whose methods mutate borrowed memory, which a closure may not capture. Each
/// lock has a rank; a thread takes locks in rising rank only, and a debug build traps when it does not.
public final class Lock: @unchecked Sendable {
    // The mutex needs an address of its own that never moves, hence the allocation.
    let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let rank: Int

    public init(rank: Int) {
        self.rank = rank
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    public func lock() {
        #if DEBUG
            HeldLocks.willTake(rank)
        #endif
        pthread_mutex_lock(mutex)
    }

    public func unlock() {
        pthread_mutex_unlock(mutex)
        #if DEBUG
            HeldLocks.didRelease(rank)
        #endif
    }

    @inline(__always)
    public func withLock<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        lock()
        defer { unlock() }
        return try body()
    }
}

#if DEBUG
    /// The ranks this thread holds, as a bit set: ranks are small numbers.
    private enum HeldLocks {
        private static let key: pthread_key_t = {
            var key = pthread_key_t()
            pthread_key_create(&key, nil)
            return key
        }()

        private static var held: UInt {
            get { UInt(bitPattern: pthread_getspecific(key)) }
            set { pthread_setspecific(key, UnsafeRawPointer(bitPattern: newValue)) }
        }

        static func willTake(_ rank: Int) {
            precondition(held >> UInt(rank) == 0, "lock of rank \(rank) taken while ranks \(held) are held")
            held |= 1 << UInt(rank)
        }

        static func didRelease(_ rank: Int) { held &= ~(1 << UInt(rank)) }
    }
#endif
