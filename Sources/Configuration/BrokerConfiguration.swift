public import KafkaModel

/// What a node does. This version serves both together in one process.
public enum ProcessRole: String, CaseIterable, Sendable {
    case broker, controller
}

/// A broker's settings, checked and typed. It is a value: altering a setting while the broker runs makes a new one by
/// `altered`, which whoever holds the old one exchanges.
public struct BrokerConfiguration: Sendable {
    let layers: ConfigLayers

    // Node and metadata.
    public let nodeID: BrokerID
    public let roles: Set<ProcessRole>
    public let rack: String?
    /// Whether `controller.quorum.voters` names this node as the voter.
    public let hasStaticVoters: Bool
    public let metadataLogDirectory: String
    public let metadataSegmentBytes: Int
    public let metadataSnapshotBytes: Int64
    public let metadataSnapshotInterval: Duration

    // Listeners and connections.
    /// Where clients are served.
    public let listeners: [Listener]
    /// Where only controllers are spoken to.
    public let controllerListeners: [Listener]
    /// What clients are told; an empty host stands for the name of this machine.
    public let advertisedListeners: [Listener]
    public let advertisedControllerListeners: [Listener]
    public let interBrokerListenerName: String
    public let networkThreads: Int
    public let ioThreads: Int
    public let queuedRequestsMax: Int
    /// Nil: no limit.
    public let queuedRequestBytesMax: Int64?
    /// Nil: as the system chooses.
    public let sendBufferBytes: Int?
    public let receiveBufferBytes: Int?
    public let requestBytesMax: Int
    public let listenBacklog: Int
    public let connectionsMax: Int
    public let connectionsPerAddressMax: Int
    public let connectionsPerAddressOverrides: [String: Int]
    /// Nil: idle connections stay.
    public let connectionIdleMax: Duration?

    // Topics and logs.
    public let logDirectories: [String]
    public let partitionsDefault: Int
    public let replicationFactorDefault: Int
    public let autoCreateTopics: Bool
    public let deleteTopics: Bool
    public let retentionCheckInterval: Duration
    public let flushCheckInterval: Duration
    public let recoveryPointInterval: Duration
    public let logStartOffsetInterval: Duration
    public let highWatermarkInterval: Duration
    public let recoveryThreadsPerDirectory: Int
    public let directoryMoveThreads: Int
    /// `Int64.max`: as fast as it goes.
    public let directoryMoveBytesPerSecond: Int64
    public let initialTaskDelay: Duration
    public let fetchBytesMax: Int
    public let fetchSessionsMax: Int
    public let describedPartitionsMax: Int
    public let producerIDExpiration: Duration
    public let producerIDExpirationInterval: Duration

    public let cleaner: CleanerSettings
    public let groups: GroupCoordinatorSettings

    /// Where metrics can be read; nil: nowhere.
    public let metricsListener: HostPort?

    /// What was set but has no effect, one line each, to be reported once at the start.
    public let notices: [String]

    /// From the settings of a properties file, with the overrides of the command line already in it. `hostName` is the
    /// name of this machine, by which a quorum setting may mean this node.
    public init(properties: [String: String], hostName: String? = nil) throws(ConfigurationError) {
        try self.init(layers: ConfigLayers(file: properties), hostName: hostName)
    }

    /// The same file with what was altered since: for all brokers, and for this one.
    public func altered(
        allBrokers: [String: String], thisBroker: [String: String]
    ) throws(ConfigurationError) -> BrokerConfiguration {
        try BrokerConfiguration(
            layers: ConfigLayers(broker: thisBroker, allBrokers: allBrokers, file: layers.file), hostName: nil)
    }

    /// The settings of a start without any file: one node for a developer, reached from this machine only, since nobody
    /// decided to open it to a network.
    public static let developerProperties = ["listeners": "PLAINTEXT://localhost:9092"]

