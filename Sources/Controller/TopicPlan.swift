import Bytes
import KafkaModel
import KafkaProtocol
import Metadata

/// The state of one CreateTopics request between its topics: what is promised already counts against the limits and
/// takes names.
struct TopicPlan {
    let image: ClusterImage
    let defaults: TopicDefaults
    let rules: ConfigRules
    var newNames = ClusterImage(clusterID: "")
    var partitionCount = 0

    init(image: ClusterImage, defaults: TopicDefaults, rules: ConfigRules) {
        self.image = image
        self.defaults = defaults
        self.rules = rules
    }

    mutating func create<G: RandomNumberGenerator>(
        _ topic: NewTopic, using generator: inout G
    ) throws(Refusal) -> ([MetadataRecord], TopicCreation.Created) {
        try checkName(topic.name)
        let settings = try settings(of: topic)
        let placed = try partitions(of: topic, using: &generator)
        try TopicChanges.check(partitionCount + placed.count)
        partitionCount += placed.count

        var id = UUID.random(using: &generator)
        while image.topic(id: id) != nil { id = UUID.random(using: &generator) }
        var record = TopicRecord()
        record.name = topic.name
        record.topicId = id
        do throws(MetadataError) { try newNames.apply(.topic(record)) } catch {
            throw Refusal(.unknownServerError, error.description)
        }
        // Settings come before partitions, so that whoever follows the log knows them when a partition starts.
        var records: [MetadataRecord] = [.topic(record)]
        records += settings.keys.sorted().map {
            .config(ConfigRecord(.topic(topic.name), $0, settings[$0]))
        }
        records += placed.enumerated().map { .partition($1.record(topicID: id, index: Int32($0))) }
        let created = TopicCreation.Created(
            id: id, partitionCount: placed.count, replicationFactor: placed.first?.replicas.count ?? 0,
            configs: settings)
        return (records, created)
    }

    private func checkName(_ name: String) throws(Refusal) {
        if name == "__cluster_metadata" {
            throw Refusal(.invalidRequest, "Creation of internal topic __cluster_metadata is prohibited.")
        }
        if let problem = TopicName.problem(with: name) {
            throw Refusal(.invalidTopicException, "Topic name is invalid: \(problem)")
        }
        if image.topicID(name) != nil {
            throw Refusal(.topicAlreadyExists, "Topic '\(name)' already exists.")
        }
        if let other = image.topicColliding(with: name) ?? newNames.topicColliding(with: name) {
            throw Refusal(.invalidTopicException, "Topic '\(name)' collides with existing topic: \(other)")
        }
    }

    private func settings(of topic: NewTopic) throws(Refusal) -> [String: String] {
        let nulls = topic.configs.filter { $0.value == nil }.map(\.name)
        guard nulls.isEmpty else {
            throw Refusal(
                .invalidConfig, "Null value not supported for topic configs: \(nulls.joined(separator: ","))")
        }
        var settings: [String: String] = [:]
        for (name, value) in topic.configs { settings[name] = value }
        if let refusal = rules.check(.topic(topic.name), settings, Set(settings.keys)) { throw refusal }
        return settings
    }

    private func partitions<G: RandomNumberGenerator>(
        of topic: NewTopic, using generator: inout G
    ) throws(Refusal) -> [PartitionImage] {
        if !topic.assignments.isEmpty { return try assignedPartitions(of: topic) }
        if topic.replicationFactor < -1 || topic.replicationFactor == 0 {
            throw Refusal(
                .invalidReplicationFactor,
                "Replication factor must be larger than 0, or -1 to use the default value.")
        }
        if topic.partitionCount < -1 || topic.partitionCount == 0 {
            throw Refusal(.invalidPartitions, "Number of partitions was set to an invalid non-positive value.")
        }
        let count = Int(topic.partitionCount == -1 ? defaults.partitionCount : topic.partitionCount)
        let factor = Int(topic.replicationFactor == -1 ? defaults.replicationFactor : topic.replicationFactor)
        // Before anything is placed: the number came from outside.
        try TopicChanges.check(partitionCount + count)
        let placement = try TopicChanges.placement(in: image, replicationFactor: factor)
        return try TopicChanges.place(
            0..<count, replicationFactor: factor, placement, from: placement.randomStart(using: &generator),
            in: image)
    }

    private func assignedPartitions(of topic: NewTopic) throws(Refusal) -> [PartitionImage] {
        if topic.replicationFactor != -1 {
            throw Refusal(
                .invalidRequest,
                "A manual partition assignment was specified, but replication factor was not set to -1.")
        }
        if topic.partitionCount != -1 {
            throw Refusal(
                .invalidRequest, "A manual partition assignment was specified, but numPartitions was not set to -1."
            )
        }
        var partitions: [Int32: PartitionImage] = [:]
        var factor: Int?
        for (index, replicas) in topic.assignments {
            guard partitions[index] == nil else {
                throw Refusal(
                    .invalidReplicaAssignment,
                    "Found multiple manual partition assignments for partition \(index)")
            }
            partitions[index] = try TopicChanges.partition(
                index, assignedTo: replicas, replicationFactor: factor, in: image)
            factor = replicas.count
        }
        var result: [PartitionImage] = []
        for index in 0..<Int32(partitions.count) {
            guard let partition = partitions[index] else {
                throw Refusal(
                    .invalidReplicaAssignment, "partitions should be a consecutive 0-based integer sequence")
            }
            result.append(partition)
        }
        return result
    }
}

extension UUID {
    /// A topic id from the given source of chance, of the same form as `random()`.
    static func random<G: RandomNumberGenerator>(using generator: inout G) -> UUID {
        while true {
            let high = (UInt64.random(in: .min ... .max, using: &generator) & ~0xf000) | 0x4000
            let low = (UInt64.random(in: .min ... .max, using: &generator) & ~(0xc << 60)) | (0x8 << 60)
            // An id whose text begins with a dash would look like an option.
            if high >> 58 != 62 { return UUID(high: high, low: low) }
        }
    }
}
