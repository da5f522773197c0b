public import Configuration

/// What a client talks to. The raw value is what travels.
public enum EndpointType: Int8, Sendable {
    case brokers = 1
    case controllers = 2
}

/// The settings of a client, from a properties file and what the command line adds to it.
public struct ClientConfiguration: Sendable {
    public let bootstrapServers: [HostPort]
    /// What the bootstrap servers are.
    public let endpoints: EndpointType
    public let clientID: String
    /// The longest wait for one answer.
    public let requestTimeout: Duration
    /// The longest time for one call, tries and waits included.
    public let apiTimeout: Duration
    public let connectTimeout: Duration
    public let retries: Int
    public let retryBackoff: Duration
    public let retryBackoffMax: Duration
    /// What was set and has no effect, a line each, for a person to see.
    public let notices: [String]

    /// An answer longer than this is taken for nonsense.
    public var frameBytesMax = 100 << 20

    private static let clientIDBytesMax = 1024

    public init(_ properties: [String: String], defaultClientID: String) throws(ConfigurationError) {
        let reader = Reader(properties: properties)
        let protocolName = properties["security.protocol"] ?? "PLAINTEXT"
        guard protocolName == "PLAINTEXT" else {
            throw ConfigurationError(
                key: "security.protocol", value: protocolName, reason: "only PLAINTEXT is served by this version")
        }
        if properties["bootstrap.servers"] == nil, let controllers = properties["bootstrap.controllers"] {
            endpoints = .controllers
            bootstrapServers = try Self.servers(controllers, "bootstrap.controllers")
        } else {
            endpoints = .brokers
            bootstrapServers = try Self.servers(properties["bootstrap.servers"] ?? "", "bootstrap.servers")
        }
        clientID = properties["client.id"] ?? defaultClientID
        guard clientID.utf8.count <= Self.clientIDBytesMax else {
            throw ConfigurationError(
                key: "client.id", value: nil, reason: "it is longer than \(Self.clientIDBytesMax) bytes")
        }
        requestTimeout = try reader.milliseconds("request.timeout.ms", default: 30_000)
        apiTimeout = try reader.milliseconds("default.api.timeout.ms", default: 60_000)
        connectTimeout = try reader.milliseconds("socket.connection.setup.timeout.ms", default: 10_000)
        retries = Int(try reader.integer("retries", default: Int64(Int32.max), 0...Int64(Int32.max)))
        retryBackoff = try reader.milliseconds("retry.backoff.ms", default: 100)
        retryBackoffMax = try reader.milliseconds("retry.backoff.max.ms", default: 1000)
        let unknown = properties.keys.filter { !Self.isKnown($0) }.sorted()
        notices =
            unknown.isEmpty
            ? [] : ["These configurations '[\(unknown.joined(separator: ", "))]' were supplied but are not used yet."]
    }

    /// `host:port,host:port`, in Kafka's words where it is not.
    private static func servers(_ text: String, _ key: String) throws(ConfigurationError) -> [HostPort] {
        let words = text.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" } }.filter { !$0.isEmpty }
        guard !words.isEmpty else {
            throw ConfigurationError(
                key: key, value: nil, reason: "No resolvable bootstrap urls given in \(key)")
        }
        var servers: [HostPort] = []
        for word in words {
            guard let server = HostPort(word), server.port > 0 else {
                throw ConfigurationError(
                    key: key, value: word,
                    reason: "Please provide valid host:port like host1:9091,host2:9092")
            }
            if !servers.contains(server) { servers.append(server) }
        }
        return servers
    }

    /// What the clients of Kafka know and this one does not need.
    private static let otherKeys: Set<String> = [
        "client.dns.lookup", "connections.max.idle.ms", "receive.buffer.bytes", "send.buffer.bytes",
        "metadata.max.age.ms",
        "metadata.recovery.strategy", "metadata.recovery.rebootstrap.trigger.ms", "metric.reporters",
        "metrics.num.samples",
        "metrics.recording.level", "metrics.sample.window.ms", "enable.metrics.push", "reconnect.backoff.ms",
        "reconnect.backoff.max.ms", "socket.connection.setup.timeout.max.ms",
        "auto.include.jmx.reporter", "security.providers", "config.providers",
    ]

    private static let usedKeys: Set<String> = [
        "bootstrap.servers", "bootstrap.controllers", "client.id", "request.timeout.ms", "default.api.timeout.ms",
        "socket.connection.setup.timeout.ms", "retries", "retry.backoff.ms", "retry.backoff.max.ms",
        "security.protocol",
    ]

    private static func isKnown(_ key: String) -> Bool {
        usedKeys.contains(key) || otherKeys.contains(key) || key.hasPrefix("ssl.") || key.hasPrefix("sasl.")
    }

    private struct Reader {
        let properties: [String: String]

        func integer(
            _ key: String, default value: Int64, _ range: ClosedRange<Int64>
        ) throws(ConfigurationError) -> Int64 {
            guard let text = properties[key] else { return value }
            guard let number = Int64(text.filter { $0 != " " }) else {
                throw ConfigurationError(key: key, value: text, reason: "Not a number of type INT")
            }
            guard range.contains(number) else {
                throw ConfigurationError(
                    key: key, value: text, reason: "Value must be at least \(range.lowerBound)")
            }
            return number
        }

        func milliseconds(_ key: String, default value: Int64) throws(ConfigurationError) -> Duration {
            .milliseconds(try integer(key, default: value, 0...Int64(Int32.max)))
        }
    }
}
