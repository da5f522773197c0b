public import Configuration

/// The settings of a consumer, read out.
public struct ConsumerConfiguration: Sendable {
    public var client: ClientConfiguration
    /// `auto.offset.reset`.
    public var reset: OffsetReset
    public let isolation: IsolationLevel
    public let fetchBytesMin: Int
    public let fetchBytesMax: Int
    public let fetchMaxWait: Duration
    public let partitionFetchBytesMax: Int
    /// `check.crcs`.
    public let checksBatches: Bool
    /// `client.rack`.
    public let rack: String
    /// `metadata.max.age.ms`.
    public let metadataAge: Duration
    /// `allow.auto.create.topics`.
    public let createsTopics: Bool
    /// `exclude.internal.topics`.
    public let excludesInternalTopics: Bool
    /// The group, where there is one.
    public let group: GroupSettings?

    /// How many fetched bytes wait for the application at most, before an answer that is under way.
    var queueBytes: Int { min(max(fetchBytesMax, partitionFetchBytesMax), Self.queueBytesMax) }

    private static let queueBytesMax = 16 << 20

    public init(_ properties: [String: String], defaultClientID: String) throws(ConfigurationError) {
        var client = try ClientConfiguration(properties, defaultClientID: defaultClientID, of: .consumer)
        let settings = client.settings
        let text = settings.text("auto.offset.reset") ?? ""
        guard let reset = OffsetReset(text) else {
            throw ConfigurationError(
                key: "auto.offset.reset", value: text,
                reason: "it must be earliest, latest, none or by_duration: with a duration such as P1DT12H")
        }
        self.reset = reset
        isolation = IsolationLevel(settings.text("isolation.level") ?? "") ?? .readUncommitted
        fetchBytesMin = Int(settings.integer("fetch.min.bytes"))
        fetchBytesMax = Int(settings.integer("fetch.max.bytes"))
        fetchMaxWait = settings.milliseconds("fetch.max.wait.ms")
        partitionFetchBytesMax = Int(settings.integer("max.partition.fetch.bytes"))
        checksBatches = settings.boolean("check.crcs")
        rack = settings.text("client.rack") ?? ""
        metadataAge = settings.milliseconds("metadata.max.age.ms")
        createsTopics = settings.boolean("allow.auto.create.topics")
        excludesInternalTopics = settings.boolean("exclude.internal.topics")
        // One batch may be larger than what was asked for.
        client.frameBytesMax = max(client.frameBytesMax, fetchBytesMax * 2)
        group = try GroupSettings(client)
        self.client = client
    }
}
