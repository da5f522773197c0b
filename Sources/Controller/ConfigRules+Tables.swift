public import Configuration
import KafkaModel
import Metadata

extension ConfigRules {
    /// The rules of Kafka's settings, in front of a broker with the given configuration.
    public static func standard(broker: BrokerConfiguration) -> ConfigRules {
        ConfigRules(
            check: { resource, all, changed in
                switch resource.kind {
                case .topic: checkTopic(all, changed, broker)
                case .broker: checkBroker(resource, all, changed, broker)
                case .group: checkGroup(all, broker)
                case .clientMetrics: ClientMetricsRules.check(resource.name, all)
                // Levels of loggers are no metadata, and never come here.
                case .brokerLogger: Refusal(.invalidRequest, "Unknown resource type 8")
                }
            },
            shape: { kind, name in
                let definition =
                    switch kind {
                    case .topic: TopicConfigTable.find(name)
                    case .broker: BrokerConfigTable.find(name)
                    case .group: GroupConfigTable.find(name)
                    case .clientMetrics: ClientMetricsConfigTable.find(name)
                    case .brokerLogger: ConfigDefinition?.none
                    }
                guard let definition, definition.type == .list else { return .single }
                return .list(defaultValue: definition.defaultValue)
            })
    }

    private static func checkTopic(
        _ all: [String: String], _ changed: Set<String>, _ broker: BrokerConfiguration
    ) -> Refusal? {
        guard !all.isEmpty else { return nil }
        for name in changed.sorted() where all[name] != nil && TopicConfigTable.find(name) == nil {
            return Refusal(.invalidConfig, "Unknown topic config name: \(name)")
        }
        // What another version stored and nobody touches is no reason to refuse.
        let known = all.filter { changed.contains($0.key) || TopicConfigTable.find($0.key) != nil }
        do throws(ConfigurationError) {
            _ = try TopicConfiguration(overrides: known, broker: broker)
            return nil
        } catch {
            return Refusal(.invalidConfig, error.description)
        }
    }

    private static func checkGroup(_ all: [String: String], _ broker: BrokerConfiguration) -> Refusal? {
        GroupConfiguration(overrides: all, broker: broker).problem().map { Refusal(.invalidConfig, $0) }
    }

    private static func checkBroker(
        _ resource: ConfigResource, _ all: [String: String], _ changed: Set<String>, _ broker: BrokerConfiguration
    ) -> Refusal? {
        let isDefault = resource == .allBrokers
        let set = changed.filter { all[$0] != nil }
        func names(_ modes: Set<DynamicMode>) -> String {
            set.filter { name in BrokerConfigTable.find(name).map { modes.contains($0.dynamic) } ?? false }.sorted()
                .joined(separator: ", ")
        }
        let fixed = names([.readOnly])
        if !fixed.isEmpty {
            return Refusal(.invalidRequest, "Cannot update these configs dynamically: Set(\(fixed))")
        }
        let perBroker = names([.perBroker])
        if isDefault, !perBroker.isEmpty {
            return Refusal(
                .invalidRequest,
                "Cannot update these configs at default cluster level, broker id must be specified: Set(\(perBroker))")
        }
        do throws(ConfigurationError) {
            _ = try broker.altered(allBrokers: isDefault ? all : [:], thisBroker: isDefault ? [:] : all)
            return nil
        } catch {
            return Refusal(.invalidRequest, error.description)
        }
    }
}
