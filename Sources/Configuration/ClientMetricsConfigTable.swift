/// The settings of a subscription to the metrics of clients (KIP-714).
public enum ClientMetricsConfigTable {
    public static func find(_ name: String) -> ConfigDefinition? { definitions.first { $0.name == name } }

    // swift-format-ignore
    public static let definitions: [ConfigDefinition] = [
        .init("interval.ms", .int,  "300000", .any,               .medium, .telemetry, [],
            "How often clients push their metrics."),
        .init("match",       .list, "",       .list(.mayBeEmpty), .medium, .telemetry, [],
            "Which clients are meant: name=pattern of client_id, client_instance_id, client_software_name, client_software_version, client_source_address and client_source_port."),
        .init("metrics",     .list, "",       .list(.mayBeEmpty), .medium, .telemetry, [],
            "Prefixes of the metrics that are wanted; * for all."),
    ]

    /// The settings of a subscription as DescribeConfigs answers them, in the order of names.
    public static func describe(_ overrides: [String: String]) -> [ConfigEntry] {
        definitions.map { definition in
            let value = overrides[definition.name]?.trimmed
            return ConfigEntry(
                definition: definition, value: value ?? definition.defaultValue,
                source: value == nil ? .defaultValue : .clientMetrics, isReadOnly: false,
                synonyms: value.map {
                    [ConfigSynonym(name: definition.name, value: $0, source: .clientMetrics)]
                } ?? [])
        }
    }
}
