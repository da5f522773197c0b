/// The newest of the records that were read, already as text.
struct ConsoleTail {
    private let count: Int
    private var bySlot: [Int: [Entry]] = [:]

    private struct Entry {
        let timestamp: Int64
        let text: [UInt8]
    }

    init(count: Int) { self.count = count }

    mutating func add(timestamp: Int64, slot: Int, _ text: [UInt8]) {
        var entries = bySlot[slot, default: []]
        bySlot[slot] = nil
        entries.append(Entry(timestamp: timestamp, text: text))
        if entries.count >= 2 * max(count, 1) { entries.removeFirst(entries.count - count) }
        bySlot[slot] = entries
    }

    /// In the order of their times; records of one partition stay in the order of their offsets.
    var newest: [[UInt8]] {
        var queues = bySlot.sorted { $0.key < $1.key }.map { $0.value.suffix(count) }
        var merged: [[UInt8]] = []
        while true {
            var earliest: Int?
            for (index, queue) in queues.enumerated() {
                guard let entry = queue.first else { continue }
                if let chosen = earliest, let other = queues[chosen].first, other.timestamp <= entry.timestamp {
                    continue
                }
                earliest = index
            }
            guard let earliest, let entry = queues[earliest].popFirst() else { return merged.suffix(count) }
            merged.append(entry.text)
        }
    }
}
