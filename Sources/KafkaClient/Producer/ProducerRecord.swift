public import KafkaModel
public import KafkaRecords

/// A record to be sent.
public struct ProducerRecord: Sendable {
    public var topic: String
    /// Nil leaves the choice to the partitioner.
    public var partition: Int32?
    /// Milliseconds; nil is now.
    public var timestamp: Int64?
    /// Nil is a null key, which is something else than an empty one.
    public var key: [UInt8]?
    /// Nil is a null value: in a compacted topic, the key is to be deleted.
    public var value: [UInt8]?
    public var headers: [RecordHeader]

    public init(
        topic: String, partition: Int32? = nil, timestamp: Int64? = nil, key: [UInt8]? = nil, value: [UInt8]?,
        headers: [RecordHeader] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }
}

/// Where a record came to lie.
public struct RecordMetadata: Sendable, Equatable {
    public let topic: String
    public let partition: Int32
    /// -1 where nobody told: with acks=0, and for a record that had arrived before.
    public let offset: Int64
    /// Milliseconds; the time of the append where the topic says that it counts.
    public let timestamp: Int64
}

/// Why a record was not sent, or may not have been.
public struct ProducerError: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable {
        /// The record is larger than a setting allows.
        case tooLarge(bytes: Int, limit: Int, setting: String)
        case noMemory(needed: Int, waited: Int64, total: Int, used: Int)
        case expired(count: Int, TopicPartition, milliseconds: Int64, cause: String?)
        case noTopic(String, milliseconds: Int64)
        case noPartition(TopicPartition, count: Int, milliseconds: Int64)
        case refused(ErrorCode, message: String?)
        case client(ClientError)
        case closed
        /// The producer was closed before its records were sent.
        case givenUp
        case compression(String)
    }

    public let reason: Reason

    public init(_ reason: Reason) { self.reason = reason }

    public var description: String {
        switch reason {
        case .tooLarge(let bytes, let limit, let setting):
            "The message is \(bytes) bytes when serialized which is larger than \(limit), which is the value of the "
                + "\(setting) configuration."
        case .noMemory(let needed, let waited, let total, let used):
            "Failed to allocate \(needed) bytes within the configured max blocking time \(waited) ms. Total memory: "
                + "\(total) bytes. Available memory: \(total - used) bytes."
        case .expired(let count, let partition, let milliseconds, let cause):
            "Expiring \(count) record(s) for \(partition):\(milliseconds) ms has passed since batch creation"
                + (cause.map { " (\($0))" } ?? "")
        case .noPartition(let partition, let count, let milliseconds):
            "Partition \(partition.partition) of topic \(partition.topic) with partition count \(count) is not present "
                + "in metadata after \(milliseconds) ms."
        case .noTopic(let topic, let milliseconds):
            "Topic \(topic) not present in metadata after \(milliseconds) ms."
        case .refused(let code, let message): message ?? code.message
        case .client(let error): error.description
        case .closed: "Cannot perform operation after producer has been closed"
        case .givenUp: "Producer is closed forcefully."
        case .compression(let text): text
        }
    }

    /// The name of Kafka's Java exception for it, which some of its tools print.
    public var exceptionName: String {
        switch reason {
        case .tooLarge: "RecordTooLargeException"
        case .noMemory: "BufferExhaustedException"
        case .expired, .noTopic, .noPartition: "TimeoutException"
        case .refused(let code, _): code.exceptionName
        case .client(let error):
            switch error.reason {
            case .refused(let code, _), .topicRefused(_, let code): code.exceptionName
            default: "TimeoutException"
            }
        case .closed: "IllegalStateException"
        case .givenUp, .compression: "KafkaException"
        }
    }
}

extension ErrorCode {
    /// `NOT_LEADER_OR_FOLLOWER` is NotLeaderOrFollowerException.
    var exceptionName: String {
        switch self {
        case .messageTooLarge: "RecordTooLargeException"
        case .recordListTooLarge: "RecordBatchTooLargeException"
        case .requestTimedOut: "TimeoutException"
        case .invalidTopicException: "InvalidTopicException"
        case .outOfOrderSequenceNumber: "OutOfOrderSequenceException"
        default:
            name.split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined() + "Exception"
        }
    }
}
