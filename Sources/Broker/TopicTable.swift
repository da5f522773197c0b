import Bytes
import KafkaModel
import Posix

/// A topic as this broker serves it. A partition is nil that has no replica here, whose files cannot be used or that has
/// no leader. A topic that grows is replaced, so that a request holds one reference and sees one state.
final class ServedTopic: Sendable {
    let name: String
    let id: UUID
    let partitions: [Partition?]
    /// Partitions of this broker that cannot be served.
    let unusable: Set<Int32>
    /// Partitions that have a replica here which may not lead: it was not in sync with the last leader.
    let leaderless: Set<Int32>

    init(name: String, id: UUID, partitions: [Partition?], unusable: Set<Int32>, leaderless: Set<Int32> = []) {
        self.name = name
        self.id = id
        self.partitions = partitions
        self.unusable = unusable
        self.leaderless = leaderless
    }

    /// The same topic after a log directory failed.
    func withoutPartitions(in directory: String) -> ServedTopic {
        var (partitions, unusable) = (partitions, unusable)
        for (index, partition) in partitions.enumerated() where partition?.logDirectory == directory {
            partition?.retire(as: .offline)
            partitions[index] = nil
            unusable.insert(Int32(index))
        }
        return ServedTopic(
            name: name, id: id, partitions: partitions, unusable: unusable, leaderless: leaderless)
    }

    /// The partitions whose logs lie here while nobody leads them.
    var leaderlessNames: [TopicPartition] { leaderless.sorted().map { TopicPartition(name, $0) } }

    /// What a client is told about a partition that is nil.
    func absence(of index: Int32) -> ErrorCode {
        if unusable.contains(index) { return .kafkaStorageError }
        return leaderless.contains(index) ? .notLeaderOrFollower : .unknownTopicOrPartition
    }

    func partition(_ index: Int32) -> Partition? {
        guard index >= 0, Int(index) < partitions.count else { return nil }
        return partitions[Int(index)]
    }
}

/// All topics that this broker serves, by name and by id. Readers take a snapshot, which costs one reference and never
/// changes; a change makes the next one as a whole, so several changes are best made together.
final class TopicTable: Sendable {
    final class Snapshot: Sendable {
        let byName: [String: ServedTopic]
        private let byID: [UUID: ServedTopic]
        let hasUnusable: Bool

        fileprivate init(byName: [String: ServedTopic] = [:], byID: [UUID: ServedTopic] = [:]) {
            self.byName = byName
            self.byID = byID
            hasUnusable = byName.values.contains { !$0.unusable.isEmpty }
        }

        func topic(named name: String) -> ServedTopic? { byName[name] }
        func topic(id: UUID) -> ServedTopic? { byID[id] }

        /// Partitions that this broker has and cannot serve: nobody leads them.
        func unusable(in topic: UUID) -> Set<Int32> { hasUnusable ? byID[topic]?.unusable ?? [] : [] }

        fileprivate func replacing(_ topics: [ServedTopic], removing names: [String]) -> Snapshot {
            var (byName, byID) = (byName, byID)
            for name in names {
                if let topic = byName.removeValue(forKey: name) { byID[topic.id] = nil }
            }
            for topic in topics {
                byName[topic.name] = topic
                byID[topic.id] = topic
            }
            return Snapshot(byName: byName, byID: byID)
        }
    }

    private let current = Guarded(Snapshot())

    var snapshot: Snapshot { current.withLock { $0 } }

    var partitions: [Partition] {
        snapshot.byName.values.flatMap { $0.partitions.compactMap { $0 } }
    }

    /// Called by whoever makes a metadata change, one at a time.
    func replace(_ topics: [ServedTopic] = [], removing names: [String] = []) {
        let next = snapshot.replacing(topics, removing: names)
        current.withLock { $0 = next }
    }
}
