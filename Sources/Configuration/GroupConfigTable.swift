/// Every setting a group may override, with the broker's setting it falls back to. Kafka's names and defaults of 4.3.
public enum GroupConfigTable {
    public static func find(_ name: String) -> ConfigDefinition? { definitions.first { $0.name == name } }

    // swift-format-ignore
    public static let definitions: [ConfigDefinition] = [
        .init("consumer.assignment.interval.ms",    .int,     "1000",             .atLeast(0),       .medium, .served,        ["group.consumer.assignment.interval.ms"],
            "Least time between two assignments of the consumer group."),
        .init("consumer.heartbeat.interval.ms",     .int,     "5000",             .atLeast(1),       .medium, .served,        ["group.consumer.heartbeat.interval.ms"],
            "Heartbeat interval told to members of the consumer group."),
        .init("consumer.session.timeout.ms",        .int,     "45000",            .atLeast(1),       .medium, .served,        ["group.consumer.session.timeout.ms"],
            "A member of the consumer group that is silent for so long is removed."),
        .init("share.assignment.interval.ms",       .int,     "1000",             .atLeast(0),       .medium, .shareGroups,   ["group.share.assignment.interval.ms"],
            "Least time between two assignments of the share group."),
        .init("share.auto.offset.reset",            .string,  "latest",           .shareOffsetReset, .medium, .shareGroups,   [],
            "Where the share group begins in a partition that it does not know yet."),
        .init("share.delivery.count.limit",         .int,     "5",                .atLeast(2),       .medium, .shareGroups,   ["group.share.delivery.count.limit"],
            "How often a record is delivered before it counts as unprocessable."),
        .init("share.heartbeat.interval.ms",        .int,     "5000",             .atLeast(1),       .medium, .shareGroups,   ["group.share.heartbeat.interval.ms"],
            "Heartbeat interval told to members of the share group."),
        .init("share.isolation.level",              .string,  "read_uncommitted", .isolationLevel,   .medium, .shareGroups,   [],
            "Whether the share group sees records of transactions before they are committed."),
        .init("share.partition.max.record.locks",   .int,     "2000",             .atLeast(100),     .medium, .shareGroups,   ["group.share.partition.max.record.locks"],
            "Records of one partition that may be locked at a time."),
        .init("share.record.lock.duration.ms",      .int,     "30000",            .atLeast(1000),    .medium, .shareGroups,   ["group.share.record.lock.duration.ms"],
            "How long a delivered record stays locked for its consumer."),
        .init("share.renew.acknowledge.enable",     .boolean, "true",             .any,              .medium, .shareGroups,   [],
            "Whether consumers of the share group may renew their locks."),
        .init("share.session.timeout.ms",           .int,     "45000",            .atLeast(1),       .medium, .shareGroups,   ["group.share.session.timeout.ms"],
            "A member of the share group that is silent for so long is removed."),
        .init("streams.assignment.interval.ms",     .int,     "1000",             .atLeast(0),       .medium, .streamsGroups, ["group.streams.assignment.interval.ms"],
            "Least time between two assignments of the streams group."),
        .init("streams.heartbeat.interval.ms",      .int,     "5000",             .atLeast(1),       .medium, .streamsGroups, ["group.streams.heartbeat.interval.ms"],
            "Heartbeat interval told to members of the streams group."),
        .init("streams.initial.rebalance.delay.ms", .int,     "3000",             .atLeast(0),       .medium, .streamsGroups, ["group.streams.initial.rebalance.delay.ms"],
            "Wait for more members before the first assignment of the streams group."),
        .init("streams.num.standby.replicas",       .int,     "0",                .atLeast(0),       .medium, .streamsGroups, ["group.streams.num.standby.replicas"],
            "Standby copies of each task of the streams group."),
        .init("streams.session.timeout.ms",         .int,     "45000",            .atLeast(1),       .medium, .streamsGroups, ["group.streams.session.timeout.ms"],
            "A member of the streams group that is silent for so long is removed."),
    ]
}
