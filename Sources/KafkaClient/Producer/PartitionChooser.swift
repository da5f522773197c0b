/// Which partition of a topic a record goes to that names none. It decides for one topic; whoever owns it tells how long
/// the queues are and how much was appended.
///
/// With a key: by its hash over all partitions, so that a key keeps its partition. Without: the same partition until
/// about a batch has gone there, then another at random, in which partitions with short queues come up more often
/// (KIP-794).
struct PartitionChooser: Sendable {
    enum Strategy: Sendable, Equatable {
        case sticky
        case roundRobin
    }

    /// What is known of one partition when a choice is made.
    struct Load: Sendable {
        var queuedBatches: Int
        /// It has a leader, which takes requests.
        var isAvailable: Bool
    }

    let strategy: Strategy
    let ignoresKeys: Bool
    let isAdaptive: Bool
    /// Bytes after which the partition changes.
    let stickyBytes: Int

    private var random: RandomSequence
    private var next: UInt32
    private var current: Int32?
    private var bytesInCurrent = 0

    init(_ strategy: Strategy, ignoresKeys: Bool, isAdaptive: Bool, stickyBytes: Int, seed: UInt64) {
        self.strategy = strategy
        self.ignoresKeys = ignoresKeys
        self.isAdaptive = isAdaptive
        self.stickyBytes = stickyBytes
        random = RandomSequence(seed: seed)
        next = UInt32(truncatingIfNeeded: random.next())
    }

    /// Whether the key decides.
    func isDecided(byKey hasKey: Bool) -> Bool { hasKey && !ignoresKeys && strategy == .sticky }

    /// The partition of the next record that no key decides about, as long as it need not be chosen.
    var settled: Int32? { strategy == .sticky ? current : nil }

    /// Chooses it.
    mutating func partition(_ loads: [Load]) -> Int32 {
        switch strategy {
        case .roundRobin:
            defer { next &+= 1 }
            let available = loads.indices.filter { loads[$0].isAvailable }
            if available.isEmpty { return Int32(truncatingIfNeeded: Int(next & 0x7fff_ffff) % loads.count) }
            return Int32(truncatingIfNeeded: available[Int(next & 0x7fff_ffff) % available.count])
        case .sticky:
            let chosen = choose(loads)
            current = chosen
            return chosen
        }
    }

    /// A record was appended to the sticky partition.
    ///
    /// - Parameter endsBatch: no batch of it is open, so that a change leaves none half full.
    mutating func appended(_ bytes: Int, endsBatch: Bool) {
        bytesInCurrent += bytes
        if bytesInCurrent >= stickyBytes && endsBatch || bytesInCurrent >= stickyBytes * 2 { forget() }
    }

    /// The sticky partition is no good any more.
    mutating func forget() {
        current = nil
        bytesInCurrent = 0
    }

    private mutating func choose(_ loads: [Load]) -> Int32 {
        let available = loads.indices.filter { loads[$0].isAvailable }
        let candidates = available.isEmpty ? Array(loads.indices) : available
        guard isAdaptive, candidates.count > 1 else {
            return Int32(truncatingIfNeeded: candidates[random.below(candidates.count)])
        }
        let longest = candidates.reduce(0) { max($0, loads[$1].queuedBatches) }
        let weights = candidates.map { longest + 1 - loads[$0].queuedBatches }
        var point = random.below(weights.reduce(0, +))
        for (candidate, weight) in zip(candidates, weights) {
            if point < weight { return Int32(truncatingIfNeeded: candidate) }
            point -= weight
        }
        preconditionFailure("the point lies within the sum of the weights")
    }
}

/// Numbers that look random, the same for the same seed (xorshift64*).
struct RandomSequence: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed == 0 ? 0x9e37_79b9_7f4a_7c15 : seed }

    static var unpredictable: RandomSequence { RandomSequence(seed: UInt64.random(in: 1...UInt64.max)) }

    mutating func next() -> UInt64 {
        state ^= state &>> 12
        state ^= state &<< 25
        state ^= state &>> 27
        return state &* 0x2545_f491_4f6c_dd1d
    }

    mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: (next() &>> 33) % UInt64(bound)) }

    /// Between 0.8 and 1.2, so that clients do not try again all at once.
    mutating func jitter() -> Double { 0.8 + Double(next() &>> 40) / Double(1 << 24) * 0.4 }
}
