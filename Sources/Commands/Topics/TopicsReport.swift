import Bytes
import CommandLine
import KafkaClient
import KafkaModel

/// What `skafka topics --describe` found, and the forms in which it is printed.
struct TopicsReport {
    private struct Topic {
        let description: TopicDescription
        let partitions: [TopicDescription.Partition]
        let replicationFactor: Int
        /// The settings that are not the defaults, in the order of Kafka's tool.
        let configs: [DescribedConfig]
    }

    private let description: TopicsRequest.Description
    private let liveBrokers: Set<Int32>
    var reassignments: [TopicPartition: PartitionReassignment] = [:]
    private var topics: [Topic] = []

    init(_ description: TopicsRequest.Description, liveBrokers: Set<Int32>) {
        self.description = description
        self.liveBrokers = liveBrokers
    }

    /// The settings to ask for: those a topic shows, and the one that two filters compare with.
    static let selection = Admin.ConfigSelection.changed(besides: [leastName])
    private static let leastName = "min.insync.replicas"

    private var showsTopics: Bool { description.filters.isEmpty }

    /// Whether it takes the settings of topics to tell what is asked for.
    var needsConfigs: Bool {
        showsTopics || description.filters.contains(.underMinISR) || description.filters.contains(.atMinISR)
    }

    /// - Parameter count: how many settings the topic has, those left out of `entries` included.
    mutating func add(_ topic: TopicDescription, _ entries: [DescribedConfig], among count: Int) {
        let configs = JavaHashOrder.sorted(entries.filter { !$0.isDefault }, among: count) { $0.name }
        if description.onlyOverrides, configs.isEmpty { return }
        let least = entries.first { $0.name == Self.leastName }?.value.flatMap { Int($0) }
        let shown = description.onlyOverrides ? [] : topic.partitions.filter { shows($0, of: topic.name, least: least) }
        guard showsTopics || !shown.isEmpty else { return }
        topics.append(
            Topic(
                description: topic, partitions: shown,
                replicationFactor: topic.partitions.first.map { replicationFactor($0, of: topic.name) } ?? 0,
                configs: configs))
    }

    private func shows(_ partition: TopicDescription.Partition, of topic: String, least: Int?) -> Bool {
        description.filters.isEmpty
            || description.filters.contains { filter in
                switch filter {
                case .underReplicated: replicationFactor(partition, of: topic) > partition.isr.count
                case .unavailable: leader(partition) == nil
                case .underMinISR: leader(partition) == nil || partition.isr.count < least ?? 0
                case .atMinISR: partition.isr.count == least
                }
            }
    }

    private func reassignment(_ partition: TopicDescription.Partition, of topic: String) -> PartitionReassignment? {
        reassignments.isEmpty ? nil : reassignments[TopicPartition(topic, partition.index)]
    }

    /// While a partition is on its way, how many replicas it will have. A reassignment may have ended between two
    /// answers: then none of its brokers is among the replicas any more.
    private func replicationFactor(_ partition: TopicDescription.Partition, of topic: String) -> Int {
        guard let move = reassignment(partition, of: topic),
            partition.replicas.contains(where: { move.adding.contains($0) || move.removing.contains($0) })
        else { return partition.replicas.count }
        return move.replicas.count - move.adding.count
    }

    /// Nil if there is none that lives.
    private func leader(_ partition: TopicDescription.Partition) -> Int32? {
        liveBrokers.contains(partition.leader) ? partition.leader : nil
    }

    /// As Kafka's tool prints it.
    var text: String {
        var text = ""
        for topic in topics {
            if showsTopics { write(topic, &text) }
            for partition in topic.partitions { write(partition, of: topic.description.name, &text) }
        }
        return text
    }

    private func write(_ topic: Topic, _ text: inout String) {
        text += "Topic: \(topic.description.name)"
        if topic.description.id != .zero { text += "\tTopicId: \(topic.description.id)" }
        text += "\tPartitionCount: \(topic.description.partitions.count)"
        text += "\tReplicationFactor: \(topic.replicationFactor)\tConfigs: "
        text += Self.list(topic.configs)
        text += "\n"
    }

