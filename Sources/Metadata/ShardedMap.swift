/// A dictionary that is cheap to copy and change: a fixed number of small dictionaries, of which a change after a copy
/// duplicates one. An image of ten thousand topics gives way to the next for the price of a few dozen entries.
///
/// Iteration follows no order; whoever prints or writes sorts.
public struct ShardedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var shards: [[Key: Value]]
    public private(set) var count = 0

    private static var shardCount: Int { 128 }

    public init() { shards = [] }

    public var isEmpty: Bool { count == 0 }

    public subscript(key: Key) -> Value? {
        get { shards.isEmpty ? nil : shards[Self.shard(of: key)][key] }
        set {
            if shards.isEmpty {
                guard newValue != nil else { return }
                shards = Array(repeating: [:], count: Self.shardCount)
            }
            let shard = Self.shard(of: key)
            let before = shards[shard].count
            shards[shard][key] = newValue
            count += shards[shard].count - before
        }
    }

    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        guard !shards.isEmpty else { return nil }
        let removed = shards[Self.shard(of: key)].removeValue(forKey: key)
        if removed != nil { count -= 1 }
        return removed
    }

    /// Changes a value where it is, without copying it out. Answers nil when there is none.
    public mutating func update<Result, E: Error>(
        _ key: Key, _ body: (inout Value) throws(E) -> Result
    ) throws(E) -> Result? {
        guard !shards.isEmpty else { return nil }
        let shard = Self.shard(of: key)
        guard let index = shards[shard].index(forKey: key) else { return nil }
        return try body(&shards[shard].values[index])
    }

    public func forEach<E: Error>(_ body: (Key, Value) throws(E) -> Void) throws(E) {
        for shard in shards {
            for (key, value) in shard { try body(key, value) }
        }
    }

    public var keys: [Key] { shards.flatMap { $0.keys } }
    public var values: [Value] { shards.flatMap { $0.values } }

    private static func shard(of key: Key) -> Int {
        // The upper bits: the dictionary inside chooses its bucket by the lower ones.
        Int(truncatingIfNeeded: UInt(bitPattern: key.hashValue) >> 57) & (shardCount - 1)
    }
}

extension ShardedMap: Equatable where Value: Equatable {}
