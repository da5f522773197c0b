public import Configuration

/// The broker's settings that groups are run by.
public struct GroupSettings: Equatable, Sendable {
    // Classic groups.
    public var minSessionTimeout = Duration.milliseconds(6000)
    public var maxSessionTimeout = Duration.milliseconds(1_800_000)
    public var initialRebalanceDelay = Duration.milliseconds(3000)
    public var membersMax = Int(Int32.max)

    // Consumer groups; a group may override the three first.
    public var consumer = ConsumerGroupSettings()
    public var consumerMembersMax = Int(Int32.max)
    public var assignors = ["uniform", "range"]
    public var migrationPolicy = MigrationPolicy.bidirectional
    public var regexRefreshInterval = Duration.milliseconds(600_000)
    /// Whether members of the consumer protocol are let in.
    public var servesConsumer = true

    // Offsets.
    public var offsetMetadataBytesMax = 4096
    public var offsetRetention = Duration.seconds(10080 * 60)

    public init() {}

    public init(_ configuration: GroupCoordinatorSettings) {
        minSessionTimeout = configuration.minSessionTimeout
        maxSessionTimeout = configuration.maxSessionTimeout
        initialRebalanceDelay = configuration.initialRebalanceDelay
        membersMax = configuration.membersMax
        consumer.sessionTimeout = configuration.consumerSessionTimeout
        consumer.heartbeatInterval = configuration.consumerHeartbeatInterval
        consumer.assignmentInterval = configuration.consumerAssignmentInterval
        consumerMembersMax = configuration.consumerMembersMax
        assignors = configuration.consumerAssignors
        migrationPolicy =
            MigrationPolicy(rawValue: configuration.consumerMigrationPolicy.lowercased()) ?? migrationPolicy
        regexRefreshInterval = configuration.regexRefreshInterval
        servesConsumer = configuration.rebalanceProtocols.contains("consumer")
        offsetMetadataBytesMax = configuration.offsetMetadataBytesMax
        offsetRetention = configuration.offsetRetention
    }

    /// Between which protocols a group may change over while it has members (KIP-848).
    public enum MigrationPolicy: String, Sendable {
        case bidirectional, upgrade, downgrade, disabled

        public var upgrades: Bool { self == .bidirectional || self == .upgrade }
        public var downgrades: Bool { self == .bidirectional || self == .downgrade }
    }
}

public struct ConsumerGroupSettings: Equatable, Sendable {
    public var sessionTimeout = Duration.milliseconds(45_000)
    public var heartbeatInterval = Duration.milliseconds(5000)
    public var assignmentInterval = Duration.milliseconds(1000)

    public init() {}
}
