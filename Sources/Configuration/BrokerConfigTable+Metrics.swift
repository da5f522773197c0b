extension BrokerConfigTable {
    /// Metrics and telemetry.
    // swift-format-ignore
    static let metrics: [ConfigDefinition] = [
        .init("kafka.metrics.polling.interval.secs", .int,    "10",                    .atLeast(1),        .low, .readOnly,    .virtualMachine,
            "Polling period of the Java metrics reporters."),
        .init("kafka.metrics.reporters",             .list,   "",                      .list(.mayBeEmpty), .low, .readOnly,    .virtualMachine,
            "Java metrics reporters."),
        .init("metric.reporters",                    .list,   "org.apache.kafka.common.metrics.JmxReporter", .list(.mayBeEmpty), .low, .clusterWide, .virtualMachine,
            "Java metrics reporters."),
        .init("metrics.listener",                    .string, nil,                     .hostPort,          .low, .readOnly,    .served,
            "Where metrics are read in the text format of Prometheus: host:port. Off when unset; skafka only."),
        .init("metrics.num.samples",                 .int,    "2",                     .atLeast(1),        .low, .readOnly,    .virtualMachine,
            "Samples kept to compute a rate."),
        .init("metrics.recording.level",             .string, "INFO",                  .any,               .low, .readOnly,    .virtualMachine,
            "Which sensors of the Java broker record."),
        .init("metrics.sample.window.ms",            .long,   "30000",                 .atLeast(1),        .low, .readOnly,    .virtualMachine,
            "Length of one sample of a rate."),
        .init("telemetry.max.bytes",                 .int,    "1048576",               .atLeast(1),        .low, .readOnly,    .telemetry,
            "Largest push of client metrics."),
    ]
}
