extension ClientConfigTable {
    /// What the admin client has with a default of its own.
    // swift-format-ignore
    static let admin: [ConfigDefinition] = [
        .init("bootstrap.controllers",   .list,    nil,          .any,                       .high,   .served,
            "Controllers to begin with instead of brokers: host:port, separated by commas."),
        .init("connections.max.idle.ms", .long,    "300000",     .any,                       .medium, .idleConnections,
            "Time without use after which a connection is closed."),
        .init("default.api.timeout.ms",  .int,     "60000",      .atLeast(0),                .medium, .served,
            "Longest time for one call, tries and waits included."),
        .init("enable.metrics.push",     .boolean, "false",      .any,                       .low,    .telemetry,
            "Whether metrics are pushed to a cluster that asks for them."),
        .init("receive.buffer.bytes",    .int,     "65536",      .atLeast(-1),               .medium, .served,
            "Receive buffer of sockets; -1 is the default of the system."),
        .init("retries",                 .int,     "2147483647", .between(0, 2_147_483_647), .low,    .served,
            "How often a request is tried again."),
    ]
}
