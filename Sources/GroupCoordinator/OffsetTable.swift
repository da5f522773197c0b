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
    /// What open transactions have of a partition, in the order in which they committed it.
    private var open: [String: [String: [Int32: [PendingOffset]]]] = [:]
    /// Where each open transaction has something, by producer id.
    private var transactions: [Int64: Set<Place>] = [:]
    /// Topic names are shared between the groups.
    private var names: [String: String] = [:]
    private var before: [Before] = []

    /// An offset that hangs on a transaction. Once the partition has a later one that counts, it never will.
    private struct PendingOffset: Equatable, Sendable {
        let producerID: Int64
        let offset: CommittedOffset
        var isOvertaken = false
    }

    private struct Place: Hashable, Sendable {
        let group: String
        let topic: String
        let partition: Int32
    }

    /// How a partition was.
    private struct Before: Sendable {
        let place: Place
        let offset: CommittedOffset?
        let pending: [PendingOffset]
    }

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

    /// Groups that have any offset, of a transaction or not.
    public var groupIDs: Set<String> { Set(groups.keys).union(open.keys) }

    /// Groups that have an offset in one of these topics, of a transaction or not.
    public func groups(in topics: Set<String>) -> [String] {
        Set(
            groups.filter { !topics.isDisjoint(with: $0.value.keys) }.keys
        ).union(open.filter { !topics.isDisjoint(with: $0.value.keys) }.keys).sorted()
    }

    /// Part of a decision: the offset counts from now on, unless it is taken back. Without one, what transactions have of
    /// the partition goes as well.
    public mutating func set(_ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?) {
        let place = Place(group: group, topic: topic, partition: partition)
        let pending = open.isEmpty ? [] : pending(place)
        let replaced = put(group, topic, partition, offset)
        before.append(Before(place: place, offset: replaced, pending: pending))
        overtake(pending, place, by: offset)
    }

    public mutating func keep() { before.removeAll(keepingCapacity: before.count <= 64) }

    public mutating func takeBack() {
        for change in before.reversed() {
            _ = put(change.place.group, change.place.topic, change.place.partition, change.offset)
            setPending(change.place, change.pending)
        }
        before = []
    }

    /// A record of the log.
    mutating func load(
        _ group: String, _ topic: String, _ partition: Int32, _ offset: CommittedOffset?, producerID: Int64?
    ) {
        let place = Place(group: group, topic: shared(topic), partition: partition)
        guard let offset, let producerID else {
            _ = put(group, topic, partition, offset)
            return overtake(pending(place), place, by: offset)
        }
        // What the transaction had of the partition before is behind it now.
        let others = pending(place).filter { $0.producerID != producerID }
        setPending(place, others + [PendingOffset(producerID: producerID, offset: offset)])
    }

    /// What the producer committed counts from now on, where nothing that came later counts already; or it never did.
    mutating func endTransaction(of producerID: Int64, isCommitted: Bool) {
        for place in transactions[producerID] ?? [] {
            var pending = pending(place)
            guard let index = pending.firstIndex(where: { $0.producerID == producerID }) else { continue }
            let ended = pending.remove(at: index)
            if isCommitted, !ended.isOvertaken {
                _ = put(place.group, place.topic, place.partition, ended.offset)
                for older in 0..<index { pending[older].isOvertaken = true }
            }
            setPending(place, pending)
        }
    }

    private func pending(_ place: Place) -> [PendingOffset] { open[place.group]?[place.topic]?[place.partition] ?? [] }

    /// The partition has a new offset, or none, which takes what transactions have of it as well.
    private mutating func overtake(_ pending: [PendingOffset], _ place: Place, by offset: CommittedOffset?) {
        guard !pending.isEmpty else { return }
        guard offset != nil else { return setPending(place, []) }
        var overtaken = pending
        for index in overtaken.indices { overtaken[index].isOvertaken = true }
        setPending(place, overtaken)
    }

    private mutating func setPending(_ place: Place, _ pending: [PendingOffset]) {
        let before = self.pending(place)
        guard before != pending else { return }
        for one in before {
            transactions[one.producerID]?.remove(place)
            if transactions[one.producerID]?.isEmpty == true { transactions[one.producerID] = nil }
        }
        for one in pending { transactions[one.producerID, default: []].insert(place) }
        guard pending.isEmpty else {
            open[place.group, default: [:]][place.topic, default: [:]][place.partition] = pending
            return
        }
        open[place.group]?[place.topic]?[place.partition] = nil
        if open[place.group]?[place.topic]?.isEmpty == true { open[place.group]?[place.topic] = nil }
        if open[place.group]?.isEmpty == true { open[place.group] = nil }
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
        left.groups == right.groups && left.open == right.open
    }
}
