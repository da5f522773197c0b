extension BrokerConfigTable {
    /// Log compaction.
    // swift-format-ignore
    static let cleaner: [ConfigDefinition] = [
        .init("log.cleaner.backoff.ms",              .long,    "15000",                 .atLeast(0),   .medium, .clusterWide, .served,
            "Pause when there is nothing to compact."),
        .init("log.cleaner.dedupe.buffer.size",      .long,    "134217728",             .any,          .medium, .clusterWide, .served,
            "Memory of all threads for the map of keys."),
        .init("log.cleaner.delete.retention.ms",     .long,    "86400000",              .atLeast(0),   .medium, .clusterWide, .served,
            "How long compaction keeps the mark of a deleted key."),
        .init("log.cleaner.enable",                  .boolean, "true",                  .any,          .medium, .readOnly,    .served,
            "Whether logs are compacted."),
        .init("log.cleaner.io.buffer.load.factor",   .double,  "0.9",                   .any,          .medium, .clusterWide, .served,
            "How full the map of keys may get."),
        .init("log.cleaner.io.buffer.size",          .int,     "524288",                .atLeast(0),   .medium, .clusterWide, .served,
            "Memory of all threads for reading and writing."),
        .init("log.cleaner.io.max.bytes.per.second", .double,  "1.7976931348623157E308", .any,          .medium, .clusterWide, .served,
            "Bytes per second compaction reads and writes."),
        .init("log.cleaner.max.compaction.lag.ms",   .long,    "9223372036854775807",   .atLeast(1),   .medium, .clusterWide, .served,
            "Longest time a record stays uncompacted."),
        .init("log.cleaner.min.cleanable.ratio",     .double,  "0.5",                   .within(0, 1), .medium, .clusterWide, .served,
            "Share of uncompacted bytes that starts compaction."),
        .init("log.cleaner.min.compaction.lag.ms",   .long,    "0",                     .atLeast(0),   .medium, .clusterWide, .served,
            "Least time a record stays uncompacted."),
        .init("log.cleaner.threads",                 .int,     "1",                     .atLeast(0),   .medium, .clusterWide, .served,
            "Threads that compact logs."),
    ]
}
