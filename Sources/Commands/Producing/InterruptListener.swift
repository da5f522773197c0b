import CLinux
import Glibc
import Posix
import Synchronization

/// Lets a command end in order when Ctrl-C or its like comes, and at once when it comes again. A thread of its own waits
/// for the signals, so that the command may be anywhere. Made before any other thread, since threads inherit what is
/// blocked.
final class InterruptListener: Sendable {
    /// Becomes readable with the first signal.
    let descriptor: CInt
    private let ender: CInt
    private let came = Atomic(false)
    private let thread: Monitor<Thread?>

    var isInterrupted: Bool { came.load(ordering: .acquiring) }

    init() {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        ender = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        thread = Monitor(nil)
        let source = signalfd(-1, &signals, CInt(SFD_CLOEXEC))
        let started = Thread(name: "interrupts") { [unowned self] in listen(source) }
        thread.withLock { $0 = started }
    }

    private func listen(_ source: CInt) {
        defer { close(source) }
        while true {
            var entries = [
                pollfd(fd: source, events: Int16(POLLIN), revents: 0),
                pollfd(fd: ender, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, -1) > 0 else { continue }
            if entries[1].revents != 0 { return }
            var info = signalfd_siginfo()
            guard read(source, &info, MemoryLayout<signalfd_siginfo>.size) > 0 else { continue }
            if came.exchange(true, ordering: .acquiringAndReleasing) { _exit(130) }
            Self.signal(descriptor)
        }
    }

    private static func signal(_ descriptor: CInt) {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    /// Must be called before it goes away.
    func end() {
        Self.signal(ender)
        let running = thread.withLock { thread -> Thread? in
            defer { thread = nil }
            return thread
        }
        running?.join()
        close(descriptor)
        close(ender)
    }
}
