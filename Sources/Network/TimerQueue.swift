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

    private struct Entry {
        let deadline: Instant
        let id: UInt64
    }

    private var heap: [Entry] = []
    private var jobs: [UInt64: Job] = [:]

    var count: Int { jobs.count }
    var isEmpty: Bool { jobs.isEmpty }

    mutating func insert(_ token: TimerToken, at deadline: Instant, _ job: @escaping Job) {
        jobs[token.id] = job
        heap.append(Entry(deadline: deadline, id: token.id))
        siftUp(heap.count - 1)
    }

    mutating func cancel(_ token: TimerToken) {
        guard jobs.removeValue(forKey: token.id) != nil else { return }
        if heap.count > 64 && heap.count > jobs.count * 2 {
            rebuild()
        } else if heap[0].id == token.id {
            removeHusks()
        }
    }

    /// The earliest deadline of a job that was not cancelled.
    var nextDeadline: Instant? { heap.first?.deadline }

    /// Takes one job whose time has come.
    mutating func takeDue(_ now: Instant) -> Job? {
        guard let first = heap.first, first.deadline <= now else { return nil }
        let job = jobs.removeValue(forKey: first.id)
        removeHusks()
        return job
    }

    private mutating func rebuild() {
        heap.removeAll { jobs[$0.id] == nil }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    private mutating func removeHusks() {
        while let first = heap.first, jobs[first.id] == nil { removeFirst() }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        siftDown(0)
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].deadline < heap[parent].deadline else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in (2 * parent + 1)..<(2 * parent + 3) where child < heap.count {
                if heap[child].deadline < heap[smallest].deadline { smallest = child }
            }
            guard smallest != parent else { return }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