    init(layers: ConfigLayers, hostName: String?) throws(ConfigurationError) {
        self.layers = layers
        let reader = ConfigReader(layers: layers)
        notices = try Self.check(layers)

        nodeID = try Self.nodeID(reader)
        roles = try Self.roles(reader)
        rack = try reader.text("broker.rack")
        hasStaticVoters = try !reader.list("controller.quorum.voters").isEmpty

        let sockets = try ListenerSettings(reader)
        listeners = sockets.listeners
        controllerListeners = sockets.controllerListeners
        advertisedListeners = sockets.advertisedListeners
        advertisedControllerListeners = sockets.advertisedControllerListeners
        interBrokerListenerName = sockets.interBrokerListenerName
        try Self.checkQuorum(reader, nodeID: nodeID, sockets: sockets, hostName: hostName)
        networkThreads = try reader.count("num.network.threads")
        ioThreads = try reader.count("num.io.threads")
        queuedRequestsMax = try reader.count("queued.max.requests")
        let queuedBytes = try reader.integer("queued.max.request.bytes")
        queuedRequestBytesMax = queuedBytes > 0 ? queuedBytes : nil
        sendBufferBytes = try Self.bufferBytes(reader, "socket.send.buffer.bytes")
        receiveBufferBytes = try Self.bufferBytes(reader, "socket.receive.buffer.bytes")
        requestBytesMax = try reader.count("socket.request.max.bytes")
        listenBacklog = try reader.count("socket.listen.backlog.size")
        connectionsMax = try reader.count("max.connections")
        connectionsPerAddressMax = try reader.count("max.connections.per.ip")
        connectionsPerAddressOverrides = try Self.addressCounts(reader)
        let idle = try reader.integer("connections.max.idle.ms")
        connectionIdleMax = idle >= 0 ? .milliseconds(idle) : nil

        logDirectories = try reader.list(reader.isSet("log.dirs") ? "log.dirs" : "log.dir")
        metadataLogDirectory = try reader.text("metadata.log.dir") ?? logDirectories.first ?? ""
        metadataSegmentBytes = try reader.count("metadata.log.segment.bytes")
        metadataSnapshotBytes = try reader.integer("metadata.log.max.record.bytes.between.snapshots")
        metadataSnapshotInterval = try reader.milliseconds("metadata.log.max.snapshot.interval.ms")

        partitionsDefault = try reader.count("num.partitions")
        replicationFactorDefault = try reader.count("default.replication.factor")
        autoCreateTopics = try reader.flag("auto.create.topics.enable")
        deleteTopics = try reader.flag("delete.topic.enable")
        retentionCheckInterval = try reader.milliseconds("log.retention.check.interval.ms")
        flushCheckInterval = try reader.milliseconds("log.flush.scheduler.interval.ms")
        recoveryPointInterval = try reader.milliseconds("log.flush.offset.checkpoint.interval.ms")
        logStartOffsetInterval = try reader.milliseconds("log.flush.start.offset.checkpoint.interval.ms")
        highWatermarkInterval = try reader.milliseconds("replica.high.watermark.checkpoint.interval.ms")
        recoveryThreadsPerDirectory = try reader.count("num.recovery.threads.per.data.dir")
        let moveThreads = try reader.integerIfAny("num.replica.alter.log.dirs.threads")
        directoryMoveThreads = moveThreads.map { Int($0) } ?? logDirectories.count
        directoryMoveBytesPerSecond = try reader.integer("replica.alter.log.dirs.io.max.bytes.per.second")
        initialTaskDelay = try reader.milliseconds("log.initial.task.delay.ms")
        fetchBytesMax = try reader.count("fetch.max.bytes")
        fetchSessionsMax = try reader.count("max.incremental.fetch.session.cache.slots")
        describedPartitionsMax = try reader.count("max.request.partition.size.limit")
        producerIDExpiration = try reader.milliseconds("producer.id.expiration.ms")
        producerIDExpirationInterval = try reader.milliseconds("producer.id.expiration.check.interval.ms")
        cleaner = try CleanerSettings(reader)
        groups = try GroupCoordinatorSettings(reader)
        metricsListener = try reader.text("metrics.listener").flatMap { HostPort($0) }

        try checkTogether(reader)
    }
}
