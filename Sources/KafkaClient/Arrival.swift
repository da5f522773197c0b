import CLinux
import Glibc

/// A descriptor by which threads wake the one that waits in `poll` for them, beside whatever else it waits for.
final class Arrival: Sendable {
    let descriptor: CInt

    init() { descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC)) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func signal() {
        var one: UInt64 = 1
        while write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }

    func drain() {
        var count: UInt64 = 0
        while read(descriptor, &count, 8) < 0 && errno == EINTR {}
    }
}
