/// A topic's settings, checked and typed: its overrides, and for the rest what the broker says.
public struct TopicConfiguration: Sendable {
    public enum RecordTime: String, Sendable {
        case createTime = "CreateTime"
        case logAppendTime = "LogAppendTime"
    }

    /// What the topic sets itself.
    public let overrides: [String: String]
    private let layers: ConfigLayers

    public let segmentBytes: Int
    public let segmentMs: Int64
    public let segmentJitterMs: Int64
    public let segmentIndexBytes: Int
    public let indexIntervalBytes: Int
    /// -1: for ever.
    public let retentionMs: Int64
    /// -1: no limit.
    public let retentionBytes: Int64
    public let deletes: Bool
    public let compacts: Bool
    public let messageBytesMax: Int
    public let flushMessages: Int64
    public let flushMs: Int64
    public let fileDeleteDelayMs: Int64
    public let recordTime: RecordTime
    public let timestampBeforeMaxMs: Int64
    public let timestampAfterMaxMs: Int64
    public let preallocate: Bool
    /// `producer`, `uncompressed` or the name of a codec.
    public let compressionType: String
    public let gzipLevel: Int
    public let lz4Level: Int
    public let zstdLevel: Int
    public let minInSyncReplicas: Int
    public let uncleanLeaderElection: Bool
    public let minCleanableDirtyRatio: Double
    public let minCompactionLagMs: Int64
    public let maxCompactionLagMs: Int64
    public let deleteRetentionMs: Int64

    /// Refuses names that are no settings of a topic and values that are not allowed; what Kafka 4 removed is ignored.
    public init(overrides: [String: String], broker: BrokerConfiguration) throws(ConfigurationError) {
        self.overrides = overrides
        layers = broker.layers
        for name in overrides.keys.sorted() where TopicConfigTable.find(name) == nil {
            throw ConfigurationError(key: name, value: overrides[name], reason: "Unknown topic config name: \(name)")
        }
        let reader = TopicReader(overrides: overrides, layers: broker.layers)
        segmentBytes = Int(
            try reader.integer(overrides["internal.segment.bytes"] == nil ? "segment.bytes" : "internal.segment.bytes"))
        segmentMs = try reader.integer("segment.ms")
        segmentJitterMs = try reader.integer("segment.jitter.ms")
        segmentIndexBytes = Int(try reader.integer("segment.index.bytes"))
        indexIntervalBytes = Int(try reader.integer("index.interval.bytes"))
        // Kafka takes any negative retention of the broker for unlimited.
        retentionMs = max(-1, try reader.integer("retention.ms"))
        retentionBytes = try reader.integer("retention.bytes")
        let policies = try reader.list("cleanup.policy")
        deletes = policies.contains("delete")
        compacts = policies.contains("compact")
        messageBytesMax = Int(try reader.integer("max.message.bytes"))
        flushMessages = try reader.integer("flush.messages")
        flushMs = try reader.integer("flush.ms")
        fileDeleteDelayMs = try reader.integer("file.delete.delay.ms")
        recordTime = RecordTime(rawValue: try reader.text("message.timestamp.type")) ?? .createTime
        timestampBeforeMaxMs = try reader.integer("message.timestamp.before.max.ms")
        timestampAfterMaxMs = try reader.integer("message.timestamp.after.max.ms")
        preallocate = try reader.flag("preallocate")
        compressionType = try reader.text("compression.type")
        gzipLevel = Int(try reader.integer("compression.gzip.level"))
        lz4Level = Int(try reader.integer("compression.lz4.level"))
        zstdLevel = Int(try reader.integer("compression.zstd.level"))
        minInSyncReplicas = Int(try reader.integer("min.insync.replicas"))
        uncleanLeaderElection = try reader.flag("unclean.leader.election.enable")
        minCleanableDirtyRatio = try reader.double("min.cleanable.dirty.ratio")
        minCompactionLagMs = try reader.integer("min.compaction.lag.ms")
        maxCompactionLagMs = try reader.integer("max.compaction.lag.ms")
        deleteRetentionMs = try reader.integer("delete.retention.ms")
        try reader.checkOthers()
        if minCompactionLagMs > maxCompactionLagMs {
            throw ConfigurationError(
                key: "min.compaction.lag.ms", value: String(minCompactionLagMs),
                reason: "it is larger than max.compaction.lag.ms, which is \(maxCompactionLagMs)")
        }
    }

