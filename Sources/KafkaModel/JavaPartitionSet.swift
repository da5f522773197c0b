/// Numbers of partitions of one topic, of which the first is the one that Java's HashSet of TopicPartition gives first.
/// The sticky assignor moves that one, so that the choice shows.
public struct JavaPartitionSet: Sendable {
    private let topicHash: UInt32
    /// In the order in which they came.
    private var partitions: [Int32] = []
    /// A set never shrinks, and its order depends on how large it is.
    private var peak = 0

    public init(of topic: String) { topicHash = JavaHashOrder.hash(topic) }

    public var isEmpty: Bool { partitions.isEmpty }

    public mutating func insert(_ partition: Int32) {
        guard !partitions.contains(partition) else { return }
        partitions.append(partition)
        peak = max(peak, partitions.count)
    }

    public mutating func remove(_ partition: Int32) { partitions.removeAll { $0 == partition } }

    public var first: Int32? {
        let buckets = JavaHashOrder.buckets(for: peak, room: nil)
        func bucket(_ partition: Int32) -> Int {
            let hash = (31 &+ UInt32(bitPattern: partition)) &* 31 &+ topicHash
            return JavaHashOrder.bucket(of: hash, among: buckets)
        }
        return partitions.min { bucket($0) < bucket($1) }
    }
}
