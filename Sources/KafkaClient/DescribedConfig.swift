import KafkaModel

extension ConfigResource {
    /// The broker that alone can answer for it; nil if any can.
    var broker: Int32? {
        switch kind {
        case .broker, .brokerLogger: Int32(name)
        case .topic, .clientMetrics, .group: nil
        }
    }
}

/// A setting of a resource as the cluster tells it.
public struct DescribedConfig: Sendable, Equatable {
    public struct Synonym: Sendable, Equatable {
        public let name: String
        public let value: String?
        public let source: Source

        public init(name: String, value: String?, source: Source) {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    public let name: String
    /// Nil where it is none, or a secret.
    public let value: String?
    public let source: Source
    public var isSensitive: Bool
    public var isReadOnly: Bool
    /// What would count if the value before were not there, and where it is set.
    public var synonyms: [Synonym]
    /// Kafka's word, such as `LIST`; nil where the broker does not tell.
    public var type: String?
    public var documentation: String?

    public init(
        name: String, value: String?, source: Source, isSensitive: Bool = false, isReadOnly: Bool = false,
        synonyms: [Synonym] = [], type: String? = nil, documentation: String? = nil
    ) {
        self.name = name
        self.value = value
        self.source = source
        self.isSensitive = isSensitive
        self.isReadOnly = isReadOnly
        self.synonyms = synonyms
        self.type = type
        self.documentation = documentation
    }

    public var isDefault: Bool { source == .builtIn }
}

/// A change of one setting.
public struct ConfigChange: Sendable, Equatable {
    public enum Operation: Int8, Sendable {
        case set = 0
        case delete = 1
        case append = 2
        case subtract = 3
    }

    public let name: String
    public let operation: Operation
    public let value: String?

    public init(_ operation: Operation, _ name: String, _ value: String? = nil) {
        self.operation = operation
        self.name = name
        self.value = value
    }
}

extension DescribedConfig {
    /// Where a setting has its value from.
    public enum Source: Int8, Sendable {
        case unknown = 0
        case topic = 1
        case broker = 2
        case brokerDefault = 3
        case file = 4
        case builtIn = 5
        case brokerLogger = 6
        case clientMetrics = 7
        case group = 8

        /// Kafka's word for it.
        public var name: String {
            switch self {
            case .unknown: "UNKNOWN"
            case .topic: "DYNAMIC_TOPIC_CONFIG"
            case .broker: "DYNAMIC_BROKER_CONFIG"
            case .brokerDefault: "DYNAMIC_DEFAULT_BROKER_CONFIG"
            case .file: "STATIC_BROKER_CONFIG"
            case .builtIn: "DEFAULT_CONFIG"
            case .brokerLogger: "DYNAMIC_BROKER_LOGGER_CONFIG"
            case .clientMetrics: "DYNAMIC_CLIENT_METRICS_CONFIG"
            case .group: "DYNAMIC_GROUP_CONFIG"
            }
        }
    }
}
