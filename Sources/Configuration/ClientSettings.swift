/// The properties of a client, read and checked by `ClientConfigTable`. What is not set has its default.
public struct ClientSettings: Sendable {
    public let client: ClientConfigTable.Client
    private let values: [String: ConfigValue]
    /// What was set and has no effect, a line each, for a person to see.
    public let notices: [String]

    public init(
        _ properties: [String: String], of client: ClientConfigTable.Client
    ) throws(ConfigurationError) {
        self.client = client
        var values: [String: ConfigValue] = [:]
        var unknown: [String] = []
        var notices: [String] = []
        for (key, text) in properties.sorted(by: { $0.key < $1.key }) {
            if let definition = ClientConfigTable.find(key, of: client) {
                values[key] = try definition.parse(text)
                if let reason = definition.serving.reason { notices.append("\(key) has no effect: \(reason)") }
            } else if key.hasPrefix("ssl.") || key.hasPrefix("sasl.") {
                // These matter to the protocols that `security.protocol` refuses.
                continue
            } else {
                unknown.append(key)
            }
        }
        if !unknown.isEmpty {
            notices.append(
                "These configurations '[\(unknown.joined(separator: ", "))]' were supplied but are not used yet.")
        }
        self.values = values
        self.notices = notices
    }

    /// Whether somebody set it, be it to its default.
    public func has(_ name: String) -> Bool { values[name] != nil }

    /// The value, set or by default; nil when there is neither.
    public func value(_ name: String) -> ConfigValue? {
        if let value = values[name] { return value }
        guard let definition = ClientConfigTable.find(name, of: client) else {
            preconditionFailure("clients of this kind have no setting \(name)")
        }
        return definition.parsedDefault
    }

    public func integer(_ name: String) -> Int64 {
        guard case .integer(let value)? = value(name) else { preconditionFailure("\(name) is no number") }
        return value
    }

    public func boolean(_ name: String) -> Bool {
        guard case .boolean(let value)? = value(name) else { preconditionFailure("\(name) is no boolean") }
        return value
    }

    public func text(_ name: String) -> String? {
        switch value(name) {
        case .text(let value)?: value
        case nil: nil
        default: preconditionFailure("\(name) is no text")
        }
    }

    public func list(_ name: String) -> [String] {
        switch value(name) {
        case .list(let value)?: value
        case nil: []
        default: preconditionFailure("\(name) is no list")
        }
    }

    public func milliseconds(_ name: String) -> Duration { .milliseconds(integer(name)) }
}
