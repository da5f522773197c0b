import CommandLine
import Glibc
import Posix
import Synchronization
import Timing

/// Work that may take long: threads do it, and the caller's thread shows on a terminal how far it is. Ctrl-C ends the
/// program there and then, so only such work may run in it that may end anywhere.
struct LongWork {
    let label: String
    /// Bytes, to be told by `Meter.add`.
    let total: Int64
    let environment: Environment
    /// What to say when it is interrupted.
    let farewell: String

    private static let refreshMs: Int64 = 100

    /// Counts what is done.
    final class Meter: Sendable {
        private let done = Atomic<Int64>(0)

        func add(_ bytes: Int64) { done.add(bytes, ordering: .relaxed) }
        var value: Int64 { done.load(ordering: .relaxed) }
    }

    /// Calls `body` once for each number below `count`, on so many threads.
    func run(count: Int, threads: Int = 2, _ body: @escaping @Sendable (Int, Meter) -> Void) {
        guard count > 0 else { return }
        let meter = Meter()
        let next = Shared(Atomic<Int>(0))
        let running = Monitor(min(threads, count))
        let farewell = farewell
        environment.attendant?.watch { farewell }
        defer { environment.attendant?.watchNothing() }
        let workers = (0..<min(threads, count)).map { number in
            Thread(name: "\(label.lowercased())-\(number)", stackBytes: 2 << 20) {
                while true {
                    let index = next.value.add(1, ordering: .relaxed).oldValue
                    guard index < count else { break }
                    body(index, meter)
                }
                running.update { $0 -= 1 }
            }
        }
        watch(running, meter)
        for worker in workers { worker.join() }
    }

    private final class Shared: Sendable {
        let value: Atomic<Int>
        init(_ value: consuming Atomic<Int>) { self.value = value }
    }

    private func watch(_ running: Monitor<Int>, _ meter: Meter) {
        let progress = Progress(label, total: total)
        let start = Clock.system.now
        var isShown = false
        while running.wait(milliseconds: Self.refreshMs, { $0 == 0 ? true : nil }) == nil {
            guard let width = environment.terminal?.width() else { continue }
            if let line = progress.line(done: meter.value, elapsed: Clock.system.now - start, width: width) {
                environment.console.tellText(Progress.clearing + line)
                isShown = true
            }
        }
        if isShown { environment.console.tellText(Progress.clearing) }
    }
}
