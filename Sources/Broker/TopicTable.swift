import Bytes
import KafkaModel
import Synchronization

/// A topic as this broker serves it. A partition that has no replica here is nil. A topic that grows is replaced, so
/// that a request holds one reference and sees one state.
final class ServedTopic: Sendable {
    let name: String
    let id: UUID
    let partitions: [Partition?]
    /// Why a partition of the topic is not here.
    let absences: [Int32: ErrorCode]

    init(name: String, id: UUID, partitions: [Partition?], absences: [Int32: ErrorCode]) {
        self.name = name
        self.id = id
        self.partitions = partitions
        self.absences = absences
    }

    func absence(_ index: Int32) -> ErrorCode { absences[index] ?? .unknownTopicOrPartition }

    func partition(_ index: Int32) -> Partition? {
        guard index >= 0, Int(index) < partitions.count else { return nil }
        return partitions[Int(index)]
    }
}

/// All topics that this broker serves, by name and by id. Readers take a snapshot, which costs one reference; changes
/// come one at a time from whoever holds the metadata lock.
final class TopicTable: Sendable {
    struct Snapshot: Sendable {
        private(set) var byName: [String: ServedTopic] = [:]
        private var nameByID: [UUID: String] = [:]

        func topic(named name: String) -> ServedTopic? { byName[name] }
        func topic(id: UUID) -> ServedTopic? { nameByID[id].flatMap { byName[$0] } }

        mutating func set(_ topic: ServedTopic) {
            byName[topic.name] = topic
            nameByID[topic.id] = topic.name
        }

        mutating func remove(_ name: String) -> ServedTopic? {
            guard let topic = byName.removeValue(forKey: name) else { return nil }
            nameByID[topic.id] = nil
            return topic
        }
    }

    private let current = Mutex(Snapshot())

    var snapshot: Snapshot { current.withLock { $0 } }

    var partitions: [Partition] {
        snapshot.byName.values.flatMap { $0.partitions.compactMap { $0 } }
    }

    func partition(_ name: TopicPartition) -> Partition? {
        current.withLock { $0.topic(named: name.topic)?.partition(name.partition) }
    }

    func partition(topicID: UUID, index: Int32) -> Partition? {
        current.withLock { $0.topic(id: topicID)?.partition(index) }
    }

    func topicName(id: UUID) -> String? { current.withLock { $0.topic(id: id)?.name } }

    func update<Result>(_ body: (inout Snapshot) -> Result) -> Result { current.withLock { body(&$0) } }
}