    private func write(_ partition: TopicDescription.Partition, of topic: String, _ text: inout String) {
        text += "\tTopic: \(topic)\tPartition: \(partition.index)\tLeader: "
        text += leader(partition).map(String.init) ?? "none"
        text += "\tReplicas: \(Self.list(partition.replicas))\tIsr: \(Self.list(partition.isr))"
        if let move = reassignment(partition, of: topic) {
            text += "\tAdding Replicas: \(Self.list(move.adding))\tRemoving Replicas: \(Self.list(move.removing))"
        }
        text += "\tElr: " + (partition.elr.map(Self.list) ?? "N/A")
        text += "\tLastKnownElr: " + (partition.lastKnownELR.map(Self.list) ?? "N/A")
        text += "\n"
    }

    private static func list(_ ids: [Int32]) -> String { ids.map(String.init).joined(separator: ",") }

    /// A row a topic with its partitions inside; in forms that have columns a row a partition, or a topic where
    /// partitions are not shown.
    func rows(_ form: OutputForm) -> [StructuredValue] {
        switch form {
        case .text, .json, .jsonl, .yaml: topics.map(row)
        case .table, .csv:
            description.onlyOverrides
                ? topics.map(row)
                : topics.flatMap { topic in
                    topic.partitions.map { .object(flat($0, of: topic)) }
                }
        }
    }

    private func row(_ topic: Topic) -> StructuredValue {
        var members: [StructuredValue.Member] = [
            .init("topic", .string(topic.description.name)),
            .init("topicId", id(topic)),
            .init("isInternal", .bool(topic.description.isInternal)),
            .init("partitionCount", .int(topic.description.partitions.count)),
            .init("replicationFactor", .int(topic.replicationFactor)),
        ]
        if needsConfigs {
            members.append(
                .init("configs", .object(topic.configs.map { .init($0.name, .optional($0.value)) })))
        }
        if !description.onlyOverrides {
            members.append(
                .init("partitions", .list(topic.partitions.map { row($0, of: topic.description.name) })))
        }
        return .object(members)
    }

    private func row(_ partition: TopicDescription.Partition, of topic: String) -> StructuredValue {
        func ids(_ list: [Int32]?) -> StructuredValue { list.map { .list($0.map { .int($0) }) } ?? .null }
        var members: [StructuredValue.Member] = [
            .init("partition", .int(partition.index)),
            .init("leader", leader(partition).map { .int($0) } ?? .null),
            .init("replicas", ids(partition.replicas)), .init("isr", ids(partition.isr)),
            .init("elr", ids(partition.elr)), .init("lastKnownElr", ids(partition.lastKnownELR)),
        ]
        if let move = reassignment(partition, of: topic) {
            members += [.init("addingReplicas", ids(move.adding)), .init("removingReplicas", ids(move.removing))]
        }
        return .object(members)
    }

    /// With what is the topic's in each row.
    private func flat(_ partition: TopicDescription.Partition, of topic: Topic) -> [StructuredValue.Member] {
        let name = topic.description.name
        func ids(_ list: [Int32]?) -> StructuredValue { list.map { .string(Self.list($0)) } ?? .null }
        let move = reassignment(partition, of: name)
        return [
            .init("topic", .string(name)), .init("topicId", id(topic)), .init("partition", .int(partition.index)),
            .init("leader", leader(partition).map { .int($0) } ?? .null),
            .init("replicas", ids(partition.replicas)), .init("isr", ids(partition.isr)),
            .init("elr", ids(partition.elr)), .init("lastKnownElr", ids(partition.lastKnownELR)),
            .init("addingReplicas", ids(move?.adding)), .init("removingReplicas", ids(move?.removing)),
            .init("configs", needsConfigs ? .string(Self.list(topic.configs)) : .null),
        ]
    }

    private func id(_ topic: Topic) -> StructuredValue {
        topic.description.id == .zero ? .null : .string(topic.description.id.description)
    }

    private static func list(_ configs: [DescribedConfig]) -> String {
        configs.map { "\($0.name)=\($0.value ?? "null")" }.joined(separator: ",")
    }
}
