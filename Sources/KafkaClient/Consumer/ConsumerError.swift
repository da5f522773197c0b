public import KafkaModel
public import KafkaRecords

/// Why a consumer cannot go on: which partition, which offset, and the reason. The description is one line for a person.
public enum ConsumerError: Error, Sendable, CustomStringConvertible {
    case client(ClientError)
    /// The group of the consumer goes wrong.
    case group(GroupError)
    /// A broker refuses to serve a partition, and will go on doing so.
    case refused(TopicPartition, offset: Int64, ErrorCode)
    case topicRefused(String, ErrorCode)
    /// The partitions are spread over more brokers than a consumer has threads for.
    case tooManyBrokers(limit: Int)
    /// The bytes of a batch are not what a producer wrote.
    case corrupt(TopicPartition, offset: Int64, RecordError)
    /// Bytes came, and no whole batch that goes on from the offset among them.
    case noProgress(TopicPartition, offset: Int64)
    /// `auto.offset.reset` is `none`, and the log has no such offset.
    case outOfRange(TopicPartition, offset: Int64)
    /// `auto.offset.reset` is `none`, and nobody said where to begin.
    case noOffset(TopicPartition)
    /// `auto.offset.reset` is `none`, and what was read last is no part of the log any more.
    case truncated(TopicPartition, offset: Int64, logEnd: Int64)

    public var description: String {
        switch self {
        case .client(let error): "\(error)"
        case .group(let error): "\(error)"
        case .refused(let partition, let offset, let code):
            "cannot read \(partition) from offset \(offset): \(code.message) (\(code.name))"
        case .topicRefused(let topic, let code): "cannot read topic \(topic): \(code.message) (\(code.name))"
        case .tooManyBrokers(let limit):
            "The partitions have their leaders on more than \(limit) brokers, which is more than one consumer reads from"
        case .corrupt(let partition, let offset, let error):
            "Record batch for partition \(partition) at offset \(offset) is invalid, cause: \(error)"
        case .noProgress(let partition, let offset):
            "Failed to make progress reading messages at \(partition)=\(offset). Received a non-empty fetch response "
                + "from the server, but no complete records were found."
        case .outOfRange(let partition, let offset):
            "Fetch position \(offset) is out of range for partition \(partition), and auto.offset.reset is none"
        case .noOffset(let partition):
            "Undefined offset with no reset policy for partitions: [\(partition)]"
        case .truncated(let partition, let offset, let logEnd):
            "Detected log truncation for partition \(partition): the log ends at offset \(logEnd), before the position "
                + "\(offset), and auto.offset.reset is none"
        }
    }
}
