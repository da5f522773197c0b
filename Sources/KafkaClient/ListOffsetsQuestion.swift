import KafkaModel
import KafkaProtocol
import Timing

/// What ListOffsets is asked of one partition.
struct ListOffsetsQuestion {
    let partition: TopicPartition
    /// Or one of the negative numbers that stand for ends of the log.
    let timestamp: Int64
    /// -1 where it is not known.
    var leaderEpoch: Int32 = -1
}

extension ListOffsetsRequest {
    /// As clients ask; brokers have a number.
    private static let client: Int32 = -1

    /// - Parameter questions: partitions of one topic stand side by side.
    init(_ questions: [ListOffsetsQuestion], isolation: IsolationLevel, timeout: Duration) {
        self.init()
        replicaId = Self.client
        isolationLevel = isolation.rawValue
        timeoutMs = Int32(clamping: timeout.wholeMilliseconds)
        for question in questions {
            var partition = ListOffsetsPartition()
            partition.partitionIndex = question.partition.partition
            partition.currentLeaderEpoch = question.leaderEpoch
            partition.timestamp = question.timestamp
            if topics.last?.name != question.partition.topic {
                var topic = ListOffsetsTopic()
                topic.name = question.partition.topic
                topics.append(topic)
            }
            topics[topics.count - 1].partitions.append(partition)
        }
    }
}
