public import Timing

/// One deadline for each name. Putting a deadline off, which is what every heartbeat does, costs a look into a table: the
/// heap keeps the old one, and finds out when it comes up. What is taken back stays in the heap as a husk until then.
public struct DeadlineQueue<Name: Hashable & Sendable>: Sendable {
    private struct Place: Sendable {
        var deadline: Instant
        /// The one entry of the heap that counts; earlier than the deadline after that was put off.
        var queued: Instant
    }

    private var heap = DeadlineHeap<Name>()
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
        queue(name, at: deadline)
        if heap.count > 64, heap.count > 2 * places.count { rebuild() }
    }

    public mutating func cancel(_ name: Name) {
        guard places.removeValue(forKey: name) != nil else { return }
        if places.isEmpty { heap.removeAll() }
    }

    public mutating func removeAll() {
        heap.removeAll()
        places = [:]
    }

    /// Takes one whose time has come.
    public mutating func takeDue(_ now: Instant) -> Name? {
        while let first = heap.first, first.deadline <= now {
            heap.removeFirst()
            guard let place = places[first.item], place.queued == first.deadline else { continue }
            guard place.deadline <= now else {
                queue(first.item, at: place.deadline)
                continue
            }
            places[first.item] = nil
            return first.item
        }
        return nil
    }

    private mutating func queue(_ name: Name, at deadline: Instant) {
        places[name] = Place(deadline: deadline, queued: deadline)
        heap.insert(name, at: deadline)
    }

    private mutating func rebuild() {
        heap.removeAll()
        for (name, place) in places { queue(name, at: place.deadline) }
    }
}
