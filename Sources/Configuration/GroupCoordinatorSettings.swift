/// How groups are run, and how their offsets are kept.
public struct GroupCoordinatorSettings: Sendable, Equatable {
    // Classic groups.
    public let minSessionTimeout: Duration
    public let maxSessionTimeout: Duration
    public let initialRebalanceDelay: Duration
    public let membersMax: Int

    // Consumer groups.
    public let consumerSessionTimeout: Duration
    public let consumerHeartbeatInterval: Duration
    public let consumerAssignmentInterval: Duration
    public let consumerMembersMax: Int
    public let consumerAssignors: [String]
    public let consumerMigrationPolicy: String
    public let regexRefreshInterval: Duration
    public let rebalanceProtocols: Set<String>

    // Offsets.
    public let offsetMetadataBytesMax: Int
    public let offsetRetention: Duration
    public let offsetRetentionCheckInterval: Duration
    public let loadBufferBytes: Int
    public let topicPartitions: Int
    public let topicReplicationFactor: Int
    public let topicSegmentBytes: Int64
    /// Kafka's number of the codec that records of the coordinator are packed with.
    public let compressionCodec: Int

    init(_ reader: ConfigReader) throws(ConfigurationError) {
        minSessionTimeout = try reader.milliseconds("group.min.session.timeout.ms")
        maxSessionTimeout = try reader.milliseconds("group.max.session.timeout.ms")
        initialRebalanceDelay = try reader.milliseconds("group.initial.rebalance.delay.ms")
        membersMax = try reader.count("group.max.size")
        consumerSessionTimeout = try reader.milliseconds("group.consumer.session.timeout.ms")
        consumerHeartbeatInterval = try reader.milliseconds("group.consumer.heartbeat.interval.ms")
        consumerAssignmentInterval = try reader.milliseconds("group.consumer.assignment.interval.ms")
        consumerMembersMax = try reader.count("group.consumer.max.size")
        consumerAssignors = try reader.list("group.consumer.assignors")
        consumerMigrationPolicy = try reader.text("group.consumer.migration.policy") ?? "bidirectional"
        regexRefreshInterval = try reader.milliseconds("group.consumer.regex.refresh.interval.ms")
        rebalanceProtocols = Set(try reader.list("group.coordinator.rebalance.protocols").map { $0.lowercased() })
        offsetMetadataBytesMax = try reader.count("offset.metadata.max.bytes")
        offsetRetention = .seconds(60 * (try reader.integer("offsets.retention.minutes")))
        offsetRetentionCheckInterval = try reader.milliseconds("offsets.retention.check.interval.ms")
        loadBufferBytes = try reader.count("offsets.load.buffer.size")
        topicPartitions = try reader.count("offsets.topic.num.partitions")
        topicReplicationFactor = try reader.count("offsets.topic.replication.factor")
        topicSegmentBytes = try reader.integer("offsets.topic.segment.bytes")
        compressionCodec = try reader.count("offsets.topic.compression.codec")
    }
}
