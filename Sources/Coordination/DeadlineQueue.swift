public import Timing

/// One deadline for each name. Putting a deadline off, which is what every heartbeat does, costs a look into a table: the
/// heap keeps the old one, and finds out when it comes up. What is taken back stays in the heap as a husk until then.
public struct DeadlineQueue<Name: Hashable & Sendable>: Sendable {
    private struct Entry: Sendable {
        var deadline: Instant
        let name: Name
    }

    private struct Place: Sendable {
        var deadline: Instant
        /// The one entry of the heap that counts; earlier than the deadline after that was put off.
        var queued: Instant
    }

    private var heap: [Entry] = []
    private var places: [Name: Place] = [:]

    public init() {}

    public var count: Int { places.count }
    public var isEmpty: Bool { places.isEmpty }

    /// The first deadline, or an earlier time: somebody who wakes then finds nothing to do and a later one.
    public var nextWake: Instant? { heap.first?.deadline }

    public func deadline(of name: Name) -> Instant? { places[name]?.deadline }

    public mutating func schedule(_ name: Name, at deadline: Instant) {
        if let place = places[name], place.queued <= deadline {
            places[name] = Place(deadline: deadline, queued: place.queued)
            return
        }
        places[name] = Place(deadline: deadline, queued: deadline)
        heap.append(Entry(deadline: deadline, name: name))
        siftUp(heap.count - 1)
        if heap.count > 64, heap.count > 2 * places.count { rebuild() }
    }

    public mutating func cancel(_ name: Name) {
        guard places.removeValue(forKey: name) != nil else { return }
        if places.isEmpty { heap = [] }
    }

    public mutating func removeAll() {
        heap = []
        places = [:]
    }

    /// Takes one whose time has come.
    public mutating func takeDue(_ now: Instant) -> Name? {
        while let first = heap.first, first.deadline <= now {
            guard let place = places[first.name], place.queued == first.deadline else {
                removeFirst()
                continue
            }
            guard place.deadline <= now else {
                heap[0].deadline = place.deadline
                places[first.name] = Place(deadline: place.deadline, queued: place.deadline)
                siftDown(0)
                continue
            }
            removeFirst()
            places[first.name] = nil
            return first.name
        }
        return nil
    }

    private mutating func rebuild() {
        heap = places.map { Entry(deadline: $1.deadline, name: $0) }
        for (name, place) in places { places[name] = Place(deadline: place.deadline, queued: place.deadline) }
        for index in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
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
