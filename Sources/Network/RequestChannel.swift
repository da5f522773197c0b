import Posix

/// The queue between loops and the threads that do what may block, bounded, first in first out. Threads start when
/// there is work for them and no other thread is free.
public final class RequestChannel: Sendable {
    public typealias Job = @Sendable () -> Void

    private struct State {
        var queue: [Job?] = []
        var head = 0
        var threadsMax: Int
        var capacity: Int
        var idle = 0
        var running = 0
        var started = 0
        var threads: [Int: Thread] = [:]
        /// Threads that ended and wait to be joined.
        var ended: [Thread] = []
        var isStopped = false

        var depth: Int { queue.count - head }

        mutating func take() -> Job? {
            guard head < queue.count else { return nil }
            let job = queue[head]
            queue[head] = nil
            head += 1
            if head == queue.count || head > 1024 {
                queue.removeFirst(head)
                head = 0
            }
            return job
        }
    }

    private enum Next {
        case job(Job)
        case end
    }

    private let name: String
    private let state: Monitor<State>

    public init(name: String = "request", threads: Int, capacity: Int) {
        self.name = name
        state = Monitor(State(threadsMax: max(1, threads), capacity: max(1, capacity)))
    }

    /// False when the queue is full or the channel was stopped; then the job will not run. What must not be lost is
    /// urgent, and finds room in a full queue.
    public func submit(isUrgent: Bool = false, _ job: @escaping Job) -> Bool {
        state.updateForOne { state in
            guard !state.isStopped, isUrgent || state.depth < state.capacity else { return false }
            state.queue.append(job)
            if state.idle < state.depth && state.running < state.threadsMax { startThread(&state) }
            return true
        }
    }

    /// How many jobs wait.
    public var depth: Int { state.withLock { $0.depth } }

    /// How many threads there are.
    public var threadCount: Int { state.withLock { $0.running } }

    /// Changes how many threads there may be; those that are too many end after their job.
    public func resize(threads: Int) {
        let ended = state.update { state in
            state.threadsMax = max(1, threads)
            let wanted = min(state.threadsMax - state.running, state.depth - state.idle)
            for _ in 0..<max(0, wanted) { startThread(&state) }
            defer { state.ended = [] }
            return state.ended
        }
        for thread in ended { thread.join() }
    }

    /// Takes no more jobs, does those that wait, and joins the threads. Not to be called by a job.
    public func stop() {
        state.update { $0.isStopped = true }
        let threads = state.wait { state -> [Thread]? in
            guard state.running == 0 else { return nil }
            defer { state.ended = [] }
            return state.ended
        }
        for thread in threads { thread.join() }
    }

    private func startThread(_ state: inout State) {
        let number = state.started
        state.started += 1
        state.running += 1
        state.threads[number] = Thread(name: "\(name)-\(number)") { [self] in run(number) }
    }

    private func run(_ number: Int) {
        while true {
            state.withLock { $0.idle += 1 }
            let next = state.wait { state -> Next? in
                if state.running > state.threadsMax { return end(number, &state) }
                if let job = state.take() {
                    state.idle -= 1
                    return .job(job)
                }
                return state.isStopped ? end(number, &state) : nil
            }
            switch next {
            case .job(let job): job()
            case .end:
                // Whoever resizes or stops waits for this.
                state.update { _ in }
                return
            }
        }
    }

    /// Counts a thread out in the same breath in which it decides to end, so that no more end than are too many.
    private func end(_ number: Int, _ state: inout State) -> Next {
        state.idle -= 1
        state.running -= 1
        if let thread = state.threads.removeValue(forKey: number) { state.ended.append(thread) }
        return .end
    }
}
