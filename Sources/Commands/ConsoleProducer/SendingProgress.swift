import CommandLine
import Timing

/// A line on a terminal that shows how a long pipe goes on: how much was read, and how fast. Its end is not known.
struct SendingProgress {
    private let environment: Environment
    private let start: Instant
    private var shown: Instant
    private var isShown = false

    private static let period = Duration.milliseconds(200)

    /// Nil where nobody looks on.
    init?(_ environment: Environment) {
        guard environment.terminal?.width() != nil else { return nil }
        self.environment = environment
        start = Clock.system.now
        shown = start
    }

    mutating func show(records: Int, bytes: Int) {
        let now = Clock.system.now
        guard now - start >= Progress.silence, now - shown >= Self.period else { return }
        shown = now
        isShown = true
        let width = environment.terminal?.width() ?? 80
        environment.console.tellText("\r\u{1b}[K" + String(line(records, bytes, now).prefix(width - 1)))
    }

    /// What was done in the end, where it took long enough to be shown.
    mutating func end(records: Int, bytes: Int) {
        guard isShown else { return }
        environment.console.tellText("\r\u{1b}[K" + line(records, bytes, Clock.system.now) + "\n")
    }

    private func line(_ records: Int, _ bytes: Int, _ now: Instant) -> String {
        let seconds = max(Double((now - start).wholeNanoseconds) / 1e9, 1e-9)
        return
            "Sent \(records) records, \(Progress.size(Int64(bytes)))  \(Int64(Double(records) / seconds)) records/s  "
            + "\(Progress.size(Int64(Double(bytes) / seconds)))/s"
    }
}
