public import KafkaRecords

/// The settings of one partition's log, already resolved from topic overrides and broker defaults.
/// Times are milliseconds, as Kafka's keys have them; `Int64.max` and `-1` mean what they mean there.
public struct LogConfiguration: Sendable, Equatable {
    public var segmentBytes: Int = 1 << 30
    public var segmentMs: Int64 = 604_800_000
    /// Up to so much is taken from `segmentMs`, by chance for each segment, so that not all partitions roll at once.
    public var segmentJitterMs: Int64 = 0
    public var indexBytesMax: Int = 10 << 20
    public var indexIntervalBytes: Int = 4096
    /// Negative: kept for ever.
    public var retentionMs: Int64 = 604_800_000
    /// Negative: no limit.
    public var retentionBytes: Int64 = -1
    public var cleanupPolicy: CleanupPolicy = .delete
    public var messageBytesMax: Int = 1_048_588
    public var flushMessages: Int64 = .max
    public var flushMs: Int64 = .max
    public var fileDeleteDelayMs: Int64 = 60_000
    public var timestampType: TimestampType = .createTime
    public var timestampBeforeMaxMs: Int64 = .max
    public var timestampAfterMaxMs: Int64 = 3_600_000
    /// The codec batches are kept in.
    public var compression: CompressionTarget = .producer
    public var preallocate = false
    public var minCleanableDirtyRatio = 0.5
    public var minCompactionLagMs: Int64 = 0
    public var maxCompactionLagMs: Int64 = .max
    public var deleteRetentionMs: Int64 = 86_400_000
    /// For batches that compaction packs again.
    public var compressionLevels = CompressionLevels()
    /// `producer.id.expiration.ms`, a setting of the broker: a producer that wrote nothing for so long is forgotten.
    public var producerIDExpirationMs: Int64 = 86_400_000

    public init() {}

    /// How old the active segment may become: a compacted topic's must be closed in time to be compacted.
    var rollMs: Int64 {
        cleanupPolicy.contains(.compact) && maxCompactionLagMs > 0 ? min(segmentMs, maxCompactionLagMs) : segmentMs
    }
}

/// `cleanup.policy`; the empty set, allowed since Kafka 4.2, keeps everything.
public struct CleanupPolicy: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let delete = CleanupPolicy(rawValue: 1)
    public static let compact = CleanupPolicy(rawValue: 2)
}
