import KafkaModel

extension BrokerConfiguration {
    /// All settings as DescribeConfigs answers them for this broker, in the order of names.
    public func describe() -> [ConfigEntry] {
        BrokerConfigTable.definitions
            .filter { !$0.isInternal && $0.serving != .removed && $0.serving != .zookeeper }
            .sorted { $0.name < $1.name }
            .map(describe)
    }

    /// One setting, also one that is not listed; nil when there is none of that name.
    public func describe(_ name: String) -> ConfigEntry? { BrokerConfigTable.find(name).map(describe) }

    /// What was altered for all brokers, as DescribeConfigs answers it for the broker without a name.
    public func describeAllBrokers() -> [ConfigEntry] {
        layers.allBrokers.keys.sorted().compactMap { name in
            BrokerConfigTable.find(name).map { definition in
                let value = definition.isSensitive ? nil : layers.allBrokers[name]
                return ConfigEntry(
                    definition: definition, value: value, source: .dynamicDefaultBroker,
                    isReadOnly: definition.dynamic == .readOnly,
                    synonyms: [ConfigSynonym(name: name, value: value, source: .dynamicDefaultBroker)])
            }
        }
    }

    private func describe(_ definition: ConfigDefinition) -> ConfigEntry {
        let synonyms = layers.synonyms(BrokerConfigTable.siblings(of: definition.name))
        let own = synonyms.first { $0.name == definition.name }
        return ConfigEntry(
            definition: definition, value: own?.value ?? computedValue(definition.name),
            source: own?.source ?? .defaultValue, isReadOnly: definition.dynamic == .readOnly, synonyms: synonyms)
    }

    /// Settings whose value follows from others when nobody sets it.
    private func computedValue(_ name: String) -> String? {
        switch name {
        case "node.id": nodeID.description
        case "process.roles": ProcessRole.allCases.filter(roles.contains).map(\.rawValue).joined(separator: ",")
        default: nil
        }
    }
}
