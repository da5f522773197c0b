import CLinux
import Glibc
import Posix

/// A timerfd: readable once when its time has come.
final class AlarmDescriptor: Sendable {
    let descriptor: CInt

    init() throws(NetworkError) {
        descriptor = timerfd_create(CLOCK_MONOTONIC, CInt(TFD_NONBLOCK) | CInt(TFD_CLOEXEC))
        guard descriptor >= 0 else { throw .system(SystemError("create", "timerfd")) }
    }

    deinit { close(descriptor) }

    /// Replaces what was set before; time that is over rings at once.
    func ring(after nanoseconds: Int64) {
        let delay = max(1, nanoseconds)
        var time = itimerspec()
        time.it_value.tv_sec = Int(delay / 1_000_000_000)
        time.it_value.tv_nsec = Int(delay % 1_000_000_000)
        _ = timerfd_settime(descriptor, 0, &time, nil)
    }

    func drain() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }
}
