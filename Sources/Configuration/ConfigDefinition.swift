/// What kind of value a setting has. The raw values are those of the DescribeConfigs protocol.
public enum ConfigType: Int8, Sendable {
    case boolean = 1, string, int, short, long, double, list, class_, password

    /// Kafka's name of the type, as its manual and error texts have it.
    public var name: String {
        switch self {
        case .boolean: "BOOLEAN"
        case .string: "STRING"
        case .int: "INT"
        case .short: "SHORT"
        case .long: "LONG"
        case .double: "DOUBLE"
        case .list: "LIST"
        case .class_: "CLASS"
        case .password: "PASSWORD"
        }
    }
}

public enum ConfigImportance: Sendable { case high, medium, low }

/// Whether a setting of the broker can change while it runs, and for whom.
public enum DynamicMode: Sendable {
    case readOnly
    /// For one broker at a time.
    case perBroker
    /// For one broker, or for all as a default.
    case clusterWide
}

/// One setting: its name and everything the parser, the check of a file, DescribeConfigs and the manual need to know.
public struct ConfigDefinition: Sendable {
    public let name: String
    public let type: ConfigType
    /// Nil when there is none: the setting is unset unless somebody sets it.
    public let defaultValue: String?
    public let validator: ConfigValidator
    public let importance: ConfigImportance
    public let dynamic: DynamicMode
    public let serving: Serving
    public let documentation: String
    /// Settings of the broker that stand in for a topic's setting, finest unit first.
    public let synonyms: [String]
    /// For developers: left out of manuals and listings.
    public let isInternal: Bool

    /// Values that are never shown.
    public var isSensitive: Bool { type == .password }

    init(
        _ name: String, _ type: ConfigType, _ defaultValue: String?, _ validator: ConfigValidator,
        _ importance: ConfigImportance, _ dynamic: DynamicMode, _ serving: Serving, _ documentation: String,
        synonyms: [String] = [], isInternal: Bool = false
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.validator = validator
        self.importance = importance
        self.dynamic = dynamic
        self.serving = serving
        self.documentation = documentation
        self.synonyms = synonyms
        self.isInternal = isInternal
    }

    /// A setting of a topic, which can always be altered.
    init(
        _ name: String, _ type: ConfigType, _ defaultValue: String?, _ validator: ConfigValidator,
        _ importance: ConfigImportance, _ serving: Serving, _ synonyms: [String], _ documentation: String
    ) {
        self.init(
            name, type, defaultValue, validator, importance, .clusterWide, serving, documentation, synonyms: synonyms)
    }

    /// A setting of a client, which is read when the client is made.
    init(
        _ name: String, _ type: ConfigType, _ defaultValue: String?, _ validator: ConfigValidator,
        _ importance: ConfigImportance, _ serving: Serving, _ documentation: String
    ) {
        self.init(name, type, defaultValue, validator, importance, .readOnly, serving, documentation)
    }

    static func `internal`(
        _ name: String, _ type: ConfigType, _ defaultValue: String?, _ validator: ConfigValidator,
        _ importance: ConfigImportance, _ serving: Serving, _ documentation: String
    ) -> ConfigDefinition {
        ConfigDefinition(
            name, type, defaultValue, validator, importance, .readOnly, serving, documentation, isInternal: true)
    }

    static func `internal`(
        _ name: String, _ type: ConfigType, _ defaultValue: String?, _ validator: ConfigValidator,
        _ importance: ConfigImportance, _ dynamic: DynamicMode, _ serving: Serving, _ documentation: String
    ) -> ConfigDefinition {
        ConfigDefinition(
            name, type, defaultValue, validator, importance, dynamic, serving, documentation, isInternal: true)
    }

    static func `internal`(
        _ name: String, _ type: ConfigType, _ defaultValue: String?, _ validator: ConfigValidator,
        _ importance: ConfigImportance, _ serving: Serving, _ synonyms: [String], _ documentation: String
    ) -> ConfigDefinition {
        ConfigDefinition(
            name, type, defaultValue, validator, importance, .clusterWide, serving, documentation,
            synonyms: synonyms, isInternal: true)
    }
}
