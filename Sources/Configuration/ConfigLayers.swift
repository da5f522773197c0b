/// Where a value comes from. The raw values are those of the DescribeConfigs protocol.
public enum ConfigSource: Int8, Sendable {
    case topic = 1
    case dynamicBroker = 2
    case dynamicDefaultBroker = 3
    case staticBroker = 4
    case defaultValue = 5
    case brokerLogger = 6
    case clientMetrics = 7
    case group = 8

    public var name: String {
        switch self {
        case .topic: "DYNAMIC_TOPIC_CONFIG"
        case .dynamicBroker: "DYNAMIC_BROKER_CONFIG"
        case .dynamicDefaultBroker: "DYNAMIC_DEFAULT_BROKER_CONFIG"
        case .staticBroker: "STATIC_BROKER_CONFIG"
        case .defaultValue: "DEFAULT_CONFIG"
        case .brokerLogger: "DYNAMIC_BROKER_LOGGER_CONFIG"
        case .clientMetrics: "DYNAMIC_CLIENT_METRICS_CONFIG"
        case .group: "DYNAMIC_GROUP_CONFIG"
        }
    }
}

/// A place where a value was found, under the name it has there.
public struct ConfigSynonym: Equatable, Sendable {
    public let name: String
    /// Nil when the value is secret.
    public let value: String?
    public let source: ConfigSource
}

/// A setting as DescribeConfigs answers it.
public struct ConfigEntry: Sendable {
    public let definition: ConfigDefinition
    /// Nil when unset or secret.
    public let value: String?
    public let source: ConfigSource
    public let isReadOnly: Bool
    /// Everything that says something about the setting, what counts first.
    public let synonyms: [ConfigSynonym]

    public var name: String { definition.name }
}

/// The values of a broker's settings in the order in which they count: those altered for this broker, those altered for
/// all brokers, those of the properties file, the defaults.
struct ConfigLayers: Sendable {
    var broker: [String: String] = [:]
    var allBrokers: [String: String] = [:]
    var file: [String: String] = [:]

    /// What was set for any of the names, outermost layer first and in each the first name first; then the defaults.
    func synonyms(_ names: [String]) -> [ConfigSynonym] {
        var found: [ConfigSynonym] = []
        func add(_ layer: [String: String], _ source: ConfigSource) {
            for name in names {
                guard let value = layer[name] else { continue }
                let isSecret = BrokerConfigTable.find(name)?.isSensitive ?? true
                found.append(ConfigSynonym(name: name, value: isSecret ? nil : value.trimmed, source: source))
            }
        }
        add(broker, .dynamicBroker)
        add(allBrokers, .dynamicDefaultBroker)
        add(file, .staticBroker)
        for name in names {
            guard let definition = BrokerConfigTable.find(name), let value = definition.defaultValue else { continue }
            found.append(
                ConfigSynonym(name: name, value: definition.isSensitive ? nil : value, source: .defaultValue))
        }
        return found
    }

    /// The value that counts for the first of the names that any layer sets, without the defaults.
    func raw(_ names: [String]) -> (name: String, value: String)? {
        for layer in [broker, allBrokers, file] where !layer.isEmpty {
            for name in names {
                if let value = layer[name] { return (name, value) }
            }
        }
        return nil
    }
}

/// Reads typed values out of the layers. A name or a type that the table does not have is a mistake in this program.
struct ConfigReader {
    let layers: ConfigLayers

    private func definition(_ name: String) -> ConfigDefinition {
        guard let definition = BrokerConfigTable.find(name) else { preconditionFailure("no setting \(name)") }
        return definition
    }

    func value(_ name: String) throws(ConfigurationError) -> ConfigValue? {
        let definition = definition(name)
        if let set = layers.raw([name]) { return try definition.parse(set.value) }
        return definition.parsedDefault
    }

    func isSet(_ name: String) -> Bool { layers.raw([name]) != nil }

    func integerIfAny(_ name: String) throws(ConfigurationError) -> Int64? {
        switch try value(name) {
        case .integer(let number): number
        case nil: nil
        default: preconditionFailure("\(name) is no number")
        }
    }

    func integer(_ name: String) throws(ConfigurationError) -> Int64 {
        guard let number = try integerIfAny(name) else { preconditionFailure("\(name) has no default") }
        return number
    }

    func count(_ name: String) throws(ConfigurationError) -> Int { Int(try integer(name)) }

    func milliseconds(_ name: String) throws(ConfigurationError) -> Duration { .milliseconds(try integer(name)) }

    func flag(_ name: String) throws(ConfigurationError) -> Bool {
        guard case .boolean(let flag) = try value(name) else { preconditionFailure("\(name) is no flag") }
        return flag
    }

    func double(_ name: String) throws(ConfigurationError) -> Double {
        guard case .double(let number) = try value(name) else { preconditionFailure("\(name) is no number") }
        return number
    }

    func text(_ name: String) throws(ConfigurationError) -> String? {
        switch try value(name) {
        case .text(let text): text
        case nil: nil
        default: preconditionFailure("\(name) is no text")
        }
    }

    func listIfAny(_ name: String) throws(ConfigurationError) -> [String]? {
        switch try value(name) {
        case .list(let elements): elements
        case nil: nil
        default: preconditionFailure("\(name) is no list")
        }
    }

    func list(_ name: String) throws(ConfigurationError) -> [String] { try listIfAny(name) ?? [] }

    /// Refuses the value a setting has now.
    func refusal(_ name: String, _ reason: String) -> ConfigurationError {
        let definition = definition(name)
        let value = layers.raw([name])?.value.trimmed ?? definition.defaultValue
        return ConfigurationError(key: name, value: definition.isSensitive ? "[hidden]" : value, reason: reason)
    }
}
