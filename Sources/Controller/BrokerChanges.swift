public import Bytes
public import KafkaModel
import KafkaProtocol
public import Metadata

/// What to write when a broker comes and goes.
public enum BrokerChanges {
    /// A broker's start: it registers, is unfenced and leads again what it can lead. Each partition that it leads gets a
    /// new leader epoch, so that what an earlier life of the broker still says is recognised as old.
    ///
    /// - Parameter nextOffset: the offset that the first of these records will have; it becomes the broker's epoch.
    public static func start(
        _ broker: BrokerStart, in image: ClusterImage, nextOffset: Int64, isUncleanElectionEnabled: (String) -> Bool
    ) throws(Refusal) -> [MetadataRecord] {
        try check(broker, in: image)
        let registration = BrokerRegistration(
            id: broker.id, epoch: nextOffset, incarnationID: broker.incarnationID, endpoints: broker.endpoints,
            features: broker.features, rack: broker.rack, isFenced: true, logDirectories: broker.logDirectories)
        var unfence = BrokerRegistrationChangeRecord()
        unfence.brokerId = broker.id.rawValue
        unfence.brokerEpoch = nextOffset
        unfence.fenced = -1
        var records: [MetadataRecord] = [.registerBroker(registration.record), .brokerRegistrationChange(unfence)]
        for topic in image.topics.sorted(by: { $0.id < $1.id }) {
            var isUnclean: Bool?
            for (index, partition) in topic.partitions.enumerated() where partition.replicas.contains(broker.id) {
                guard !partition.hasLeader || partition.leader == broker.id else { continue }
                var change = PartitionChangeRecord()
                change.topicId = topic.id
                change.partitionId = Int32(index)
                change.leader = broker.id.rawValue
                let isEligible =
                    partition.isr.contains(broker.id)
                    || (partition.isr.isEmpty && partition.eligibleLeaders.contains(broker.id))
                if isEligible {
                    if partition.isr.isEmpty {
                        change.isr = [broker.id.rawValue]
                        change.eligibleLeaderReplicas = partition.eligibleLeaders.filter { $0 != broker.id }
                            .map(\.rawValue)
                    }
                } else {
                    if isUnclean == nil { isUnclean = isUncleanElectionEnabled(topic.name) }
                    guard isUnclean == true else { continue }
                    change.isr = [broker.id.rawValue]
                    if !partition.isRecovering { change.leaderRecoveryState = 1 }
                }
                records.append(.partitionChange(change))
            }
        }
        return records
    }

    /// A broker's orderly end: it says that it goes, leads nothing any more and is fenced.
    public static func stop(_ id: BrokerID, in image: ClusterImage) -> [MetadataRecord] {
        guard let broker = image.brokers[id] else { return [] }
        var leaving = BrokerRegistrationChangeRecord()
        leaving.brokerId = id.rawValue
        leaving.brokerEpoch = broker.epoch
        leaving.inControlledShutdown = 1
        var fence = BrokerRegistrationChangeRecord()
        fence.brokerId = id.rawValue
        fence.brokerEpoch = broker.epoch
        fence.fenced = 1
        return [.brokerRegistrationChange(leaving)] + leave(id, in: image) + [.brokerRegistrationChange(fence)]
    }

    /// A broker that will not come back: it leads nothing any more and is forgotten.
    public static func unregister(_ id: BrokerID, in image: ClusterImage) throws(Refusal) -> [MetadataRecord] {
        guard let broker = image.brokers[id] else {
            throw Refusal(.brokerIDNotRegistered, "Broker ID \(id) is not currently registered")
        }
        var record = UnregisterBrokerRecord()
        record.brokerId = id.rawValue
        record.brokerEpoch = broker.epoch
        return leave(id, in: image) + [.unregisterBroker(record)]
    }

