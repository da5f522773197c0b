import CommandLine
import KafkaClient
import Posix
import Timing

/// What the producer's performance test counts and prints. All threads share it.
final class PerfReport: Sendable {
    /// One stretch of the run, for the line at its end.
    struct Stretch {
        var figures = LatencyFigures()
        var start: Instant

        /// `49941 records sent, 9988.2 records/sec (9.54 MB/sec), 2.1 ms avg latency, 255.0 ms max latency.`
        func windowLine(at now: Instant) -> String {
            "\(figures.count) records sent, \(rates(at: now, places: 1)), \(decimals(figures.averageMs, 1)) ms avg latency, "
                + "\(decimals(Double(figures.maxMs), 1)) ms max latency."
        }

        func totalLine(at now: Instant, of what: String) -> String {
            "\(figures.count)\(what) records sent, \(rates(at: now, places: 6)), \(decimals(figures.averageMs, 2)) ms "
                + "avg latency, \(decimals(Double(figures.maxMs), 2)) ms max latency, \(figures.percentile(0.5)) ms 50th, "
                + "\(figures.percentile(0.95)) ms 95th, \(figures.percentile(0.99)) ms 99th, "
                + "\(figures.percentile(0.999)) ms 99.9th."
        }

        private func rates(at now: Instant, places: Int) -> String {
            let seconds = max(Double((now - start).wholeNanoseconds), 1) / 1e9
            let megabytes = Double(figures.bytes) / seconds / 1_048_576
            return "\(decimals(Double(figures.count) / seconds, places)) records/sec (\(decimals(megabytes, 2)) MB/sec)"
        }
    }

    private struct State {
        var total: Stretch
        var window: Stretch
        /// What came after the warm-up; nil during it.
        var steady: Stretch?
        var warmupLeft: Int
        var failures: [String: Int] = [:]
    }

    private let state: Monitor<State>
    private let start: Instant
    private let interval: Duration
    private let hasWarmup: Bool
    private let environment: Environment

    init(interval: Duration, warmup: Int, start: Instant, _ environment: Environment) {
        self.start = start
        self.interval = interval
        self.environment = environment
        hasWarmup = warmup > 0
        state = Monitor(State(total: Stretch(start: start), window: Stretch(start: start), warmupLeft: warmup))
    }

    /// What goes along with a record: when it was sent, in microseconds since the start, and how long its value is.
    func token(bytes: Int, now: Instant) -> UInt64 {
        UInt64(max(0, (now - start).wholeNanoseconds / 1000)) << 24 | UInt64(min(bytes, 1 << 24 - 1))
    }

    func delivered(_ delivery: Delivery, now: Instant) {
        let micros = (now - start).wholeNanoseconds / 1000
        var lines: [String] = []
        state.withLock { state in
            if let error = delivery.error {
                state.failures["\(error)", default: 0] += delivery.recordCount
                return
            }
            for token in delivery.tokens {
                let took = Int(micros - Int64(token >> 24)) / 1000
                let bytes = Int(token & (1 << 24 - 1))
                state.total.figures.add(took, bytes: bytes)
                state.window.figures.add(took, bytes: bytes)
                if state.warmupLeft > 0 {
                    state.warmupLeft -= 1
                    if state.warmupLeft == 0 { state.steady = Stretch(start: now) }
                } else {
                    state.steady?.figures.add(took, bytes: bytes)
                }
            }
            guard now - state.window.start >= interval else { return }
            lines.append(state.window.windowLine(at: now))
            state.window = Stretch(start: now)
        }
        for line in lines { environment.console.print(line) }
    }

    /// The lines at the end, and how many records failed.
    func finish(at now: Instant) -> (lines: [String], failures: [String: Int]) {
        state.withLock { state in
            var lines = [state.total.totalLine(at: now, of: "")]
            if hasWarmup, let steady = state.steady { lines.append(steady.totalLine(at: now, of: " steady state")) }
            return (lines, state.failures)
        }
    }
}
