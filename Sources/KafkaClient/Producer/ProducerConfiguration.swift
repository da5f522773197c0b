public import Compression
public import Configuration
import Timing

/// The settings of a producer, checked against each other.
public struct ProducerConfiguration: Sendable {
    public enum Acknowledgement: Int16, Sendable {
        case all = -1
        case none = 0
        case leader = 1
    }

    public let client: ClientConfiguration
    public let acks: Acknowledgement
    public let isIdempotent: Bool
    public let batchBytes: Int
    public let linger: Duration
    public let memoryBytes: Int
    public let requestBytesMax: Int
    public let inFlightMax: Int
    /// How often a batch may be sent again.
    public let retries: Int
    public let deliveryTimeout: Duration
    /// The longest wait of a caller, for memory or metadata.
    public let maxBlock: Duration
    public let compression: CompressionType
    public let compressionLevel: Int?
    public let metadataAge: Duration
    /// How long a topic that nobody sends to is asked about.
    public let metadataIdle: Duration
    public let reconnectBackoff: Duration
    public let reconnectBackoffMax: Duration
    let strategy: PartitionChooser.Strategy
    let ignoresKeys: Bool
    let isAdaptive: Bool
    /// Zero is never.
    let availabilityTimeout: Duration

    public init(_ properties: [String: String], defaultClientID: String) throws(ConfigurationError) {
        client = try ClientConfiguration(properties, defaultClientID: defaultClientID, of: .producer)
        let settings = client.settings
        guard settings.text("transactional.id") == nil else {
            throw ConfigurationError(
                key: "transactional.id", value: settings.text("transactional.id"),
                reason: "transactions are not served by this version")
        }
        acks =
            switch settings.text("acks") {
            case "0": .none
            case "1": .leader
            default: .all
            }
        inFlightMax = Int(settings.integer("max.in.flight.requests.per.connection"))
        retries = Int(settings.integer("retries"))
        isIdempotent = try Self.idempotence(settings, acks, retries: retries, inFlightMax: inFlightMax)
        batchBytes = Int(settings.integer("batch.size"))
        linger = settings.milliseconds("linger.ms")
        memoryBytes = Int(settings.integer("buffer.memory"))
        requestBytesMax = Int(settings.integer("max.request.size"))
        deliveryTimeout = try Self.deliveryTimeout(settings)
        maxBlock = settings.milliseconds("max.block.ms")
        compression = CompressionType(name: settings.text("compression.type") ?? "none") ?? .none
        compressionLevel =
            switch compression {
            case .none, .snappy: nil
            case .gzip, .lz4, .zstd:
                settings.has("compression.\(compression.name).level")
                    ? Int(settings.integer("compression.\(compression.name).level")) : nil
            }
        metadataAge = settings.milliseconds("metadata.max.age.ms")
        metadataIdle = settings.milliseconds("metadata.max.idle.ms")
        reconnectBackoff = settings.milliseconds("reconnect.backoff.ms")
        reconnectBackoffMax = settings.milliseconds("reconnect.backoff.max.ms")
        strategy = try Self.strategy(settings.text("partitioner.class"))
        ignoresKeys = settings.boolean("partitioner.ignore.keys")
        isAdaptive = settings.boolean("partitioner.adaptive.partitioning.enable")
        availabilityTimeout = settings.milliseconds("partitioner.availability.timeout.ms")
    }

    /// On unless another setting rules it out; where both are set, that is an error.
    private static func idempotence(
        _ settings: ClientSettings, _ acks: Acknowledgement, retries: Int, inFlightMax: Int
    ) throws(ConfigurationError) -> Bool {
        guard settings.boolean("enable.idempotence") else { return false }
        let isWanted = settings.has("enable.idempotence")
        if retries == 0 {
            guard isWanted else { return false }
            throw conflict("retries", "0", "Must set retries to non-zero when using the idempotent producer.")
        }
        if acks != .all {
            guard isWanted else { return false }
            throw conflict(
                "acks", settings.text("acks"),
                "Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee "
                    + "idempotence.")
        }
        guard inFlightMax <= 5 else {
            throw conflict(
                "max.in.flight.requests.per.connection", String(inFlightMax),
                "Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.")
        }
        return true
    }

    private static func deliveryTimeout(_ settings: ClientSettings) throws(ConfigurationError) -> Duration {
        let timeout = settings.integer("delivery.timeout.ms")
        let least = min(
            Int64(Int32.max), settings.integer("linger.ms").addingClamped(settings.integer("request.timeout.ms")))
        if timeout >= least { return .milliseconds(timeout) }
        guard settings.has("delivery.timeout.ms") else { return .milliseconds(least) }
        throw conflict(
            "delivery.timeout.ms", String(timeout),
            "delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms")
    }

    private static func strategy(_ name: String?) throws(ConfigurationError) -> PartitionChooser.Strategy {
        let prefix = "org.apache.kafka.clients.producer."
        switch name.map({ $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }) {
        case nil, "": return .sticky
        case "RoundRobinPartitioner": return .roundRobin
        case "UniformStickyPartitioner", "internals.DefaultPartitioner", "DefaultPartitioner":
            throw conflict(
                "partitioner.class", name, "it was removed in Kafka 4; unset it, and what it did is the default")
        default:
            throw conflict(
                "partitioner.class", name, "Java classes cannot be loaded; RoundRobinPartitioner is known by its name")
        }
    }

    private static func conflict(_ key: String, _ value: String?, _ reason: String) -> ConfigurationError {
        ConfigurationError(key: key, value: value, reason: reason)
    }
}