    /// Takes a broker out of what it leads, and out of the ISR of each partition that has others in it.
    private static func leave(_ id: BrokerID, in image: ClusterImage) -> [MetadataRecord] {
        var records: [MetadataRecord] = []
        for topic in image.topics.sorted(by: { $0.id < $1.id }) {
            for (index, partition) in topic.partitions.enumerated() where partition.isr.contains(id) {
                let others = partition.isr.filter { $0 != id }
                var change = PartitionChangeRecord()
                change.topicId = topic.id
                change.partitionId = Int32(index)
                // The last one in the ISR stays there: it alone has everything.
                if !others.isEmpty { change.isr = others.map(\.rawValue) }
                if partition.leader == id {
                    let next = partition.replicas.first { others.contains($0) && image.isActive($0) }
                    change.leader = (next ?? .none).rawValue
                }
                guard change.isr != nil || change.leader != -2 else { continue }
                records.append(.partitionChange(change))
            }
        }
        return records
    }

    /// Where a broker found room for the replicas that were left to its choice.
    public static func assignDirectories(
        _ directories: [(partition: TopicPartition, directory: UUID)], of broker: BrokerID, in image: ClusterImage
    ) -> [MetadataRecord] {
        directories.compactMap { assignment in
            guard let topic = image.topic(assignment.partition.topic),
                let partition = topic[partition: assignment.partition.partition],
                let position = partition.replicas.firstIndex(of: broker),
                position < partition.directories.count, partition.directories[position] != assignment.directory
            else { return nil }
            var change = PartitionChangeRecord()
            change.topicId = topic.id
            change.partitionId = assignment.partition.partition
            var changed = partition.directories
            changed[position] = assignment.directory
            change.directories = changed
            return .partitionChange(change)
        }
    }

    private static func check(_ broker: BrokerStart, in image: ClusterImage) throws(Refusal) {
        guard broker.clusterID == image.clusterID else {
            throw Refusal(
                .inconsistentClusterID,
                "Expected cluster ID \(image.clusterID), but got cluster ID \(broker.clusterID)")
        }
        guard !broker.logDirectories.isEmpty else {
            throw Refusal(.invalidRegistration, "No directories specified in request")
        }
        guard !broker.logDirectories.contains(where: DirectoryID.isReserved) else {
            throw Refusal(.invalidRegistration, "Reserved directory ID in request")
        }
        guard Set(broker.logDirectories).count == broker.logDirectories.count else {
            throw Refusal(.invalidRegistration, "Duplicate directory ID in request")
        }
        for other in image.brokers.values where other.id != broker.id {
            guard let shared = other.logDirectories.first(where: { broker.logDirectories.contains($0) }) else {
                continue
            }
            throw Refusal(
                .invalidRegistration, "Broker \(other.id) is already registered with directory \(shared)")
        }
        for (name, level) in image.features {
            let supported = broker.features[name] ?? 0...0
            guard supported.contains(level) else {
                throw Refusal(
                    .unsupportedVersion,
                    "Unable to register because the broker does not support finalized version \(level) of \(name). "
                        + "The broker wants a version between \(supported.lowerBound) and \(supported.upperBound), "
                        + "inclusive.")
            }
        }
    }
}

/// What a broker says about itself when it starts.
public struct BrokerStart: Sendable {
    public var id: BrokerID
    public var clusterID: String
    public var incarnationID: UUID
    public var endpoints: [BrokerRegistration.Endpoint]
    public var features: [String: ClosedRange<Int16>]
    public var rack: String?
    public var logDirectories: [UUID]

    public init(
        id: BrokerID, clusterID: String, incarnationID: UUID, endpoints: [BrokerRegistration.Endpoint],
        features: [String: ClosedRange<Int16>] = Features.supported, rack: String? = nil, logDirectories: [UUID]
    ) {
        self.id = id
        self.clusterID = clusterID
        self.incarnationID = incarnationID
        self.endpoints = endpoints
        self.features = features
        self.rack = rack
        self.logDirectories = logDirectories
    }
}
