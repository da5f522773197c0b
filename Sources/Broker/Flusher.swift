import Posix
import Timing

/// The threads that wait for one log directory's device, so that no network thread and no lock ever does.
///
/// This is where flushes are shared. A partition is in the queue, or on a thread, at most once: one flush of a log runs
/// at a time, and everything that is appended meanwhile leaves with the next one. Several threads flush several
/// partitions at once because the file system then writes one journal commit for all of them; more than a few would
/// only wait in line at the device.
///
/// Partitions whose producers wait go first. What merely saves a later start some reading, or is due by time, is done
/// by one thread at a time, so a large flush of that kind holds nobody up.
final class Flusher: Sendable {
    enum Urgency {
        /// Producers wait for it.
        case demanded
        case background
    }

    private struct State {
        var demanded = Queue()
        var background = Queue()
        var isBackgroundRunning = false
        var idle = 0
        var threads: [Thread] = []
        var isStopping = false

        /// How many partitions a thread could take up now.
        var startable: Int { demanded.count + (isBackgroundRunning ? 0 : min(1, background.count)) }
    }

    private struct Queue {
        private var items: [Partition?] = []
        private var head = 0

        var count: Int { items.count - head }

        mutating func append(_ partition: Partition) { items.append(partition) }

        mutating func take() -> Partition? {
            guard head < items.count else { return nil }
            defer {
                items[head] = nil
                head += 1
                if head == items.count {
                    items.removeAll(keepingCapacity: true)
                    head = 0
                } else if head > 1024 {
                    items.removeFirst(head)
                    head = 0
                }
            }
            return items[head]
        }
    }

    private enum Work {
        case flush(Partition, Urgency)
        case end
    }

    private let name: String
    private let clock: Clock
    private let threadsMax: Int
    private let state = Monitor(State())

    init(name: String, threads: Int = 4, clock: Clock) {
        self.name = name
        self.clock = clock
        threadsMax = max(1, threads)
    }

    /// Flushes the partition soon. Threads start when they are first needed; after `stop` nothing is flushed any more.
    func submit(_ partition: Partition, _ urgency: Urgency) {
        state.updateForOne { state in
            guard !state.isStopping else { return }
            switch urgency {
            case .demanded: state.demanded.append(partition)
            case .background: state.background.append(partition)
            }
            guard state.idle < state.startable, state.threads.count < threadsMax else { return }
            state.threads.append(Thread(name: "\(name)-\(state.threads.count)") { [self] in run() })
        }
    }

    /// Flushes what producers wait for, then ends the threads.
    func stop() {
        let threads = state.update { state in
            state.isStopping = true
            state.background = Queue()
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func run() {
        while true {
            switch next() {
            case .end: return
            case .flush(let partition, let urgency):
                var mustGoOn = true
                while mustGoOn {
                    mustGoOn = partition.flush(now: clock.timestamp)
                    // Others have waited longer; alone, the partition stays on this thread, which is awake already.
                    if mustGoOn, hasHandedOver(partition) { mustGoOn = false }
                }
                if urgency == .background { backgroundEnded() }
            }
        }
    }

    private func next() -> Work {
        state.withLock { $0.idle += 1 }
        return state.wait { state -> Work? in
            let work: Work?
            if let partition = state.demanded.take() {
                work = .flush(partition, .demanded)
            } else if !state.isBackgroundRunning, let partition = state.background.take() {
                state.isBackgroundRunning = true
                work = .flush(partition, .background)
            } else {
                work = state.isStopping ? .end : nil
            }
            if work != nil { state.idle -= 1 }
            return work
        }
    }

    /// Puts a partition that has more to flush behind those that wait, if any do.
    private func hasHandedOver(_ partition: Partition) -> Bool {
        state.withLock { state in
            guard state.demanded.count > 0 else { return false }
            state.demanded.append(partition)
            return true
        }
    }

    private func backgroundEnded() {
        state.updateForOne { $0.isBackgroundRunning = false }
    }
}
