/// A group's settings: its overrides, and for the rest what the broker says.
public struct GroupConfiguration: Sendable {
    /// What the group sets itself.
    public let overrides: [String: String]
    private let broker: BrokerConfiguration

    /// Overrides as they were stored: the broker's limits may have changed since.
    public init(overrides: [String: String], broker: BrokerConfiguration) {
        self.overrides = overrides
        self.broker = broker
    }

    /// Why the overrides are refused, in Kafka's words, or nil when they are good.
    public func problem() -> String? {
        for (name, value) in overrides.sorted(by: { $0.key < $1.key }) {
            guard let definition = GroupConfigTable.find(name) else { return "Unknown group config name: \(name)" }
            do throws(ConfigurationError) { _ = try definition.parse(value) } catch { return error.description }
        }
        return Self.limits.lazy.compactMap(problem).first
            ?? ["consumer", "share", "streams"].lazy.compactMap(sessionProblem).first
    }

    /// All settings as DescribeConfigs answers them, in the order of names.
    public func describe() -> [ConfigEntry] {
        GroupConfigTable.definitions.map { definition in
            var synonyms = broker.synonyms(definition.synonyms)
            if let value = overrides[definition.name]?.trimmed {
                synonyms.insert(ConfigSynonym(name: definition.name, value: value, source: .group), at: 0)
            } else if synonyms.isEmpty {
                synonyms = [
                    ConfigSynonym(name: definition.name, value: definition.defaultValue, source: .defaultValue)
                ]
            }
            return ConfigEntry(
                definition: definition, value: synonyms.first?.value, source: synonyms.first?.source ?? .defaultValue,
                isReadOnly: false, synonyms: synonyms)
        }
    }

    /// A setting, and the broker's settings that bound it.
    private struct Limit {
        let name: String
        let least: String?
        let most: String
    }

    private static let limits: [Limit] = {
        var limits: [Limit] = []
        for (kind, name) in [
            ("consumer", "heartbeat.interval.ms"), ("consumer", "session.timeout.ms"),
            ("consumer", "assignment.interval.ms"), ("share", "heartbeat.interval.ms"),
            ("share", "session.timeout.ms"), ("share", "record.lock.duration.ms"), ("share", "delivery.count.limit"),
            ("share", "partition.max.record.locks"), ("share", "assignment.interval.ms"),
            ("streams", "heartbeat.interval.ms"), ("streams", "session.timeout.ms"),
            ("streams", "assignment.interval.ms"),
        ] {
            limits.append(
                Limit(name: "\(kind).\(name)", least: "group.\(kind).min.\(name)", most: "group.\(kind).max.\(name)"))
        }
        limits.append(
            Limit(name: "streams.num.standby.replicas", least: nil, most: "group.streams.max.standby.replicas"))
        return limits
    }()

    private func problem(with limit: Limit) -> String? {
        guard let number = override(limit.name), let most = setting(limit.most) else { return nil }
        guard let least = limit.least.flatMap(setting) else {
            return number > most ? "\(limit.name) must be less than or equal to \(most)" : nil
        }
        return least <= number && number <= most
            ? nil : "\(limit.name) must be in the range \(least) to \(most) inclusive."
    }

    /// Of a kind of group: its members must have time for a heartbeat before they are given up.
    private func sessionProblem(_ kind: String) -> String? {
        let (session, heartbeat) = ("\(kind).session.timeout.ms", "\(kind).heartbeat.interval.ms")
        guard overrides[session] != nil || overrides[heartbeat] != nil,
            let longer = override(session) ?? setting("group.\(session)"),
            let shorter = override(heartbeat) ?? setting("group.\(heartbeat)"), longer <= shorter
        else { return nil }
        return "\(session) must be greater than \(heartbeat)"
    }

    private func override(_ name: String) -> Int64? { overrides[name].flatMap { Int64($0.trimmed) } }

    private func setting(_ name: String) -> Int64? { broker.describe(name)?.value.flatMap { Int64($0) } }
}

extension BrokerConfiguration {
    fileprivate func synonyms(_ names: [String]) -> [ConfigSynonym] { names.isEmpty ? [] : layers.synonyms(names) }
}
