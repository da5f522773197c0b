import Configuration
import KafkaClient
import KafkaModel

/// What `skafka configs` is to show or to change.
struct ConfigEntity: Equatable {
    enum Kind: String, CaseIterable {
        case brokerLoggers = "broker-loggers"
        case topics
        case clients
        case users
        case brokers
        case ips
        case clientMetrics = "client-metrics"
        case groups

        static let names = allCases.map(\.rawValue)

        /// As Kafka's tool makes it: the last letter off.
        var singular: String { String(rawValue.dropLast()) }

        /// Nil for what has quotas instead.
        var resource: ConfigResource.Kind? {
            switch self {
            case .topics: .topic
            case .brokers: .broker
            case .brokerLoggers: .brokerLogger
            case .clientMetrics: .clientMetrics
            case .groups: .group
            case .clients, .users, .ips: nil
            }
        }

        var quota: ClientQuota.Kind? {
            switch self {
            case .users: .user
            case .clients: .clientID
            case .ips: .ip
            case .topics, .brokers, .brokerLoggers, .clientMetrics, .groups: nil
            }
        }

        /// Where a value has its source that was set for the entity itself.
        func ownSource(isDefault: Bool) -> DescribedConfig.Source {
            switch self {
            case .topics: .topic
            case .brokers: isDefault ? .brokerDefault : .broker
            case .brokerLoggers: .brokerLogger
            case .clientMetrics: .clientMetrics
            case .groups: .group
            case .clients, .users, .ips: .unknown
            }
        }

        /// The keys that may be set, where they are known here.
        var knownKeys: [String]? {
            switch self {
            case .topics: TopicConfigTable.definitions.map(\.name)
            case .brokers: BrokerConfigTable.definitions.map(\.name)
            case .clientMetrics: ["interval.ms", "metrics", "match"]
            case .groups, .brokerLoggers, .clients, .users, .ips: nil
            }
        }
    }

    enum Name: Equatable {
        /// All there are.
        case any
        case byDefault
        case named(String)
    }

    let kind: Kind
    var name: Name
}
