import Bytes
import KafkaModel
import KafkaProtocol

@testable import Metadata

/// Short forms for the records that the tests need.
enum Records {
    static func topic(_ name: String, _ id: UInt64) -> TopicRecord {
        var record = TopicRecord()
        record.name = name
        record.topicId = UUID(high: 1, low: id)
        return record
    }

    static func partition(_ topic: UInt64, _ index: Int32, replicas: [Int32] = [1]) -> MetadataRecord {
        var record = PartitionRecord()
        record.topicId = UUID(high: 1, low: topic)
        record.partitionId = index
        record.replicas = replicas
        record.isr = replicas
        record.leader = replicas.first ?? -1
        record.leaderEpoch = 0
        record.partitionEpoch = 0
        record.directories = Array(repeating: UUID(high: 5, low: 5), count: replicas.count)
        return .partition(record)
    }

    static func newTopic(_ name: String, _ id: UInt64, partitions: Int32 = 1) -> [MetadataRecord] {
        [.topic(topic(name, id))] + (0..<partitions).map { partition(id, $0) }
    }

    static func config(_ resource: ConfigResource, _ name: String, _ value: String?) -> MetadataRecord {
        .config(ConfigRecord(resource, name, value))
    }

    static func remove(_ id: UInt64) -> MetadataRecord {
        var record = RemoveTopicRecord()
        record.topicId = UUID(high: 1, low: id)
        return .removeTopic(record)
    }

    static func feature(_ name: String, _ level: Int16) -> MetadataRecord {
        var record = FeatureLevelRecord()
        record.name = name
        record.featureLevel = level
        return .featureLevel(record)
    }
}
