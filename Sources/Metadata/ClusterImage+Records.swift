public import KafkaModel
public import KafkaProtocol

extension ClusterImage {
    /// The records that build this image from nothing, in the order of Kafka's snapshots: features first, because the
    /// rest may depend on them, and a topic before its partitions.
    public func records() -> [MetadataRecord] {
        var records = featureRecords()
        records += controllers.keys.sorted().compactMap { id in controllers[id].map { .registerController($0) } }
        records += brokers.keys.sorted().compactMap { id in brokers[id].map { .registerBroker($0.record) } }
        for topic in topics.sorted(by: { $0.name < $1.name }) { records += topic.records }
        for resource in configs.keys.sorted() { records += configRecords(resource) }
        records += quotaRecords()
        if let lastProducerIDs { records.append(.producerIDs(lastProducerIDs)) }
        records += accessControl.keys.sorted().compactMap { id in accessControl[id].map { .accessControlEntry($0) } }
        records += scramCredentials.values.sorted { ($0.name, $0.mechanism) < ($1.name, $1.mechanism) }
            .map { .userScramCredential($0) }
        records += delegationTokens.keys.sorted().compactMap { id in
            delegationTokens[id].map { .delegationToken($0) }
        }
        return records
    }

    private func featureRecords() -> [MetadataRecord] {
        let names = features.keys.sorted {
            ($0 == MetadataVersion.featureName ? 0 : 1, $0) < ($1 == MetadataVersion.featureName ? 0 : 1, $1)
        }
        var records: [MetadataRecord] = names.map { name in
            var record = FeatureLevelRecord()
            record.name = name
            record.featureLevel = features[name] ?? 0
            return .featureLevel(record)
        }
        if let zooKeeperMigrationState {
            var record = ZkMigrationRecord()
            record.zkMigrationState = zooKeeperMigrationState
            records.append(.zooKeeperMigrationState(record))
        }
        return records
    }

    private func configRecords(_ resource: ConfigResource) -> [MetadataRecord] {
        let settings = config(resource)
        return settings.keys.sorted().map { .config(ConfigRecord(resource, $0, settings[$0])) }
    }

    private func quotaRecords() -> [MetadataRecord] {
        // Sorted by their text, so that equal images give equal snapshots.
        let entities = quotas.map { entity, values in
            (
                parts: entity.parts.sorted { $0.key < $1.key },
                text: entity.parts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value ?? "")" }.joined(
                    separator: ","),
                values: values.sorted { $0.key < $1.key }
            )
        }
        return entities.sorted { $0.text < $1.text }.flatMap { entity in
            entity.values.map { key, value -> MetadataRecord in
                var record = ClientQuotaRecord()
                record.entity = entity.parts.map { type, name in
                    var part = ClientQuotaRecord.EntityData()
                    part.entityType = type
                    part.entityName = name
                    return part
                }
                record.key = key
                record.value = value
                return .clientQuota(record)
            }
        }
    }
}

extension ConfigRecord {
    public init(_ resource: ConfigResource, _ name: String, _ value: String?) {
        self.init()
        resourceType = resource.kind.rawValue
        resourceName = resource.name
        self.name = name
        self.value = value
    }
}

extension TopicImage {
    /// The records that create the topic.
    public var records: [MetadataRecord] {
        var topic = TopicRecord()
        topic.name = name
        topic.topicId = id
        return [.topic(topic)] + partitions.enumerated().map { .partition($1.record(topicID: id, index: Int32($0))) }
    }
}
