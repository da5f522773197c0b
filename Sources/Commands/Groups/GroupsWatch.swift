import CLinux
import CommandLine
import Glibc
import Posix
import Timing

/// Looks at groups again and again until Ctrl-C. A terminal shows the newest look only; anything else gets them one after
/// the other, each with its time.
struct GroupsWatch {
    let seconds: Double
    let form: OutputForm
    let environment: Environment

    /// - Parameter look: prints to the environment that it is given.
    func run(_ look: (Environment, Timestamp) -> ExitCode) -> ExitCode {
        leaveOnInterrupt()
        while true {
            let now = Clock.system.timestamp
            if repaints { paint(now, look) } else { append(now, look) }
            usleep(UInt32(seconds * 1_000_000))
        }
    }

    private var repaints: Bool { environment.console.isInteractive && environment.variable("TERM") != "dumb" }

    /// From the top left corner on, so that nothing flickers: each line empties what is behind it, and the end what is
    /// below.
    private func paint(_ now: Timestamp, _ look: (Environment, Timestamp) -> ExitCode) {
        let screen = Guarded("")
        var captured = environment
        captured.console = Console(isInteractive: true) { _, bytes in
            screen.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
            return .written
        }
        _ = look(captured, now)
        let text = "every \(Self.text(seconds)) s, \(Self.clock(now))\n" + screen.withLock { $0 }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        environment.console.write("\u{1B}[H" + lines.joined(separator: "\u{1B}[K\n") + "\u{1B}[J")
    }

    private func append(_ now: Timestamp, _ look: (Environment, Timestamp) -> ExitCode) {
        if form == .text || form == .table { environment.console.print(Self.clock(now)) }
        _ = look(environment, now)
    }

    private static func clock(_ time: Timestamp) -> String { TimeZoneChoice.system.calendar(time).logForm }

    private static func text(_ seconds: Double) -> String {
        seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }

    /// Rows for programs, with the time in front where there are many looks.
    static func stamped(_ rows: [StructuredValue], _ time: Timestamp?) -> [StructuredValue] {
        guard let time else { return rows }
        return rows.map { row in
            guard case .object(let members) = row else { return row }
            return .object([.init("time", .string(time.iso8601))] + members)
        }
    }

    /// Ctrl-C is how it ends, so nothing is said then, and a broker that is waited for holds nobody up.
    private func leaveOnInterrupt() {
        environment.attendant?.handOver()
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
        signal(SIGINT, leave)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }
}

private func leave(_ signal: CInt) { _exit(ExitCode.interrupted.rawValue) }
