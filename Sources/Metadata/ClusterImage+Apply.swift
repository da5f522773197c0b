import Bytes
import KafkaModel
import KafkaProtocol

extension ClusterImage {
    /// Takes a record in. The offset is set by whoever knows it.
    public mutating func apply(_ record: MetadataRecord) throws(MetadataError) {
        switch record {
        case .topic(let record): try apply(record)
        case .partition(let record): try apply(record)
        case .partitionChange(let record): try apply(record)
        case .removeTopic(let record): try apply(record)
        case .config(let record): try apply(record)
        case .featureLevel(let record): try apply(record)
        case .registerBroker(let record): try apply(record)
        case .brokerRegistrationChange(let record): try apply(record)
        case .unregisterBroker(let record):
            _ = try registration(record.brokerId, epoch: record.brokerEpoch, "unregistered")
            brokers[BrokerID(record.brokerId)] = nil
        case .fenceBroker(let record):
            try changeBroker(record.id, epoch: record.epoch, "fenced") { $0.isFenced = true }
        case .unfenceBroker(let record):
            try changeBroker(record.id, epoch: record.epoch, "unfenced") { $0.isFenced = false }
        case .registerController(let record): controllers[BrokerID(record.controllerId)] = record
        case .producerIDs(let record):
            nextProducerID = record.nextProducerId
            lastProducerIDs = record
        case .clearEligibleLeaders(let record): try apply(record)
        case .zooKeeperMigrationState(let record): zooKeeperMigrationState = record.zkMigrationState
        case .clientQuota(let record): apply(record)
        case .accessControlEntry(let record): accessControl[record.id] = record
        case .removeAccessControlEntry(let record): accessControl[record.id] = nil
        case .userScramCredential(let record):
            scramCredentials[ScramUser(name: record.name, mechanism: record.mechanism)] = record
        case .removeUserScramCredential(let record):
            scramCredentials[ScramUser(name: record.name, mechanism: record.mechanism)] = nil
        case .delegationToken(let record): delegationTokens[record.tokenId] = record
        case .removeDelegationToken(let record): delegationTokens[record.tokenId] = nil
        // The reader of the log holds a transaction's records back until it knows how the transaction ends.
        case .noOp, .beginTransaction, .endTransaction, .abortTransaction: break
        }
    }

    public mutating func apply(_ records: [MetadataRecord]) throws(MetadataError) {
        for record in records { try apply(record) }
    }

    private mutating func apply(_ record: TopicRecord) throws(MetadataError) {
        guard topicIDs[record.name] == nil else { throw .inconsistent("topic \(record.name) is created twice") }
        guard topicsByID[record.topicId] == nil else {
            throw .inconsistent("the id \(record.topicId) of topic \(record.name) is used already")
        }
        topicIDs[record.name] = record.topicId
        topicsByID[record.topicId] = TopicImage(name: record.name, id: record.topicId)
        guard let key = Self.collisionKey(record.name) else { return }
        if collidingNames.update(key, { names in _ = names.insert(record.name) }) == nil {
            collidingNames[key] = [record.name]
        }
    }

    private mutating func apply(_ record: PartitionRecord) throws(MetadataError) {
        guard record.partitionId >= 0 else { throw .inconsistent("a partition has the index \(record.partitionId)") }
        let partition = PartitionImage(record)
        let added = topicsByID.update(record.topicId) { topic in
            let before = topic.partitions.count
            topic.place(partition, at: record.partitionId)
            return topic.partitions.count - before
        }
        guard let added else {
            throw .inconsistent("partition \(record.partitionId) belongs to the unknown topic \(record.topicId)")
        }
        partitionCount += added
    }

    private mutating func apply(_ record: PartitionChangeRecord) throws(MetadataError) {
        let found = topicsByID.update(record.topicId) { topic in
            guard topic[partition: record.partitionId] != nil else { return false }
            topic.partitions[Int(record.partitionId)].apply(record)
            return true
        }
        guard found == true else {
            throw .inconsistent("the unknown partition \(record.partitionId) of topic \(record.topicId) changes")
        }
    }

