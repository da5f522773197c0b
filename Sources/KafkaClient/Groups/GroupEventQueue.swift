import KafkaModel

/// The changes that the application's thread has to carry out, one after the other, and what it has in consequence.
struct GroupEventQueue {
    private var waiting: [GroupEvent] = []
    /// What it is just carrying out.
    private var running: GroupEvent?
    /// What the application has, as far as it was told.
    private(set) var told: Set<TopicPartition> = []

    /// Everything was carried out.
    var isEmpty: Bool { waiting.isEmpty && running == nil }
    var hasNext: Bool { !waiting.isEmpty && running == nil }

    mutating func append(_ event: GroupEvent) { waiting.append(event) }

    mutating func take() -> GroupEvent? {
        guard hasNext else { return nil }
        let event = waiting.removeFirst()
        running = event
        return event
    }

    mutating func done() {
        switch running {
        case .revoked(let partitions), .lost(let partitions): told.subtract(partitions)
        case .assigned(let partitions): told.formUnion(partitions)
        case nil: break
        }
        running = nil
    }

    /// What was not begun is not wanted any more.
    mutating func dropWaiting() { waiting = [] }

    /// The application gave everything back by itself.
    mutating func forgetAll() {
        waiting = []
        told = []
    }
}
