/// Stretches in the order they came.
struct StretchQueue {
    private var stretches: [FetchedStretch?] = []
    private var head = 0

    /// Places in front that are kept empty at most, before the others move up.
    private static let emptyMax = 64

    var isEmpty: Bool { head == stretches.count }

    mutating func append(_ stretch: FetchedStretch) { stretches.append(stretch) }

    mutating func popFirst() -> FetchedStretch? {
        guard head < stretches.count else { return nil }
        defer { tidy() }
        defer { head += 1 }
        return stretches[head].take()
    }

    /// Takes some out, in their order.
    mutating func remove(where isMeant: (FetchedStretch) -> Bool) -> [FetchedStretch] {
        let all = stretches[head...].compactMap { $0 }
        stretches = all.filter { !isMeant($0) }
        head = 0
        return all.filter(isMeant)
    }

    private mutating func tidy() {
        guard head > Self.emptyMax || head == stretches.count else { return }
        stretches.removeFirst(head)
        head = 0
    }
}
