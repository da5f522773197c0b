import Bytes
import KafkaModel
import Posix
import Storage
import Synchronization
import Telemetry
import Timing

/// The threads that move partitions between log directories, `num.replica.alter.log.dirs.threads` of them. Each takes a
/// partition, copies for a while, and puts it back behind the others. All of them together keep to
/// `replica.alter.log.dirs.io.max.bytes.per.second`.
///
/// The threads do not step back behind those that serve clients: one that waits for its turn with a partition's lock held
/// would keep all of them waiting, and a move that is slower than the producers never comes to its end.
final class ReplicaMover: Sendable {
    private struct Journey {
        let partition: Partition
        let move: Move
        let began: Instant
        var bytes = 0
        /// Not before then.
        var due: Instant
    }

    private struct Listener {
        var arrived: (@Sendable (Partition) -> Void)?
    }

    private struct State {
        var journeys: [Journey] = []
        var running = 0
        var idle = 0
        var threads: [Thread] = []
        var hasBegun = false
        var isStopping = false
    }

    /// Read and written in one piece.
    private static let pieceBytesMax = 4 << 20
    /// Copied before another partition has its turn.
    private static let turnBytesMax = 64 << 20

    private let directories: LogDirectories
    private let threadsMax: Int
    private let bytesPerSecond: @Sendable () -> Int64
    private let clock: Clock
    private let log: Log
    private let listener = Guarded(Listener())
    private let state = Monitor(State())
    private let rate = Guarded(RateLimit())
    private let bytesCopied: Counter

    init(
        directories: LogDirectories, threads: Int, clock: Clock, metrics: Metrics, log: Log,
        bytesPerSecond: @escaping @Sendable () -> Int64
    ) {
        self.directories = directories
        threadsMax = max(1, threads)
        self.clock = clock
        self.log = log
        self.bytesPerSecond = bytesPerSecond
        bytesCopied = metrics.counter(
            "skafka_directory_move_bytes_total", help: "Bytes copied between log directories.")
        metrics.gauge("skafka_directory_moves", help: "Partitions on their way into another log directory.") {
            [state] in
            state.withLock { Double($0.journeys.count + $0.running) }
        }
    }

    /// Whom to tell of a partition that is in its new directory; no lock is held then.
    func whenArrived(_ body: @escaping @Sendable (Partition) -> Void) { listener.withLock { $0.arrived = body } }

    /// What was submitted before waits until now.
    func begin() {
        state.update { state in
            state.hasBegun = true
            startThreads(&state)
        }
    }

    func submit(_ partition: Partition, _ move: Move) {
        log.info("Moving \(partition.name) to \(move.home.path)")
        put(Journey(partition: partition, move: move, began: clock.now, due: clock.now))
    }

    /// Ends the copying where it is; the next start of the broker goes on with it.
    func stop() {
        let threads = state.update { state in
            state.isStopping = true
            defer { state.threads = [] }
            return state.threads
        }
        for thread in threads { thread.join() }
    }

    private func put(_ journey: Journey) {
        state.update { state in
            state.journeys.append(journey)
            startThreads(&state)
        }
    }

    private func startThreads(_ state: inout State) {
        guard state.hasBegun, !state.isStopping else { return }
        while state.threads.count < threadsMax, state.threads.count < state.journeys.count + state.running {
            state.threads.append(Thread(name: "dir-move-\(state.threads.count)") { [self] in run() })
        }
    }

    private func run() {
        var buffer = ByteWriter()
        while var journey = next() {
            let isOver = travel(&journey, &buffer)
            buffer.clear(keepingAtMost: Self.pieceBytesMax)
            state.update { state in
                state.running -= 1
                if !isOver { state.journeys.append(journey) }
            }
        }
    }

    /// Waits for something to do; nil at the end.
    private func next() -> Journey? {
        while true {
            let now = clock.now
            let (journey, wait) = state.withLock { state -> (Journey?, Duration?) in
                if state.isStopping { return (nil, nil) }
                guard let first = state.journeys.indices.min(by: { state.journeys[$0].due < state.journeys[$1].due })
                else { return (nil, .seconds(3600)) }
                guard state.journeys[first].due <= now else { return (nil, state.journeys[first].due - now) }
                state.running += 1
                return (state.journeys.remove(at: first), nil)
            }
            if let journey { return journey }
            guard let wait else { return nil }
            let known = state.withLock { $0.journeys.count }
            _ = state.wait(milliseconds: max(1, wait.wholeMilliseconds)) {
                $0.isStopping || $0.journeys.count > known ? true : nil
            }
        }
    }

    /// One turn of a partition; whether its move is over.
    private func travel(_ journey: inout Journey, _ buffer: inout ByteWriter) -> Bool {
        var left = Self.turnBytesMax
        while left > 0, !state.withLock({ $0.isStopping }) {
            let allowed = bytesPerSecond()
            let piece = Int(clamping: max(1, min(Int64(Self.pieceBytesMax), allowed)))
            let step = journey.partition.advance(
                journey.move, pieceBytes: piece, &buffer, directories, now: clock.timestamp)
            switch step {
            case .copied(let count):
                left -= max(count, 1)
                journey.bytes += count
                bytesCopied.add(count)
                pause(for: count, journey.move)
            case .wait(let duration):
                journey.due = clock.now + duration
                return false
            case .arrived(let path):
                let milliseconds = max(1, (clock.now - journey.began).wholeMilliseconds)
                log.info(
                    "Moved \(journey.partition.name) from \(path) to \(journey.move.home.path): \(journey.bytes) bytes in "
                        + "\(milliseconds) ms")
                listener.withLock { $0 }.arrived?(journey.partition)
                return true
            case .ended(let reason):
                let name = journey.partition.name
                if let reason {
                    log.error("The move of \(name) to \(journey.move.home.path) has ended: \(reason)")
                } else {
                    log.info("The move of \(name) to \(journey.move.home.path) has ended")
                }
                return true
            }
        }
        journey.due = clock.now
        return false
    }

    private static let pauseMax = Duration.milliseconds(100)

    /// Holds the copying back to what is allowed. Another rate counts at once, and what went at the old one is forgotten.
    private func pause(for bytes: Int, _ move: Move) {
        let allowed = bytesPerSecond()
        guard allowed < .max else { return }
        var left = rate.withLock { $0.moved(bytes, bytesPerSecond: Double(allowed), now: clock.now) }
        while left > .zero, !move.isOver {
            let step = min(left, Self.pauseMax)
            let isStopping = state.wait(milliseconds: max(1, step.wholeMilliseconds)) { $0.isStopping ? true : nil }
            if isStopping == true { return }
            left -= step
            guard bytesPerSecond() != allowed else { continue }
            rate.withLock { $0 = RateLimit() }
            return
        }
    }
}
