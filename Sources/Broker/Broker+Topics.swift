import Bytes
import Configuration
import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Network
import Replication
import Storage
import Telemetry
import Timing

/// Changes of topics and settings: the decision is the controller's, the store keeps it, and `apply` makes it real.
extension Broker {
    func create(_ topics: [NewTopic], intent: Intent) -> Result<[TopicCreation], ErrorCode> {
        let rules = ConfigRules.standard(broker: settings.current)
        let defaults = TopicDefaults(
            partitionCount: Int32(settings.current.partitionsDefault),
            replicationFactor: Int16(settings.current.replicationFactorDefault))
        return cluster.change { image in
            var generator = SystemRandomNumberGenerator()
            let decision = TopicChanges.create(
                topics, in: image, defaults: defaults, rules: rules, intent: intent, using: &generator)
            return (decision.records, decision.items)
        }
    }

    /// Creates topics that a client asked about; returns why some could not be. A topic that appeared meanwhile is no
    /// failure.
    func createAutomatically(_ names: [String]) -> [String: ErrorCode] {
        switch create(names.map { $0 == GroupCoordinators.topic ? groupsTopic : NewTopic($0) }, intent: .change) {
        case .failure(let code):
            return Dictionary(names.map { ($0, code) }, uniquingKeysWith: { first, _ in first })
        case .success(let creations):
            var refused: [String: ErrorCode] = [:]
            for creation in creations {
                guard case .failure(let refusal) = creation.outcome else { continue }
                if refusal.code == .topicAlreadyExists { continue }
                refused[creation.name] = refusal.code
                log.warn("Topic \(creation.name) was not created automatically: \(refusal)")
            }
            return refused
        }
    }

    enum Alteration {
        case incremental
        /// What is not named goes back to its default.
        case replacing
    }

    struct AlterationResult {
        let resourceType: Int8
        let resourceName: String
        let refusal: (code: ErrorCode, message: String?)

        init(_ change: ConfigChange, _ refusal: Refusal?) {
            resourceType = change.resourceType
            resourceName = change.resourceName
            self.refusal = refusal.map { ($0.code, $0.message ?? $0.code.message) } ?? (.none, nil)
        }
    }

    func alter(_ changes: [ConfigChange], _ alteration: Alteration, intent: Intent) -> [AlterationResult] {
        let loggers = ConfigResource.Kind.brokerLogger.rawValue
        guard alteration == .incremental, changes.contains(where: { $0.resourceType == loggers }) else {
            return alterMetadata(changes, alteration, intent: intent)
        }
        // Levels of loggers belong to the process; they are no metadata and end with it.
        var others = alterMetadata(changes.filter { $0.resourceType != loggers }, alteration, intent: intent)
            .makeIterator()
        return changes.map { change in
            guard change.resourceType == loggers else { return others.next() ?? AlterationResult(change, nil) }
            let isTwice = changes.count { $0.resourceType == loggers && $0.resourceName == change.resourceName } > 1
            return AlterationResult(change, alterLoggers(change, isTwice: isTwice, intent: intent))
        }
    }

    private func alterLoggers(_ change: ConfigChange, isTwice: Bool, intent: Intent) -> Refusal? {
        do throws(Refusal) {
            if isTwice { throw Refusal(.invalidRequest, "Each resource must appear at most once.") }
            let levels = try LoggerLevels(change, of: id)
            if intent == .change { levels.apply(log) }
            return nil
        } catch {
            return error
        }
    }

    private func alterMetadata(
        _ changes: [ConfigChange], _ alteration: Alteration, intent: Intent
    ) -> [AlterationResult] {
        let rules = ConfigRules.standard(broker: settings.current)
        let outcome = cluster.change { image in
            let decision =
                switch alteration {
                case .incremental:
                    ConfigChanges.incrementalAlter(changes, in: image, nodeID: id, rules: rules, intent: intent)
                case .replacing: ConfigChanges.alter(changes, in: image, nodeID: id, rules: rules, intent: intent)
                }
            return (decision.records, decision.items)
        }
        switch outcome {
        case .success(let items): return zip(changes, items).map { AlterationResult($0, $1.refusal) }
        case .failure(let code): return changes.map { AlterationResult($0, Refusal(code)) }
        }
    }

