import Posix

/// The last offset of each key in the dirty part of a log: an open-addressing table of 24 bytes an entry, 16 for the
/// hash that stands for the key and 8 for the offset, in one piece of memory that is given back with the map.
///
/// An entry that is free is all zero, as the memory comes; the offset is stored inverted, so no taken one looks like it.
/// Probing goes to the next entry, which is in the same cache line or the one behind it.
struct KeyMap: ~Copyable {
    static let entryBytes = 24
    private static let wordsPerEntry = 3

    private var memory: AnonymousMemory
    private let slots: Int
    private let seed: KeyHash.Seed
    /// So many keys may be in it; more make probing slow.
    let capacity: Int
    private(set) var count = 0

    /// - Parameters:
    ///   - bytes: how much memory it may take.
    ///   - entriesMax: more keys than this there cannot be, so no more memory is asked for.
    init(
        bytes: Int, loadFactor: Double, entriesMax: Int64 = .max, seed: KeyHash.Seed = .random()
    ) throws(SystemError) {
        let factor = min(max(loadFactor, 0.01), 0.99)
        let wanted = Double(entriesMax) / factor + 2
        slots = max(2, min(bytes / Self.entryBytes, wanted < 1e15 ? Int(wanted) : .max))
        capacity = max(1, min(Int(Double(slots) * factor), slots - 1))
        memory = try AnonymousMemory(words: slots * Self.wordsPerEntry)
        self.seed = seed
    }

    var isFull: Bool { count >= capacity }
    var utilization: Double { Double(count) / Double(slots) }

    /// Notes that a key was written at an offset. False: there is no room for another key.
    @inline(__always)
    mutating func put(_ key: RawSpan, _ offset: Int64) -> Bool {
        let hash = KeyHash(key, seed)
        var word = firstWord(of: hash)
        while memory[word &+ 2] != 0 {
            if memory[word] == hash.low && memory[word &+ 1] == hash.high {
                memory[word &+ 2] = UInt64(bitPattern: ~offset)
                return true
            }
            word = next(word)
        }
        guard count < capacity else { return false }
        memory[word] = hash.low
        memory[word &+ 1] = hash.high
        memory[word &+ 2] = UInt64(bitPattern: ~offset)
        count &+= 1
        return true
    }

    /// The last offset of a key, or -1.
    @inline(__always)
    func offset(of key: RawSpan) -> Int64 {
        let hash = KeyHash(key, seed)
        var word = firstWord(of: hash)
        while true {
            let stored = memory[word &+ 2]
            if stored == 0 { return -1 }
            if memory[word] == hash.low && memory[word &+ 1] == hash.high { return ~Int64(bitPattern: stored) }
            word = next(word)
        }
    }

    @inline(__always)
    private func firstWord(of hash: KeyHash) -> Int {
        // The high half of the product is the hash scaled to the number of slots.
        Int(truncatingIfNeeded: hash.high.multipliedFullWidth(by: UInt64(slots)).high) &* Self.wordsPerEntry
    }

    @inline(__always)
    private func next(_ word: Int) -> Int {
        let next = word &+ Self.wordsPerEntry
        return next == slots &* Self.wordsPerEntry ? 0 : next
    }
}
