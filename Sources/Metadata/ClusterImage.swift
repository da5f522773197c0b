public import Bytes
public import KafkaModel
public import KafkaProtocol

/// All that the metadata log says, up to one offset: an immutable value that readers hold without a lock. The large
/// tables share their parts with the images before and after, so that a change copies little.
public struct ClusterImage: Sendable {
    public let clusterID: String
    /// The node that leads the metadata log.
    public internal(set) var controllerID: BrokerID = .none

    /// The offset of the last record that is in here; -1 when none is.
    public internal(set) var offset: Int64 = -1
    /// The epoch of the metadata log's leader that wrote it.
    public internal(set) var epoch: Int32 = 0
    /// When it was appended, in milliseconds.
    public internal(set) var timestamp: Int64 = -1

    /// The finalized level of each feature.
    public internal(set) var features: [String: Int16] = [:]
    /// The level of the quorum that keeps this log, which the log tells in its own way: 1 once its voters may change.
    public internal(set) var quorumVersion: Int16 = 0
    public internal(set) var brokers: [BrokerID: BrokerRegistration] = [:]
    public internal(set) var controllers: [BrokerID: RegisterControllerRecord] = [:]
    public internal(set) var configs: ShardedMap<ConfigResource, [String: String]> = ShardedMap()
    /// The first producer id that was not handed out.
    public internal(set) var nextProducerID: Int64 = 0
    /// What the record that handed out the last block said: it is written into snapshots again.
    var lastProducerIDs: ProducerIdsRecord?

    public internal(set) var quotas: [QuotaEntity: [String: Double]] = [:]
    public internal(set) var accessControl: [UUID: AccessControlEntryRecord] = [:]
    public internal(set) var scramCredentials: [ScramUser: UserScramCredentialRecord] = [:]
    public internal(set) var delegationTokens: [String: DelegationTokenRecord] = [:]
    /// Nil before a level of `metadata.version` that knows it.
    public internal(set) var zooKeeperMigrationState: Int8?

    var topicsByID: ShardedMap<UUID, TopicImage> = ShardedMap()
    var topicIDs: ShardedMap<String, UUID> = ShardedMap()
    /// The names that have a dot or an underscore, by the name they fall together under.
    var collidingNames: ShardedMap<String, Set<String>> = ShardedMap()
    public internal(set) var partitionCount = 0

    public init(clusterID: String, controllerID: BrokerID = .none) {
        self.clusterID = clusterID
        self.controllerID = controllerID
    }

    public struct QuotaEntity: Hashable, Sendable, CustomStringConvertible {
        /// The name of each part, such as `user` and `client-id`; a nil name is the default of its type.
        public var parts: [String: String?]

        public init(parts: [String: String?]) { self.parts = parts }

        /// As Kafka prints it.
        public var description: String {
            let entries = parts.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value ?? "null")" }
            return "ClientQuotaEntity(entries={\(entries.joined(separator: ", "))})"
        }
    }

    public struct ScramUser: Hashable, Sendable {
        public var name: String
        public var mechanism: Int8

        public init(name: String, mechanism: Int8) {
            self.name = name
            self.mechanism = mechanism
        }
    }
}

extension ClusterImage {
    public var metadataVersion: MetadataVersion {
        MetadataVersion(rawValue: features[MetadataVersion.featureName] ?? MetadataVersion.oldest.rawValue)
    }

    public var topicCount: Int { topicsByID.count }
    /// In no order.
    public var topics: [TopicImage] { topicsByID.values }
    public var topicNames: [String] { topicIDs.keys.sorted() }

    public func topic(id: UUID) -> TopicImage? { topicsByID[id] }
    public func topic(_ name: String) -> TopicImage? { topicIDs[name].flatMap { topicsByID[$0] } }
    public func topicID(_ name: String) -> UUID? { topicIDs[name] }
    public func partition(_ partition: TopicPartition) -> PartitionImage? {
        topic(partition.topic)?[partition: partition.partition]
    }

    /// The dynamic settings of a resource; its defaults are elsewhere.
    public func config(_ resource: ConfigResource) -> [String: String] { configs[resource] ?? [:] }

    public func isActive(_ broker: BrokerID) -> Bool { brokers[broker]?.isActive ?? false }

    /// An existing topic whose metrics would fall together with those of `name`.
    public func topicColliding(with name: String) -> String? {
        guard let key = Self.collisionKey(name) else { return nil }
        return collidingNames[key]?.min()
    }

    /// What names fall together under, or nil for one that cannot.
    static func collisionKey(_ name: String) -> String? {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }) else { return nil }
        return String(decoding: name.utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }
}
