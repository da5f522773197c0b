public import KafkaModel
import KafkaProtocol
public import Timing

/// Which offset of a partition is asked for.
public enum OffsetSpec: Sendable, Equatable {
    case latest
    case earliest
    /// The record with the greatest timestamp.
    case maxTimestamp
    /// The first one that lies on the broker's own disk.
    case earliestLocal
    /// The last one that lies in tiered storage.
    case latestTiered
    /// The first one that waits to be moved to tiered storage.
    case earliestPendingUpload
    /// The first record that is not older.
    case at(Timestamp)

    var timestamp: Int64 {
        switch self {
        case .latest: -1
        case .earliest: -2
        case .maxTimestamp: -3
        case .earliestLocal: -4
        case .latestTiered: -5
        case .earliestPendingUpload: -6
        case .at(let timestamp): timestamp.milliseconds
        }
    }

    /// The first version of ListOffsets that knows it, and its name in Kafka's messages.
    var since: (version: Int16, name: String) {
        switch self {
        case .latest, .earliest, .at: (0, "")
        case .maxTimestamp: (7, "MAX_TIMESTAMP")
        case .earliestLocal: (8, "EARLIEST_LOCAL")
        case .latestTiered: (9, "LATEST_TIERED")
        case .earliestPendingUpload: (11, "EARLIEST_PENDING_UPLOAD")
        }
    }
}

/// Where a partition stands, and cutting off its beginning: what its leader alone can say and do.
extension Admin {
    /// The offsets of partitions; nil where there is none, as for a time behind the last record.
    public func listOffsets(
        _ partitions: [TopicPartition], _ spec: OffsetSpec
    ) throws(ClientError) -> [TopicPartition: Result<Int64?, ClientError>] {
        try onLeaders(partitions) { (leader, own, deadline) throws(ClientError) in
            let (needed, name) = spec.since
            let connection = try connection(to: leader, until: deadline)
            guard connection.version(of: ListOffsetsRequest.self) ?? -1 >= needed else {
                throw refused(
                    leader, .listOffsets, .unsupportedVersion,
                    message: "Broker \(leader) does not support \(name.isEmpty ? "" : name + " ")offset specs")
            }
            let request = ListOffsetsRequest(
                own.map { .init($0, timestamp: spec.timestamp) }, configuration, .readUncommitted)
            var results: [TopicPartition: Result<Int64?, ClientError>] = [:]
            for topic in try ask(leader, request, until: deadline).topics {
                for partition in topic.partitions {
                    let code = ErrorCode(code: partition.errorCode)
                    let offset = partition.offset >= 0 ? partition.offset : partition.oldStyleOffsets.first
                    results[TopicPartition(topic.name, partition.partitionIndex)] =
                        code == .none ? .success(offset) : .failure(refused(leader, .listOffsets, code))
                }
            }
            return results
        }
    }

    /// Deletes the records in front of offsets, -1 for all of them, and gives where each partition begins now.
    public func deleteRecords(
        before offsets: [TopicPartition: Int64]
    ) throws(ClientError) -> [TopicPartition: Result<Int64, ClientError>] {
        try onLeaders(Array(offsets.keys)) { (leader, own, deadline) throws(ClientError) in
            var request = DeleteRecordsRequest()
            request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
            request.topics = Self.byTopic(own).map { name, indexes in
                var topic = DeleteRecordsRequest.DeleteRecordsTopic()
                topic.name = name
                topic.partitions = indexes.map { index in
                    var partition = DeleteRecordsRequest.DeleteRecordsPartition()
                    partition.partitionIndex = index
                    partition.offset = offsets[TopicPartition(name, index)] ?? 0
                    return partition
                }
                return topic
            }
            var results: [TopicPartition: Result<Int64, ClientError>] = [:]
            for topic in try ask(leader, request, until: deadline).topics {
                for partition in topic.partitions {
                    let code = ErrorCode(code: partition.errorCode)
                    results[TopicPartition(topic.name, partition.partitionIndex)] =
                        code == .none
                        ? .success(partition.lowWatermark) : .failure(refused(leader, .deleteRecords, code))
                }
            }
            return results
        }
    }
}
