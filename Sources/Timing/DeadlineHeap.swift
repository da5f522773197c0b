/// What comes first by its deadline: a binary heap. It knows of no cancelling; whoever takes things back keeps a table
/// beside it and recognises the husks.
public struct DeadlineHeap<Item> {
    public struct Entry {
        public let deadline: Instant
        public let item: Item
    }

    private var entries: [Entry] = []

    public init() {}

    public var count: Int { entries.count }
    public var first: Entry? { entries.first }

    public mutating func insert(_ item: Item, at deadline: Instant) {
        entries.append(Entry(deadline: deadline, item: item))
        siftUp(entries.count - 1)
    }

    public mutating func removeFirst() {
        guard !entries.isEmpty else { return }
        entries.swapAt(0, entries.count - 1)
        entries.removeLast()
        siftDown(0)
    }

    public mutating func removeAll() { entries = [] }

    public mutating func removeAll(where isHusk: (Item) -> Bool) {
        entries.removeAll { isHusk($0.item) }
        for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { siftDown(index) }
    }

    private mutating func siftUp(_ start: Int) {
        var child = start
        while child > 0 {
            let parent = (child - 1) / 2
            guard entries[child].deadline < entries[parent].deadline else { return }
            entries.swapAt(child, parent)
            child = parent
        }
    }

    private mutating func siftDown(_ start: Int) {
        var parent = start
        while true {
            var smallest = parent
            for child in (2 * parent + 1)..<(2 * parent + 3) where child < entries.count {
                if entries[child].deadline < entries[smallest].deadline { smallest = child }
            }
            guard smallest != parent else { return }
            entries.swapAt(parent, smallest)
            parent = smallest
        }
    }
}

extension DeadlineHeap: Sendable where Item: Sendable {}
extension DeadlineHeap.Entry: Sendable where Item: Sendable {}
