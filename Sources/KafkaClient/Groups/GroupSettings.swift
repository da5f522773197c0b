import Configuration
import KafkaModel

/// What the settings say of a consumer's group.
public struct GroupSettings: Sendable {
    /// `group.protocol`.
    public enum Flavour: Sendable {
        /// The leader among the members shares the partitions.
        case classic
        /// The coordinator does (KIP-848).
        case consumer
    }

    public let groupID: String
    public let instanceID: String?
    public let flavour: Flavour
    public let assignors: [Assignor]
    /// `group.remote.assignor`.
    let remoteAssignor: String?
    let sessionTimeout: Duration
    let heartbeatInterval: Duration
    /// `max.poll.interval.ms`, which is the rebalance timeout too.
    let pollInterval: Duration
    let retryBackoff: Duration
    let retryBackoffMax: Duration
    let requestTimeout: Duration
    let rack: String?
    let leavesOnClose: Bool
    /// How often positions are committed by themselves; nil is never.
    public let autoCommitInterval: Duration?

    /// Nil where there is no group.
    init?(_ client: ClientConfiguration) throws(ConfigurationError) {
        let settings = client.settings
        guard let groupID = settings.text("group.id"), !groupID.isEmpty else {
            if settings.has("enable.auto.commit"), settings.boolean("enable.auto.commit") {
                throw ConfigurationError(
                    key: "enable.auto.commit", value: "true",
                    reason: "it cannot be set to true when default group id (null) is used")
            }
            return nil
        }
        self.groupID = groupID
        instanceID = settings.text("group.instance.id")
        flavour = settings.text("group.protocol")?.lowercased() == "consumer" ? .consumer : .classic
        assignors = try Self.assignors(settings.list("partition.assignment.strategy"))
        remoteAssignor = settings.text("group.remote.assignor")
        sessionTimeout = settings.milliseconds("session.timeout.ms")
        heartbeatInterval = settings.milliseconds("heartbeat.interval.ms")
        pollInterval = settings.milliseconds("max.poll.interval.ms")
        retryBackoff = client.retryBackoff
        retryBackoffMax = client.retryBackoffMax
        requestTimeout = client.requestTimeout
        let rack = settings.text("client.rack") ?? ""
        self.rack = rack.isEmpty ? nil : rack
        leavesOnClose = settings.boolean("internal.leave.group.on.close")
        autoCommitInterval =
            settings.boolean("enable.auto.commit") ? settings.milliseconds("auto.commit.interval.ms") : nil
        try check(settings)
    }

    private static func assignors(_ names: [String]) throws(ConfigurationError) -> [Assignor] {
        var assignors: [Assignor] = []
        for name in names where !name.isEmpty {
            guard let assignor = Assignor(className: name) else {
                throw ConfigurationError(
                    key: "partition.assignment.strategy", value: name,
                    reason:
                        "Java classes cannot be loaded; there are RangeAssignor, RoundRobinAssignor, StickyAssignor "
                        + "and CooperativeStickyAssignor")
            }
            if !assignors.contains(assignor) { assignors.append(assignor) }
        }
        return assignors
    }

    private func check(_ settings: ClientSettings) throws(ConfigurationError) {
        switch flavour {
        case .classic:
            if settings.has("group.remote.assignor") {
                throw ConfigurationError(
                    key: "group.remote.assignor", value: nil, reason: "it cannot be set when group.protocol=CLASSIC")
            }
            guard !assignors.isEmpty else {
                throw ConfigurationError(
                    key: "partition.assignment.strategy", value: "", reason: "a member of a group needs an assignor")
            }
            guard settings.integer("heartbeat.interval.ms") > 0, sessionTimeout > heartbeatInterval else {
                throw ConfigurationError(
                    key: "heartbeat.interval.ms", value: String(settings.integer("heartbeat.interval.ms")),
                    reason: "Heartbeat must be set lower than the session timeout")
            }
        case .consumer:
            for key in ["partition.assignment.strategy", "session.timeout.ms", "heartbeat.interval.ms"]
            where settings.has(key) {
                throw ConfigurationError(
                    key: key, value: nil, reason: "it cannot be set when group.protocol=CONSUMER")
            }
        }
    }
}
