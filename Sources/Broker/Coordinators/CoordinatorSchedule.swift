import Coordination
import Posix
import Timing

/// One thread that wakes the shards of all coordinators when a timer of theirs is due. Shards keep their timers
/// themselves; here is only when the next one of each is to be looked at.
final class CoordinatorSchedule: Sendable {
    /// Looks at the timers of a shard that are due; returns when to come again.
    typealias Target = @Sendable () -> Instant?

    private struct State {
        var targets: [Int: Wakeable] = [:]
        var nextID = 0
        var queue = DeadlineQueue<Int>()
        var isStopping = false
    }

    private struct Wakeable {
        let wake: Target
    }

    private enum Next {
        case wake(Int, Wakeable)
        case waitAnew
        case end
    }

    private let state = Monitor(State())
    private let clock: Clock
    private let thread = Guarded<Thread?>(nil)

    init(clock: Clock) { self.clock = clock }

    func begin() {
        thread.withLock { thread in
            guard thread == nil else { return }
            thread = Thread(name: "coordinators") { [self] in run() }
        }
    }

    /// Names a shard, for `wake`.
    func add(_ target: @escaping Target) -> Int {
        state.withLock { state in
            state.nextID += 1
            state.targets[state.nextID] = Wakeable(wake: target)
            return state.nextID
        }
    }

    func remove(_ id: Int) {
        state.withLock { state in
            state.targets[id] = nil
            state.queue.cancel(id)
        }
    }

    /// The shard wants to be looked at, at this time or before.
    func wake(_ id: Int, at deadline: Instant) {
        let isFirst = state.withLock { state in
            guard state.targets[id] != nil else { return false }
            if let known = state.queue.deadline(of: id), known <= deadline { return false }
            let first = state.queue.nextWake
            state.queue.schedule(id, at: deadline)
            return first.map { deadline < $0 } ?? true
        }
        // Nearly every event puts a deadline off; the thread is woken for the few that bring one forward.
        if isFirst { state.updateForOne { _ in } }
    }

    /// Looks at the clock again: one that is set by hand has moved.
    func clockMoved() { state.update { _ in } }

    func stop() {
        state.update { $0.isStopping = true }
        thread.withLock { thread in
            thread?.join()
            thread = nil
        }
    }

    private static let longestWait = Duration.seconds(60)

    private func run() {
        while true {
            let now = clock.now
            let until = state.withLock { min($0.queue.nextWake ?? now + Self.longestWait, now + Self.longestWait) }
            let next = state.wait(milliseconds: (until - now).wholeMilliseconds + 1) { state -> Next? in
                if state.isStopping { return .end }
                if let id = state.queue.takeDue(clock.now), let target = state.targets[id] { return .wake(id, target) }
                // Somebody wants to be looked at earlier than was known when the wait began.
                if let first = state.queue.nextWake, first < until { return .waitAnew }
                return nil
            }
            switch next {
            case .wake(let id, let target):
                if let again = target.wake() { wake(id, at: again) }
            case .waitAnew, nil: break
            case .end: return
            }
        }
    }
}
