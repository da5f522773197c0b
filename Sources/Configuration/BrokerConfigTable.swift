/// Every setting of a broker that Kafka 4.3 knows, with its default, and those that only 3.9 knows. The check of a file,
/// DescribeConfigs and the manual page all read this table; it is built when somebody first asks.
public enum BrokerConfigTable {
    public static let groups: [(title: String, definitions: [ConfigDefinition])] = [
        ("Node and metadata", identity),
        ("Listeners and connections", listeners),
        ("Logs and topics", logs),
        ("Log compaction", cleaner),
        ("Replication and fetches", replication),
        ("Consumer groups", groupSettings),
        ("Share and streams groups", shareGroups),
        ("Transactions and idempotence", transactions),
        ("Quotas", quotas),
        ("Security", security),
        ("SASL", sasl),
        ("Tiered storage", tieredStorage),
        ("Metrics", metrics),
        ("Settings of Kafka 3", former),
    ]

    public static let definitions: [ConfigDefinition] = groups.flatMap(\.definitions)

    private static let positions: [String: Int] = Dictionary(
        uniqueKeysWithValues: definitions.enumerated().map { ($0.element.name, $0.offset) })

    public static func find(_ name: String) -> ConfigDefinition? { positions[name].map { definitions[$0] } }

    /// The settings that say the same in other units, or stand in when unset; the first that is set counts. A setting
    /// that has none is alone.
    public static func siblings(of name: String) -> [String] {
        for family in families where family.contains(name) { return family }
        return name == "log.flush.interval.ms" ? [name, "log.flush.scheduler.interval.ms"] : [name]
    }

    private static let families = [
        ["log.retention.ms", "log.retention.minutes", "log.retention.hours"],
        ["log.roll.ms", "log.roll.hours"],
        ["log.roll.jitter.ms", "log.roll.jitter.hours"],
    ]

    /// How many milliseconds one unit of a setting is.
    static func millisecondsPerUnit(of name: String) -> Int64 {
        if name.hasSuffix(".hours") { return 3_600_000 }
        return name.hasSuffix(".minutes") ? 60_000 : 1
    }
}