    /// From overrides that were stored by another version: what this one would refuse is left out and told.
    public static func lenient(
        overrides: [String: String], broker: BrokerConfiguration
    ) throws(ConfigurationError) -> (configuration: TopicConfiguration, refused: [ConfigurationError]) {
        var good = overrides
        var refused: [ConfigurationError] = []
        for (name, value) in overrides {
            guard let definition = TopicConfigTable.find(name) else {
                good[name] = nil
                refused.append(
                    ConfigurationError(key: name, value: value, reason: "Unknown topic config name: \(name)"))
                continue
            }
            do throws(ConfigurationError) {
                _ = try definition.parse(value)
            } catch {
                good[name] = nil
                refused.append(error)
            }
        }
        return (try TopicConfiguration(overrides: good, broker: broker), refused)
    }

    /// All settings as DescribeConfigs answers them, in the order of names.
    public func describe() -> [ConfigEntry] {
        TopicConfigTable.definitions
            .filter { !$0.isInternal && ($0.serving != .removed || overrides[$0.name] != nil) }
            .map(describe)
    }

    /// One setting; nil when there is none of that name.
    public func describe(_ name: String) -> ConfigEntry? { TopicConfigTable.find(name).map(describe) }

    private func describe(_ definition: ConfigDefinition) -> ConfigEntry {
        var synonyms = definition.synonyms.isEmpty ? [] : layers.synonyms(definition.synonyms)
        let value = TopicReader(overrides: overrides, layers: layers).canonicalText(definition)
        if overrides[definition.name] != nil {
            synonyms.insert(ConfigSynonym(name: definition.name, value: value, source: .topic), at: 0)
        }
        return ConfigEntry(
            definition: definition, value: value, source: synonyms.first?.source ?? .defaultValue, isReadOnly: false,
            synonyms: synonyms)
    }
}

/// Reads a topic's typed values: the override, else the first of the broker's settings that is set, else the default.
private struct TopicReader {
    let overrides: [String: String]
    let layers: ConfigLayers

    private func value(_ definition: ConfigDefinition) throws(ConfigurationError) -> ConfigValue? {
        if let override = overrides[definition.name] { return try definition.parse(override) }
        if let set = layers.raw(definition.synonyms), let broker = BrokerConfigTable.find(set.name) {
            let value = try broker.parse(set.value)
            guard case .integer(let number) = value else { return value }
            let scaled = number.multipliedReportingOverflow(by: BrokerConfigTable.millisecondsPerUnit(of: set.name))
            return .integer(number < 0 ? number : scaled.overflow ? .max : scaled.partialValue)
        }
        return definition.parsedDefault
    }

    private func value(_ name: String) throws(ConfigurationError) -> ConfigValue? {
        guard let definition = TopicConfigTable.find(name) else { preconditionFailure("no setting \(name)") }
        return try value(definition)
    }

    func integer(_ name: String) throws(ConfigurationError) -> Int64 {
        guard case .integer(let number) = try value(name) else { preconditionFailure("\(name) is no number") }
        return number
    }

    func flag(_ name: String) throws(ConfigurationError) -> Bool {
        guard case .boolean(let flag) = try value(name) else { preconditionFailure("\(name) is no flag") }
        return flag
    }

    func text(_ name: String) throws(ConfigurationError) -> String {
        guard case .text(let text) = try value(name) else { preconditionFailure("\(name) is no text") }
        return text
    }

    func double(_ name: String) throws(ConfigurationError) -> Double {
        guard case .double(let number) = try value(name) else { preconditionFailure("\(name) is no number") }
        return number
    }

    func list(_ name: String) throws(ConfigurationError) -> [String] {
        guard case .list(let elements) = try value(name) else { preconditionFailure("\(name) is no list") }
        return elements
    }

    /// The overrides that no typed value reads are checked all the same.
    func checkOthers() throws(ConfigurationError) {
        for name in overrides.keys.sorted() {
            if let definition = TopicConfigTable.find(name), definition.serving != .removed {
                _ = try value(definition)
            }
        }
    }

    func canonicalText(_ definition: ConfigDefinition) -> String? {
        do throws(ConfigurationError) {
            return try value(definition)?.canonicalText
        } catch {
            preconditionFailure("\(error) was checked before")
        }
    }
}
