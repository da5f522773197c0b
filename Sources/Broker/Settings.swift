import Compression
import Configuration
import KafkaModel
import KafkaRecords
import Metadata
import Posix
import Storage
import Telemetry
import Timing

/// The broker's settings as they count now: the file of the start, with what was altered since on top.
final class Settings: Sendable {
    private let value: Guarded<BrokerConfiguration>
    private let log: Log

    init(_ configuration: BrokerConfiguration, log: Log) {
        value = Guarded(configuration)
        self.log = log
    }

    var current: BrokerConfiguration { value.withLock { $0 } }

    /// Takes over the dynamic settings of the image. What an older or newer version stored and this one refuses leaves
    /// the settings as they were, and says so.
    func adopt(_ image: ClusterImage, nodeID: BrokerID) {
        let allBrokers = image.config(.allBrokers)
        let thisBroker = image.config(ConfigResource(.broker, nodeID.description))
        do throws(ConfigurationError) {
            let altered = try current.altered(allBrokers: allBrokers, thisBroker: thisBroker)
            value.withLock { $0 = altered }
        } catch {
            log.error("The altered settings of this broker cannot be used: \(error)")
        }
    }

    /// A topic's settings; overrides that cannot be used are left out, as if they had not been made.
    func topic(_ overrides: [String: String]) -> TopicConfiguration {
        let broker = current
        do throws(ConfigurationError) {
            let (configuration, refused) = try TopicConfiguration.lenient(overrides: overrides, broker: broker)
            for error in refused { log.error("A setting of a topic cannot be used: \(error)") }
            return configuration
        } catch {
            log.error("The settings of a topic contradict each other, the broker's are used: \(error)")
        }
        do throws(ConfigurationError) {
            return try TopicConfiguration(overrides: [:], broker: broker)
        } catch {
            preconditionFailure("the broker's own settings were checked when it took them: \(error)")
        }
    }
}

/// What one partition needs of its topic's settings.
struct PartitionSettings: Sendable {
    var log: LogConfiguration
    var minInSyncReplicas: Int

    init(_ topic: TopicConfiguration, broker: BrokerConfiguration) {
        log = LogConfiguration()
        log.segmentBytes = topic.segmentBytes
        log.segmentMs = topic.segmentMs
        log.segmentJitterMs = topic.segmentJitterMs
        log.indexBytesMax = topic.segmentIndexBytes
        log.indexIntervalBytes = topic.indexIntervalBytes
        log.retentionMs = topic.retentionMs
        log.retentionBytes = topic.retentionBytes
        log.cleanupPolicy = []
        if topic.deletes { log.cleanupPolicy.insert(.delete) }
        if topic.compacts { log.cleanupPolicy.insert(.compact) }
        log.messageBytesMax = topic.messageBytesMax
        log.flushMessages = topic.flushMessages
        log.flushMs = topic.flushMs
        log.fileDeleteDelayMs = topic.fileDeleteDelayMs
        log.timestampType = topic.recordTime == .logAppendTime ? .logAppendTime : .createTime
        log.timestampBeforeMaxMs = topic.timestampBeforeMaxMs
        log.timestampAfterMaxMs = topic.timestampAfterMaxMs
        log.compression = CompressionTarget(topic)
        log.preallocate = topic.preallocate
        log.minCleanableDirtyRatio = topic.minCleanableDirtyRatio
        log.minCompactionLagMs = topic.minCompactionLagMs
        log.maxCompactionLagMs = topic.maxCompactionLagMs
        log.deleteRetentionMs = topic.deleteRetentionMs
        log.compressionLevels = CompressionLevels(gzip: topic.gzipLevel, lz4: topic.lz4Level, zstd: topic.zstdLevel)
        log.producerIDExpirationMs = broker.producerIDExpiration.wholeMilliseconds
        minInSyncReplicas = topic.minInSyncReplicas
    }
}

extension CompressionTarget {
    init(_ topic: TopicConfiguration) {
        switch topic.compressionType {
        case "producer": self = .producer
        case "gzip": self = .codec(.gzip, level: topic.gzipLevel)
        case "snappy": self = .codec(.snappy, level: nil)
        case "lz4": self = .codec(.lz4, level: topic.lz4Level)
        case "zstd": self = .codec(.zstd, level: topic.zstdLevel)
        default: self = .codec(.none, level: nil)
        }
    }
}
