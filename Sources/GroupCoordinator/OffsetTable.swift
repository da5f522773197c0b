public import Bytes
import KafkaProtocol

/// Where a group stands in one partition.
public struct CommittedOffset: Hashable, Sendable {
    public var offset: Int64
    /// -1 where the client did not know it.
    public var leaderEpoch: Int32
    public var metadata: String
    /// In milliseconds, as in the record.
    public var commitTimestamp: Int64
    /// When it expires, where an old client has said so; else nil, and the broker's retention counts.
    public var expireTimestamp: Int64?
    /// Zero where the record does not tell it.
    public var topicID: UUID

    public init(
        offset: Int64, leaderEpoch: Int32 = -1, metadata: String = "", commitTimestamp: Int64,
        expireTimestamp: Int64? = nil, topicID: UUID = .zero
    ) {
        self.offset = offset
        self.leaderEpoch = leaderEpoch
        self.metadata = metadata
        self.commitTimestamp = commitTimestamp
        self.expireTimestamp = expireTimestamp
        self.topicID = topicID
    }

    init(_ value: OffsetCommitValue) {
        self.init(
            offset: value.offset, leaderEpoch: value.leaderEpoch, metadata: value.metadata,
            commitTimestamp: value.commitTimestamp,
            expireTimestamp: value.expireTimestamp == -1 ? nil : value.expireTimestamp, topicID: value.topicId)
    }

    init(_ value: LegacyOffsetCommitValue) {
        self.init(offset: value.offset, metadata: value.metadata, commitTimestamp: value.commitTimestamp)
    }
}

/// The offsets that groups have committed: what the offset records of the log amount to. Offsets of a transaction stand
/// beside the others until it ends.
///
/// Changes are made at once and can be taken back until `keep`.
public struct OffsetTable: Sendable {
    public typealias Partitions = [Int32: CommittedOffset]
    public typealias Topics = [String: Partitions]

    private var groups: [String: Topics] = [:]
    /// By producer id.
    private var pending: [Int64: [String: Topics]] = [:]
    /// How many open transactions have an offset of the partition, and of any of the group's.
    private var open: [String: [String: [Int32: Int]]] = [:]
    /// Topic names are shared between the groups.
    private var names: [String: String] = [:]
    private var before: [(group: String, topic: String, partition: Int32, offset: CommittedOffset?)] = []

    public init() {}

    public private(set) var count = 0

    public func topics(of group: String) -> Topics? { groups[group] }

    public func offset(_ group: String, _ topic: String, _ partition: Int32) -> CommittedOffset? {
        groups[group]?[topic]?[partition]
    }

    public func isOpen(_ group: String, _ topic: String, _ partition: Int32) -> Bool {
        open[group]?[topic]?[partition] != nil
    }

    public func hasOpen(_ group: String) -> Bool { open[group] != nil }

    /// The partitions of a group whose offsets hang on a transaction.
    public func openPartitions(of group: String) -> [(topic: String, partition: Int32)] {
        (open[group] ?? [:]).flatMap { topic, partitions in partitions.keys.map { (topic, $0) } }
    }

    /// Groups that have an offset in one of these topics, of a transaction or not.
    public func groups(in topics: Set<String>) -> [String] {
        Set(
            groups.filter { !topics.isDisjoint(with: $0.value.keys) }.keys
        ).union(open.filter { !topics.isDisjoint(with: $0.value.keys) }.keys).sorted()
    }

    /// Part of a decision: the offset counts from now on, unless it is taken back.
    public mutating func set(_ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?) {
        before.append((group, topic, partition, put(group, topic, partition, offset)))
    }

    public mutating func keep() { before.removeAll(keepingCapacity: before.count <= 64) }

    public mutating func takeBack() {
        for change in before.reversed() { _ = put(change.group, change.topic, change.partition, change.offset) }
        before = []
    }

    /// A record of the log.
    mutating func load(
        _ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?, producerID: Int64?
    ) {
        guard let offset else {
            _ = put(group, topic, partition, nil)
            dropPending(group, topic, partition)
            return
        }
        guard let producerID else {
            _ = put(group, topic, partition, offset)
            return
        }
        let topic = shared(topic)
        let replaced = pending[producerID, default: [:]][group, default: [:]][topic, default: [:]]
            .updateValue(offset, forKey: partition)
        if replaced == nil { open[group, default: [:]][topic, default: [:]][partition, default: 0] += 1 }
    }

    /// What the producer committed counts from now on, or never did.
    mutating func endTransaction(of producerID: Int64, isCommitted: Bool) {
        guard let ended = pending.removeValue(forKey: producerID) else { return }
        for (group, topics) in ended {
            for (topic, partitions) in topics {
                for (partition, offset) in partitions {
                    close(group, topic, partition)
                    if isCommitted { _ = put(group, topic, partition, offset) }
                }
            }
        }
    }

    /// A tombstone takes what transactions have of the partition as well.
    private mutating func dropPending(_ group: String, _ topic: String, _ partition: Int32) {
        guard isOpen(group, topic, partition) else { return }
        for producerID in Array(pending.keys) {
            let removed = pending[producerID]?[group]?[topic]?.removeValue(forKey: partition)
            if removed != nil { close(group, topic, partition) }
        }
    }

    private mutating func close(_ group: String, _ topic: String, _ partition: Int32) {
        guard let count = open[group]?[topic]?[partition] else { return }
        if count > 1 {
            open[group]?[topic]?[partition] = count - 1
            return
        }
        open[group]?[topic]?[partition] = nil
        if open[group]?[topic]?.isEmpty == true { open[group]?[topic] = nil }
        if open[group]?.isEmpty == true { open[group] = nil }
    }

    private mutating func put(
        _ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?
    ) -> CommittedOffset? {
        guard let offset else {
            guard let removed = groups[group]?[topic]?.removeValue(forKey: partition) else { return nil }
            if groups[group]?[topic]?.isEmpty == true { groups[group]?[topic] = nil }
            if groups[group]?.isEmpty == true { groups[group] = nil }
            count -= 1
            return removed
        }
        let replaced = groups[group, default: [:]][shared(topic), default: [:]].updateValue(offset, forKey: partition)
        if replaced == nil { count += 1 }
        return replaced
    }

    private mutating func shared(_ name: String) -> String {
        if let known = names[name] { return known }
        names[name] = name
        return name
    }
}

extension OffsetTable: Equatable {
    /// Whether both say the same of all groups.
    public static func == (left: OffsetTable, right: OffsetTable) -> Bool {
        left.groups == right.groups
            && left.pending.filter { !$0.value.isEmpty } == right.pending.filter { !$0.value.isEmpty }
    }
}
