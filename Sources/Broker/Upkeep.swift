import Posix
import Synchronization
import Timing

/// What has to be done again and again while a broker runs: retention, flushes by time, checkpoints, forgetting old
/// producers, unlinking what was deleted. One thread does it all, a partition at a time, so that it wakes rarely and
/// holds no lock for long.
final class Upkeep: Sendable {
    struct Task: Sendable {
        let name: String
        let interval: Duration
        let firstDelay: Duration
        let run: @Sendable () -> Void

        init(_ name: String, every interval: Duration, after delay: Duration, _ run: @escaping @Sendable () -> Void) {
            self.name = name
            self.interval = interval
            firstDelay = delay
            self.run = run
        }
    }

    /// Kafka's "never" is the largest number of milliseconds.
    private static let never = Duration.seconds(10 * 365 * 86_400)

    private let isStopping = Monitor(false)
    private let thread: Thread

    init(_ tasks: [Task], clock: Clock) {
        let tasks = tasks.filter { $0.interval > .zero && $0.interval < Self.never }
        thread = Thread(name: "upkeep") { [isStopping] in
            var due = tasks.map { clock.now + $0.firstDelay }
            while let next = due.indices.min(by: { due[$0] < due[$1] }) {
                let wait = (due[next] - clock.now).wholeMilliseconds
                if wait > 0 {
                    if isStopping.wait(milliseconds: wait, { $0 ? true : nil }) == true { return }
                    continue
                }
                tasks[next].run()
                due[next] = clock.now + tasks[next].interval
            }
        }
    }

    func stop() {
        isStopping.update { $0 = true }
        thread.join()
    }
}
