import CLinux
import Glibc
import Synchronization

/// Ends the waits of connections from another thread: whoever closes a client raises it, once and for good, and every
/// send, receive and connect that was given it fails at once.
public final class Interruption: Sendable {
    /// Readable from the moment it is raised. Where the system has no descriptor left it is -1, which `poll` passes
    /// over; then a wait ends at its deadline.
    let descriptor: CInt
    private let raised = Atomic(false)

    public init() { descriptor = eventfd(0, CInt(EFD_NONBLOCK) | CInt(EFD_CLOEXEC)) }

    deinit { if descriptor >= 0 { close(descriptor) } }

    public var isRaised: Bool { raised.load(ordering: .acquiring) }

    public func raise() {
        raised.store(true, ordering: .releasing)
        var one: UInt64 = 1
        while write(descriptor, &one, 8) < 0 && errno == EINTR {}
    }
}
