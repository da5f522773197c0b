import CLinux
import CommandLine
import Glibc
import Posix
import Synchronization

/// Lets a command end in order when Ctrl-C or its like comes, and at once when it comes again, or when the work of ending
/// gets nowhere: what waits for a broker that is not there must not wait with the person. A thread of its own waits for the
/// signals, so that the command may be anywhere. Made before any other thread, since threads inherit what is blocked.
final class InterruptListener: Sendable {
    /// Becomes readable with the first signal.
    let descriptor: CInt
    private let ender: CInt
    private let came = Atomic(false)
    private let work = Guarded(Work())
    private let environment: Environment

    /// What is got done by ending in order: a number that grows.
    private struct Work {
        var progress: (@Sendable () -> Int)?
        var last = 0
    }

    /// How long an end in order may get nowhere.
    private static let patienceMs: CInt = 5000
    private let thread: Monitor<Thread?>

    var isInterrupted: Bool { came.load(ordering: .acquiring) }

    init(_ environment: Environment) {
        self.environment = environment
        environment.attendant?.handOver()
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
            let count = poll(&entries, 2, isInterrupted ? Self.patienceMs : -1)
            if count == 0 { giveUpIfStuck() }
            guard count > 0 else { continue }
            if entries[1].revents != 0 { return }
            var info = signalfd_siginfo()
            guard read(source, &info, MemoryLayout<signalfd_siginfo>.size) > 0 else { continue }
            if came.exchange(true, ordering: .acquiringAndReleasing) { _exit(ExitCode.interrupted.rawValue) }
            work.withLock { $0.last = $0.progress?() ?? 0 }
            Self.signal(descriptor)
        }
    }

    /// By what number an end in order is seen to get somewhere.
    func watch(_ progress: @escaping @Sendable () -> Int) { work.withLock { $0.progress = progress } }

    private func giveUpIfStuck() {
        let isStuck = work.withLock { work in
            let now = work.progress?() ?? 0
            defer { work.last = now }
            return now == work.last
        }
        guard isStuck else { return }
        environment.complain(
            "interrupted: no record was acknowledged for \(Self.patienceMs / 1000) s; what was not acknowledged may be lost"
        )
        _exit(ExitCode.interrupted.rawValue)
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
