public import KafkaModel

/// What a consumer met on its way and got over, for a person to see.
public enum ConsumerNotice: Sendable, Equatable, CustomStringConvertible {
    case brokerFailed(String)
    case topicMissing(String, ErrorCode)
    case noLeader(TopicPartition)
    case positionReset(TopicPartition, offset: Int64)
    case logTruncated(TopicPartition, offset: Int64, logEnd: Int64)
    case commitFailed(String)

    public var description: String {
        switch self {
        case .brokerFailed(let reason): reason
        case .topicMissing(let topic, let code): "topic \(topic): \(code.message) (\(code.name)); waiting for it"
        case .noLeader(let partition): "partition \(partition) has no leader; waiting for one"
        case .positionReset(let partition, let offset):
            "Fetch position \(offset) is out of range for partition \(partition), resetting offset"
        case .commitFailed(let reason): "offsets were not committed: \(reason)"
        case .logTruncated(let partition, let offset, let logEnd):
            "Truncation detected for partition \(partition) at offset \(offset): the log ends at \(logEnd)"
        }
    }
}
