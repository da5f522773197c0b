extension BrokerConfigTable {
    /// Quotas and throttles.
    // swift-format-ignore
    static let quotas: [ConfigDefinition] = [
        .init("alter.log.dirs.replication.quota.window.num",          .int,    "11",                  .atLeast(1), .low,    .readOnly,    .quotas,
            "Samples kept for the throttle of moves between directories."),
        .init("alter.log.dirs.replication.quota.window.size.seconds", .int,    "1",                   .atLeast(1), .low,    .readOnly,    .quotas,
            "Length of one such sample."),
        .init("client.quota.callback.class",                          .class_, nil,                   .any,        .low,    .readOnly,    .plugin,
            "Java class that decides quotas."),
        .init("controller.quota.window.num",                          .int,    "11",                  .atLeast(1), .low,    .readOnly,    .quotas,
            "Samples kept for the quota on partition changes."),
        .init("controller.quota.window.size.seconds",                 .int,    "1",                   .atLeast(1), .low,    .readOnly,    .quotas,
            "Length of one such sample."),
        .init("follower.replication.throttled.rate",                  .long,   "9223372036854775807", .atLeast(0), .medium, .clusterWide, .quotas,
            "Bytes per second for throttled followers."),
        .init("leader.replication.throttled.rate",                    .long,   "9223372036854775807", .atLeast(0), .medium, .clusterWide, .quotas,
            "Bytes per second for throttled leaders."),
        .init("quota.window.num",                                     .int,    "11",                  .atLeast(1), .low,    .readOnly,    .quotas,
            "Samples kept for client quotas."),
        .init("quota.window.size.seconds",                            .int,    "1",                   .atLeast(1), .low,    .readOnly,    .quotas,
            "Length of one such sample."),
        .init("replica.alter.log.dirs.io.max.bytes.per.second",       .long,   "9223372036854775807", .atLeast(0), .medium, .clusterWide, .served,
            "Bytes per second for moves between log directories."),
        .init("replication.quota.window.num",                         .int,    "11",                  .atLeast(1), .low,    .readOnly,    .quotas,
            "Samples kept for replication throttles."),
        .init("replication.quota.window.size.seconds",                .int,    "1",                   .atLeast(1), .low,    .readOnly,    .quotas,
            "Length of one such sample."),
    ]
}
