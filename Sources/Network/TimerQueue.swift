import Timing

/// Names a scheduled job, to cancel it.
public struct TimerToken: Hashable, Sendable {
    let id: UInt64
}

/// Jobs by deadline: a binary heap of deadlines, and the jobs beside it. Cancelling forgets the job and leaves its
/// deadline in the heap; when more than half of the heap is such husks it is built anew, so cancelling costs O(1). The
/// first of the heap is never a husk, so asking for the next deadline costs nothing.
struct TimerQueue {
    typealias Job = @Sendable () -> Void

    private var heap = DeadlineHeap<UInt64>()
    private var jobs: [UInt64: Job] = [:]

    var count: Int { jobs.count }
    var isEmpty: Bool { jobs.isEmpty }

    mutating func insert(_ token: TimerToken, at deadline: Instant, _ job: @escaping Job) {
        jobs[token.id] = job
        heap.insert(token.id, at: deadline)
    }

    mutating func cancel(_ token: TimerToken) {
        guard jobs.removeValue(forKey: token.id) != nil else { return }
        if heap.count > 64 && heap.count > jobs.count * 2 {
            heap.removeAll { jobs[$0] == nil }
        } else if heap.first?.item == token.id {
            removeHusks()
        }
    }

    /// The earliest deadline of a job that was not cancelled.
    var nextDeadline: Instant? { heap.first?.deadline }

    /// Takes one job whose time has come.
    mutating func takeDue(_ now: Instant) -> Job? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let job = jobs.removeValue(forKey: first.item)
        removeHusks()
        return job
    }

    private mutating func removeHusks() {
        while let first = heap.first, jobs[first.item] == nil { heap.removeFirst() }
    }
}
