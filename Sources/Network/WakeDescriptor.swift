import CLinux
import Glibc
import Posix

/// An eventfd: any thread signals it, and whoever polls it wakes.
final class WakeDescriptor: Sendable {
    let descriptor: CInt

    init() throws(NetworkError) {
        descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC))
        guard descriptor >= 0 else { throw .system(SystemError("create", "eventfd")) }
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        while write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }

    func drain() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }

    /// Sleeps until a signal comes or the time is over.
    func wait(milliseconds: CInt) {
        var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        _ = poll(&entry, 1, milliseconds)
    }
}
