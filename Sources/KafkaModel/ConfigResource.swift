/// What a dynamic setting belongs to. The raw values are those of the protocol and of the stored records.
public struct ConfigResource: Hashable, Comparable, Sendable, CustomStringConvertible {
    public enum Kind: Int8, CaseIterable, Sendable {
        case topic = 2
        case broker = 4
        case brokerLogger = 8
        case clientMetrics = 16
        case group = 32
    }

    public let kind: Kind
    /// The topic, or the number of a broker; the empty name of a broker stands for all brokers.
    public let name: String

    public init(_ kind: Kind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    public static func topic(_ name: String) -> ConfigResource { ConfigResource(.topic, name) }
    public static let allBrokers = ConfigResource(.broker, "")

    public static func < (left: ConfigResource, right: ConfigResource) -> Bool {
        (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
    }

    public var description: String {
        switch kind {
        case .topic: "topic '\(name)'"
        case .broker: name.isEmpty ? "the brokers' defaults" : "broker \(name)"
        case .brokerLogger: "the loggers of broker \(name)"
        case .clientMetrics: "client metrics '\(name)'"
        case .group: "group '\(name)'"
        }
    }
}