    private mutating func apply(_ record: RemoveTopicRecord) throws(MetadataError) {
        guard let topic = topicsByID.removeValue(forKey: record.topicId) else {
            throw .inconsistent("the unknown topic \(record.topicId) is removed")
        }
        topicIDs.removeValue(forKey: topic.name)
        configs.removeValue(forKey: .topic(topic.name))
        partitionCount -= topic.partitions.count
        guard let key = Self.collisionKey(topic.name) else { return }
        collidingNames.update(key) { names in _ = names.remove(topic.name) }
        if collidingNames[key]?.isEmpty == true { collidingNames.removeValue(forKey: key) }
    }

    private mutating func apply(_ record: ConfigRecord) throws(MetadataError) {
        guard let kind = ConfigResource.Kind(rawValue: record.resourceType) else {
            throw .inconsistent("a setting belongs to a resource of the unknown type \(record.resourceType)")
        }
        let resource = ConfigResource(kind, record.resourceName)
        let isEmpty = configs.update(resource) { settings in
            settings[record.name] = record.value
            return settings.isEmpty
        }
        switch isEmpty {
        case nil: if let value = record.value { configs[resource] = [record.name: value] }
        case true?: configs.removeValue(forKey: resource)
        case false?: break
        }
    }

    private mutating func apply(_ record: FeatureLevelRecord) throws(MetadataError) {
        if record.name == MetadataVersion.featureName {
            let level = MetadataVersion(rawValue: record.featureLevel)
            guard (MetadataVersion.oldest...MetadataVersion.newest).contains(level) else {
                throw .unsupportedMetadataVersion(record.featureLevel)
            }
        }
        // The quorum's own level stands in control records; some writers said it here too (KAFKA-18979).
        guard record.name != Features.quorum else { return }
        features[record.name] = record.featureLevel == 0 ? nil : record.featureLevel
    }

    private mutating func apply(_ record: ClientQuotaRecord) {
        let entity = QuotaEntity(
            parts: Dictionary(record.entity.map { ($0.entityType, $0.entityName) }, uniquingKeysWith: { $1 }))
        if record.remove {
            quotas[entity]?[record.key] = nil
            if quotas[entity]?.isEmpty == true { quotas[entity] = nil }
        } else {
            quotas[entity, default: [:]][record.key] = record.value
        }
    }

    private mutating func apply(_ record: ClearElrRecord) throws(MetadataError) {
        let ids: [UUID]
        if record.topicName.isEmpty {
            ids = topicsByID.keys
        } else {
            guard let id = topicIDs[record.topicName] else {
                throw .inconsistent("eligible leaders of the unknown topic \(record.topicName) are cleared")
            }
            ids = [id]
        }
        for id in ids {
            topicsByID.update(id) { topic in
                for index in topic.partitions.indices { topic.partitions[index].clearEligibleLeaders() }
            }
        }
    }
}

// Brokers.
extension ClusterImage {
    private mutating func apply(_ record: RegisterBrokerRecord) throws(MetadataError) {
        let id = BrokerID(record.brokerId)
        guard id.rawValue >= 0 else { throw .inconsistent("a broker registers as \(id)") }
        var endpoints: [BrokerRegistration.Endpoint] = []
        for endpoint in record.endPoints {
            guard let security = BrokerRegistration.Security(rawValue: endpoint.securityProtocol) else {
                throw .inconsistent("broker \(id) uses the unknown security protocol \(endpoint.securityProtocol)")
            }
            endpoints.append(
                .init(name: endpoint.name, host: endpoint.host, port: endpoint.port, security: security))
        }
        var features: [String: ClosedRange<Int16>] = [:]
        for feature in record.features {
            guard feature.minSupportedVersion <= feature.maxSupportedVersion else {
                throw .inconsistent("broker \(id) supports \(feature.name) in no version")
            }
            features[feature.name] = feature.minSupportedVersion...feature.maxSupportedVersion
        }
        var broker = BrokerRegistration(
            id: id, epoch: record.brokerEpoch, incarnationID: record.incarnationId, endpoints: endpoints,
            features: features, rack: record.rack, isFenced: record.fenced, logDirectories: record.logDirs)
        broker.isShuttingDown = record.inControlledShutdown
        broker.isMigratingFromZooKeeper = record.isMigratingZkBroker
        brokers[id] = broker
    }

