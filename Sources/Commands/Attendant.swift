import CLinux
import CommandLine
import Glibc
import KafkaClient
import Posix
import Timing

/// Sits with a command on a thread of its own, so that it need not think of it: tells whom the command waits for when
/// that takes long, and ends it with a word on how far it was when Ctrl-C or its like comes. So a command that may not end
/// anywhere takes the signals over when it has something to lose. Lives as long as the process, and is made before the
/// other threads, which inherit what is blocked.
final class Attendant: Sendable {
    private struct State {
        var isListening = true
        /// What there is to say of the command when it is interrupted now. Asked on the attendant's thread.
        var progress: (@Sendable () -> String)?
    }

    private let state = Guarded(State())
    private let console: Console
    private let terminal: Terminal?

    /// How long a broker may be waited for in silence.
    static let patience = Duration.seconds(3)
    private static let intervalMs: CInt = 250

    init(_ console: Console, _ terminal: Terminal?) {
        self.console = console
        self.terminal = terminal
        var signals = Self.signals
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        let source = signalfd(-1, &signals, CInt(SFD_CLOEXEC))
        // It ends with the process.
        _ = Thread(name: "attendant") { self.attend(source) }
    }

    private static var signals: sigset_t {
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        return signals
    }

    /// The signals are somebody else's from now on; they stay blocked.
    func handOver() { state.withLock { $0.isListening = false } }

    /// From now on, this is what an interrupted command says of itself: "3 of 5 records were measured".
    func watch(_ progress: @escaping @Sendable () -> String) { state.withLock { $0.progress = progress } }

    func watchNothing() { state.withLock { $0.progress = nil } }

    private func attend(_ signals: CInt) {
        var source = signals
        var notice = WaitNotice()
        while true {
            var entry = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
            if poll(&entry, 1, Self.intervalMs) > 0 {
                if state.withLock({ $0.isListening }) { end() }
                source = -1
            }
            if let line = notice.line(WaitBoard.process.oldest, at: Clock.system.now) { console.tell(line) }
        }
    }

    private func end() -> Never {
        // Nothing holds a second one up, not even a full pipe. This one is taken first.
        var signals = Self.signals
        var taken: CInt = 0
        sigwait(&signals, &taken)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
        // A line of progress may stand there.
        if terminal?.width() != nil { console.tellText(Progress.clearing) }
        console.tell(Self.farewell(state.withLock { $0 }.progress?(), WaitBoard.process.oldest))
        _exit(ExitCode.interrupted.rawValue)
    }

    /// The last line of a command that was interrupted.
    static func farewell(_ progress: String?, _ wait: WaitBoard.Wait?) -> String {
        if let progress { return "skafka: interrupted: \(progress)" }
        guard let wait else { return "skafka: interrupted before the end" }
        return "skafka: interrupted while \(wait)" + (wait.mayStillChange ? "; what was asked may still be done" : "")
    }
}

/// Decides when a wait is told: once it has lasted, and each broker only once.
struct WaitNotice {
    private var told: Set<String> = []

    mutating func line(_ wait: WaitBoard.Wait?, at now: Instant) -> String? {
        guard let wait, now - wait.since >= Attendant.patience, told.insert(wait.broker).inserted else { return nil }
        return "skafka: still \(wait)"
    }
}