    /// Brings partitions and settings in line with records that were just written.
    func apply(_ records: [MetadataRecord], before: ClusterImage, after: ClusterImage) {
        var grown: [UUID] = []
        var removed: [String] = []
        var altered: Set<ConfigResource> = []
        for record in records {
            switch record {
            case .partition(let partition):
                if grown.last != partition.topicId { grown.append(partition.topicId) }
            case .partitionChange(let change) where change.leader == id.rawValue:
                // A partition that had no leader is served from now on.
                if grown.last != change.topicId { grown.append(change.topicId) }
            case .removeTopic(let removal):
                if let topic = before.topic(id: removal.topicId) { removed.append(topic.name) }
            case .config(let config):
                if let kind = ConfigResource.Kind(rawValue: config.resourceType) {
                    altered.insert(ConfigResource(kind, config.resourceName))
                }
            default: break
            }
        }
        if altered.contains(where: { $0.kind == .broker }) {
            settings.adopt(after, nodeID: id)
            groups.adopt(settings.current.groups)
            adoptThreadCounts()
            for topic in after.topics { reconfigure(topic.name, after) }
        }
        remove(removed)
        if !removed.isEmpty { groups.topicsDeleted(removed) }
        serve(grown.compactMap { after.topic(id: $0) }, after)
        recordDirectories(ofGrown: grown, after)
        if after.metadataVersion.assignsDirectories, !before.metadataVersion.assignsDirectories {
            _ = channel.submit(isUrgent: true) { [weak self] in
                self.map { $0.recordDirectories(of: $0.topics.partitions) }
            }
        }
        for resource in altered {
            if resource.kind == .topic { reconfigure(resource.name, after) }
            reportUnserved(resource, after)
        }
        let limited = records.compactMap { record -> String? in
            guard case .clientQuota(let quota) = record, !quota.remove else { return nil }
            return "\(quota.key)=\(quota.value)"
        }
        if !limited.isEmpty {
            log.warn(
                "Quotas have no effect, they are not served by this version: \(limited.joined(separator: ", "))")
        }
    }

    /// A setting that has no effect is accepted, so that Kafka's tools and scripts go on, and reported.
    private func reportUnserved(_ resource: ConfigResource, _ image: ClusterImage) {
        for (name, value) in image.config(resource).sorted(by: { $0.key < $1.key }) {
            let definition =
                switch resource.kind {
                case .topic: TopicConfigTable.find(name)
                case .group: GroupConfigTable.find(name)
                case .clientMetrics: ClientMetricsConfigTable.find(name)
                case .broker: BrokerConfigTable.find(name)
                case .brokerLogger: ConfigDefinition?.none
                }
            guard let definition, value != definition.defaultValue, let reason = definition.serving.reason else {
                continue
            }
            let shown = definition.isSensitive ? "[hidden]" : value
            log.warn("The setting \(name)=\(shown) of \(resource) has no effect: \(reason)")
        }
    }

    func partitionSettings(_ topic: String, _ image: ClusterImage) -> PartitionSettings {
        PartitionSettings(settings.topic(image.config(.topic(topic))), broker: settings.current)
    }

    /// Offers to clients what is new of topics: logs that were found at the start, or are made now.
    ///
    /// What is not found at a start may lie in a directory that is out of service; a new and empty log in its place
    /// would hide it.
    func serve(_ images: [TopicImage], _ image: ClusterImage, isStart: Bool = false) {
        guard !images.isEmpty else { return }
        let before = topics.snapshot
        let mayBeElsewhere = isStart && !directories.offlineDirectories.isEmpty
        topics.replace(
            images.map { served($0, image, before: before.topic(named: $0.name), mayBeElsewhere: mayBeElsewhere) })
        if images.contains(where: { $0.name == GroupCoordinators.topic }) { serveGroups() }
    }

    /// Brings the shards of the group coordinator in line with the partitions there are.
    func serveGroups() { groups.serve(topics.snapshot.topic(named: GroupCoordinators.topic)) }

