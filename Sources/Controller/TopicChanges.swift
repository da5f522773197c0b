import Bytes
import KafkaModel
import KafkaProtocol
public import Metadata

/// What to write when topics come, go and grow. Each function looks at the image and answers with records; it changes
/// nothing itself.
public enum TopicChanges {
    /// How many partitions one request may create: a limit for a mistyped number, not for anybody's real use.
    public static let partitionsPerRequestMax = 100_000

    /// CreateTopics, and topics that are created because somebody asked about them.
    public static func create<G: RandomNumberGenerator>(
        _ topics: [NewTopic], in image: ClusterImage, defaults: TopicDefaults, rules: ConfigRules,
        intent: Intent = .change, using generator: inout G
    ) -> Decision<TopicCreation> {
        var decision = Decision<TopicCreation>()
        var seen: [String: Int] = [:]
        for topic in topics { seen[topic.name, default: 0] += 1 }
        var plan = Plan(image: image, defaults: defaults, rules: rules)
        for topic in topics {
            do throws(Refusal) {
                guard seen[topic.name] == 1 else { throw Refusal(.invalidRequest, "Duplicate topic name.") }
                let (records, created) = try plan.create(topic, using: &generator)
                decision.records += records
                decision.items.append(TopicCreation(name: topic.name, outcome: .success(created)))
            } catch {
                decision.items.append(TopicCreation(name: topic.name, outcome: .failure(error)))
            }
        }
        return decision.carried(out: intent)
    }

    /// The state of one CreateTopics request between its topics.
    private struct Plan {
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
}

extension TopicChanges {
    static func check(_ partitionCount: Int) throws(Refusal) {
        guard partitionCount <= partitionsPerRequestMax else {
            throw Refusal(.policyViolation, "Unable to perform excessively large batch operation.")
        }
    }

    /// Brokers that may take new replicas: those that live, and when they are too few, also those that do not just now.
    static func placement(in image: ClusterImage, replicationFactor: Int) throws(Refusal) -> ReplicaPlacement {
        let active = image.brokers.values.filter(\.isActive)
        let chosen = active.count >= replicationFactor ? active : Array(image.brokers.values)
        do throws(ReplicaPlacement.Problem) {
            if active.isEmpty { throw .noBrokers }
            return try ReplicaPlacement(chosen.map { .init($0.id, rack: $0.rack) })
        } catch {
            throw refusal(error, replicationFactor: replicationFactor)
        }
    }

    static func place(
        _ indices: Range<Int>, replicationFactor: Int, _ placement: ReplicaPlacement,
        from start: ReplicaPlacement.Start,
        in image: ClusterImage
    ) throws(Refusal) -> [PartitionImage] {
        let replicas: [[BrokerID]]
        do throws(ReplicaPlacement.Problem) {
            replicas = try placement.place(indices, replicationFactor: replicationFactor, from: start)
        } catch {
            throw refusal(error, replicationFactor: replicationFactor)
        }
        var partitions: [PartitionImage] = []
        partitions.reserveCapacity(replicas.count)
        for replicas in replicas {
            guard let partition = newPartition(replicas, in: image) else {
                throw Refusal(
                    .invalidReplicationFactor,
                    "Unable to replicate the partition \(replicationFactor) time(s): "
                        + "All brokers are currently fenced or in controlled shutdown.")
            }
            partitions.append(partition)
        }
        return partitions
    }

    private static func refusal(_ problem: ReplicaPlacement.Problem, replicationFactor: Int) -> Refusal {
        let reason =
            switch problem {
            case .noBrokers: "All brokers are currently fenced."
            case .tooFewBrokers(let wanted, let available):
                "The target replication factor of \(wanted) cannot be reached because only "
                    + "\(available) broker(s) are registered."
            case .someWithoutRack: "Not all brokers have rack information for replica rack aware assignment."
            }
        return Refusal(
            .invalidReplicationFactor, "Unable to replicate the partition \(replicationFactor) time(s): \(reason)")
    }

    /// A partition whose replicas the client chose.
    static func partition(
        _ index: Int32, assignedTo replicas: [BrokerID], replicationFactor: Int?, in image: ClusterImage
    ) throws(Refusal) -> PartitionImage {
        try check(assignment: replicas, replicationFactor: replicationFactor, in: image)
        guard let partition = newPartition(replicas, in: image) else {
            throw Refusal(
                .invalidReplicaAssignment,
                "All brokers specified in the manual partition assignment for partition \(index) "
                    + "are fenced or in controlled shutdown.")
        }
        return partition
    }

    private static func check(
        assignment replicas: [BrokerID], replicationFactor: Int?, in image: ClusterImage
    ) throws(Refusal) {
        guard !replicas.isEmpty else {
            throw Refusal(
                .invalidReplicaAssignment, "The manual partition assignment includes an empty replica list.")
        }
        var previous: BrokerID?
        for broker in replicas.sorted() {
            guard image.brokers[broker] != nil else {
                throw Refusal(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes broker \(broker), but no such broker is registered.")
            }
            guard broker != previous else {
                throw Refusal(
                    .invalidReplicaAssignment,
                    "The manual partition assignment includes the broker \(broker) more than once.")
            }
            previous = broker
        }
        if let replicationFactor, replicas.count != replicationFactor {
            throw Refusal(
                .invalidReplicaAssignment,
                "The manual partition assignment includes a partition with \(replicas.count) replica(s), but this is "
                    + "not consistent with previous partitions, which have \(replicationFactor) replica(s).")
        }
    }

    /// Nil when none of the replicas lives.
    private static func newPartition(_ replicas: [BrokerID], in image: ClusterImage) -> PartitionImage? {
        let isr = replicas.filter { image.isActive($0) }
        guard let leader = isr.first else { return nil }
        return PartitionImage(
            replicas: replicas,
            directories: replicas.map { image.brokers[$0]?.defaultDirectory ?? DirectoryID.unassigned },
            isr: isr, leader: leader)
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
