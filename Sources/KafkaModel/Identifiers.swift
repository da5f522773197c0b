/// The number of a broker, unique in its cluster. `-1` means none: no leader, no replica.
public struct BrokerID: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int32

    @inlinable public init(rawValue: Int32) { self.rawValue = rawValue }
    @inlinable public init(_ rawValue: Int32) { self.rawValue = rawValue }

    public static let none = BrokerID(-1)

    public static func < (left: BrokerID, right: BrokerID) -> Bool { left.rawValue < right.rawValue }
    public var description: String { String(rawValue) }
}

/// A partition by the name of its topic, as people write it: `orders-3`.
public struct TopicPartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let topic: String
    public let partition: Int32

    @inlinable public init(_ topic: String, _ partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    public var description: String { "\(topic)-\(partition)" }
}
