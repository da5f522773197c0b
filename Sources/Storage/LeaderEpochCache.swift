/// Which leader wrote which part of the log: for each leader epoch the offset of its first record, ascending in both.
/// It tells a follower where it must cut off what a dead leader wrote alone (KIP-101, KIP-279, KIP-320).
public struct LeaderEpochCache: Sendable, Equatable {
    public struct Entry: Hashable, Sendable {
        public let epoch: Int32
        public let startOffset: Int64

        public init(epoch: Int32, startOffset: Int64) {
            self.epoch = epoch
            self.startOffset = startOffset
        }
    }

    public private(set) var entries: [Entry]
    /// Changed since it was last written to its file.
    var isDirty = false

    public init(_ entries: [Entry] = []) {
        self.entries = []
        for entry in entries { assign(entry.epoch, startOffset: entry.startOffset) }
        isDirty = false
    }

    public var latest: Entry? { entries.last }
    public var earliest: Entry? { entries.first }

    /// Notes that an epoch starts at an offset. Entries that contradict it, later epochs or later offsets, go.
    public mutating func assign(_ epoch: Int32, startOffset: Int64) {
        if let last = entries.last, last.epoch == epoch, startOffset >= last.startOffset { return }
        guard epoch >= 0, startOffset >= 0 else { return }
        while let last = entries.last, last.epoch >= epoch || last.startOffset >= startOffset { entries.removeLast() }
        entries.append(Entry(epoch: epoch, startOffset: startOffset))
        isDirty = true
    }

    /// The last offset of an epoch, exclusive, and the epoch it really belongs to; nil where nothing is known.
    public func endOffset(for epoch: Int32, logEndOffset: Int64) -> Entry? {
        guard epoch >= 0, let last = entries.last else { return nil }
        if epoch == last.epoch { return Entry(epoch: epoch, startOffset: logEndOffset) }
        guard let higher = entries.firstIndex(where: { $0.epoch > epoch }) else { return nil }
        let owner = higher == 0 ? epoch : entries[higher - 1].epoch
        return Entry(epoch: owner, startOffset: entries[higher].startOffset)
    }

    /// The epoch that wrote an offset.
    public func epoch(at offset: Int64) -> Int32? { entries.last { $0.startOffset <= offset }?.epoch }

    /// The log ends here now; epochs that would start at its end or behind it never wrote anything.
    mutating func truncateFromEnd(_ endOffset: Int64) {
        while let last = entries.last, last.startOffset >= endOffset {
            entries.removeLast()
            isDirty = true
        }
    }

    /// The log starts here now; the epoch that wrote this offset starts with it.
    mutating func truncateFromStart(_ startOffset: Int64) {
        guard let first = entries.lastIndex(where: { $0.startOffset <= startOffset }) else { return }
        let kept = Entry(epoch: entries[first].epoch, startOffset: startOffset)
        guard first > 0 || entries[0] != kept else { return }
        entries.replaceSubrange(0...first, with: [kept])
        isDirty = true
    }

    mutating func removeAll() {
        guard !entries.isEmpty else { return }
        entries = []
        isDirty = true
    }
}

extension LeaderEpochCache {
    static let fileName = "leader-epoch-checkpoint"

    /// The text of the file: version, count, and a line an epoch.
    public var text: String { CheckpointText.encode(entries.map { "\($0.epoch) \($0.startOffset)" }) }

    /// Nil when the text is no such file.
    public init?(_ text: String) {
        guard let lines = CheckpointText.decode(text) else { return nil }
        var entries: [Entry] = []
        for line in lines {
            let words = line.split(separator: " ")
            guard words.count == 2, let epoch = Int32(words[0]), let offset = Int64(words[1]) else { return nil }
            entries.append(Entry(epoch: epoch, startOffset: offset))
        }
        self.init(entries)
    }
}