    private mutating func apply(_ record: BrokerRegistrationChangeRecord) throws(MetadataError) {
        guard (-1...1).contains(record.fenced), (0...1).contains(record.inControlledShutdown) else {
            throw .inconsistent("the registration of broker \(record.brokerId) changes in an unknown way")
        }
        try changeBroker(record.brokerId, epoch: record.brokerEpoch, "changed") { broker in
            if record.fenced != 0 { broker.isFenced = record.fenced == 1 }
            if record.inControlledShutdown == 1 { broker.isShuttingDown = true }
            if !record.logDirs.isEmpty { broker.logDirectories = record.logDirs }
        }
    }

    private func registration(
        _ id: Int32, epoch: Int64, _ event: String
    ) throws(MetadataError) -> BrokerRegistration {
        guard let broker = brokers[BrokerID(id)] else { throw .inconsistent("the unknown broker \(id) is \(event)") }
        guard broker.epoch == epoch else {
            throw .inconsistent("broker \(id) is \(event) in epoch \(epoch), but its epoch is \(broker.epoch)")
        }
        return broker
    }

    private mutating func changeBroker(
        _ id: Int32, epoch: Int64, _ event: String, _ body: (inout BrokerRegistration) -> Void
    ) throws(MetadataError) {
        var broker = try registration(id, epoch: epoch, event)
        body(&broker)
        brokers[broker.id] = broker
    }
}

extension PartitionImage {
    init(_ record: PartitionRecord) {
        self.init(
            replicas: record.replicas.map { BrokerID($0) }, directories: record.directories,
            isr: record.isr.map { BrokerID($0) }, leader: BrokerID(record.leader), leaderEpoch: record.leaderEpoch,
            partitionEpoch: record.partitionEpoch)
        removingReplicas = record.removingReplicas.map { BrokerID($0) }
        addingReplicas = record.addingReplicas.map { BrokerID($0) }
        eligibleLeaders = record.eligibleLeaderReplicas?.map { BrokerID($0) } ?? []
        lastKnownEligibleLeaders = record.lastKnownElr?.map { BrokerID($0) } ?? []
        isRecovering = record.leaderRecoveryState == 1
    }

    mutating func apply(_ record: PartitionChangeRecord) {
        if let changed = record.replicas {
            replicas = changed.map { BrokerID($0) }
            if record.directories == nil, directories.count != replicas.count {
                directories = Array(repeating: DirectoryID.migrating, count: replicas.count)
            }
        }
        if let changed = record.directories { directories = changed }
        if let changed = record.isr { isr = changed.map { BrokerID($0) } }
        if let changed = record.removingReplicas { removingReplicas = changed.map { BrokerID($0) } }
        if let changed = record.addingReplicas { addingReplicas = changed.map { BrokerID($0) } }
        if let changed = record.eligibleLeaderReplicas { eligibleLeaders = changed.map { BrokerID($0) } }
        if let changed = record.lastKnownElr { lastKnownEligibleLeaders = changed.map { BrokerID($0) } }
        if record.leaderRecoveryState != -1 { isRecovering = record.leaderRecoveryState == 1 }
        if record.leader != -2 {
            leader = BrokerID(record.leader)
            leaderEpoch &+= 1
        }
        partitionEpoch &+= 1
    }

    mutating func clearEligibleLeaders() {
        guard !eligibleLeaders.isEmpty || !lastKnownEligibleLeaders.isEmpty else { return }
        eligibleLeaders = []
        lastKnownEligibleLeaders = []
        partitionEpoch &+= 1
    }
}