    private func served(
        _ topic: TopicImage, _ image: ClusterImage, before: ServedTopic?, mayBeElsewhere: Bool
    ) -> ServedTopic {
        let settings = partitionSettings(topic.name, image)
        var partitions = before?.partitions ?? []
        var unusable = before?.unusable ?? []
        var leaderless = before?.leaderless ?? []
        partitions += [Partition?](repeating: nil, count: topic.partitions.count - partitions.count)
        let known = before?.partitions.count ?? 0
        for (index, partition) in topic.partitions.enumerated()
        where index >= known || leaderless.contains(Int32(index)) {
            let name = TopicPartition(topic.name, Int32(index))
            guard partition.replicas.contains(id) else { continue }
            guard partition.leader == id else {
                leaderless.insert(name.partition)
                continue
            }
            leaderless.remove(name.partition)
            if mayBeElsewhere, directories[name] == nil {
                self.log.error("Partition \(name) is not served: it is in no directory that can be read")
                unusable.insert(name.partition)
                continue
            }
            do throws(StorageError) {
                let log = try log(of: name, topicID: topic.id, settings)
                let served = Partition(
                    name, topicID: topic.id, log: log, replicas: replicaSet(partition, log), settings: settings,
                    home: try home(of: log), failures: logFailures)
                if log.needsRecovery {
                    served.awaitRecovery { [id, clock] log in Self.replicaSet(partition, log, id, clock.now) }
                }
                partitions[index] = served
            } catch {
                self.log.error("Partition \(name) is not served: \(error)")
                unusable.insert(name.partition)
            }
        }
        return ServedTopic(
            name: topic.name, id: topic.id, partitions: partitions, unusable: unusable, leaderless: leaderless)
    }

    /// The log in the partition's directory. A log of an earlier topic of that name is set aside.
    private func log(
        of name: TopicPartition, topicID: UUID, _ settings: PartitionSettings
    ) throws(StorageError) -> PartitionLog {
        if let found = directories[name] {
            if found.topicID == nil { try found.assign(topicID: topicID) }
            if found.topicID == topicID { return found }
            try setAside(name, "it belongs to an earlier topic of that name")
        }
        return try directories.create(name, topicID: topicID, configuration: settings.log)
    }

    func home(of log: PartitionLog) throws(StorageError) -> PartitionHome {
        let path = parent(of: log)
        guard let home = homes[path] else { throw .offline(path: path, reason: "it is none of log.dirs") }
        return home
    }

    /// The log directory in which a log lies.
    func parent(of log: PartitionLog) -> String {
        String(log.directory[..<(log.directory.lastIndex(of: "/") ?? log.directory.endIndex)])
    }

    func setAside(_ name: TopicPartition, _ reason: String) throws(StorageError) {
        guard let target = try directories.setAside(name) else { return }
        log.warn("The log of \(name) was set aside as \(target): \(reason)")
    }

    private func replicaSet(_ partition: PartitionImage, _ log: PartitionLog) -> ReplicaSet {
        Self.replicaSet(partition, log, id, clock.now)
    }

    private static func replicaSet(
        _ partition: PartitionImage, _ log: PartitionLog, _ id: BrokerID, _ now: Instant
    ) -> ReplicaSet {
        ReplicaSet(
            leader: id, leaderEpoch: partition.leaderEpoch, partitionEpoch: partition.partitionEpoch,
            replicas: partition.replicas, isr: partition.isr, logEndOffset: log.logEndOffset,
            highWatermark: log.checkpointedHighWatermark, now: now)
    }

    private func remove(_ names: [String]) {
        guard !names.isEmpty else { return }
        let before = topics.snapshot
        // They leave the table last: whoever looks through the directories finds here whose lock guards a log.
        defer {
            topics.replace(removing: names)
            if names.contains(GroupCoordinators.topic) { serveGroups() }
        }
        for partition in names.flatMap({ before.topic(named: $0)?.partitions ?? [] }) {
            guard let partition else { continue }
            do throws(StorageError) {
                try partition.delete(from: directories)
            } catch {
                log.error("The directory of \(partition.name) cannot be renamed for deletion: \(error)")
                logFailures.report(error, directory: partition.logDirectory)
            }
        }
        for name in names.flatMap({ before.topic(named: $0)?.leaderlessNames ?? [] }) {
            guard let idle = directories[name] else { continue }
            do throws(StorageError) {
                try directories.delete(name)
            } catch {
                log.error("The directory of \(name) cannot be renamed for deletion: \(error)")
                logFailures.report(error, directory: parent(of: idle))
            }
        }
        for name in names { log.info("Topic \(name) is deleted, its files follow") }
    }

    private func reconfigure(_ name: String, _ image: ClusterImage) {
        guard let topic = topics.snapshot.topic(named: name) else { return }
        let settings = partitionSettings(name, image)
        for partition in topic.partitions { partition?.reconfigure(settings) }
    }
}
