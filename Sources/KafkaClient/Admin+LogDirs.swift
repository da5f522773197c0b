public import KafkaModel
import KafkaProtocol

/// The log directories of brokers.
extension Admin {
    /// The log directories of a broker, with all partitions or some.
    public func describeLogDirs(
        broker id: Int32, partitions: [TopicPartition]? = nil
    ) throws(ClientError) -> [LogDirectoryDescription] {
        var request = DescribeLogDirsRequest()
        request.topics = partitions.map { partitions in
            Self.byTopic(partitions).map { name, indexes in
                var topic = DescribeLogDirsRequest.DescribableLogDirTopic()
                topic.topic = name
                topic.partitions = indexes
                return topic
            }
        }
        let response = try ask(id, request)
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else { throw refused(id, .describeLogDirs, code) }
        return response.results.map { directory in
            LogDirectoryDescription(
                path: directory.logDir, error: ErrorCode(code: directory.errorCode),
                totalBytes: directory.totalBytes >= 0 ? directory.totalBytes : nil,
                usableBytes: directory.usableBytes >= 0 ? directory.usableBytes : nil,
                replicas: directory.topics.flatMap { topic in
                    topic.partitions.map {
                        LogDirectoryDescription.Replica(
                            partition: TopicPartition(topic.name, $0.partitionIndex), size: $0.partitionSize,
                            offsetLag: $0.offsetLag, isFuture: $0.isFutureKey)
                    }
                })
        }
    }

    /// Has a broker move partitions to a directory of its own. The answers come when the moves have begun.
    public func alterReplicaLogDirs(
        broker id: Int32, _ partitions: [TopicPartition], to path: String
    ) throws(ClientError) -> [(partition: TopicPartition, error: ErrorCode)] {
        var directory = AlterReplicaLogDirsRequest.AlterReplicaLogDir()
        directory.path = path
        directory.topics = Self.byTopic(partitions).map { name, indexes in
            var topic = AlterReplicaLogDirsRequest.AlterReplicaLogDirTopic()
            topic.name = name
            topic.partitions = indexes
            return topic
        }
        var request = AlterReplicaLogDirsRequest()
        request.dirs = [directory]
        let response = try ask(id, request)
        return response.results.flatMap { topic in
            topic.partitions.map {
                (TopicPartition(topic.topicName, $0.partitionIndex), ErrorCode(code: $0.errorCode))
            }
        }
    }

    static func byTopic(_ partitions: [TopicPartition]) -> [(key: String, value: [Int32])] {
        Dictionary(grouping: partitions, by: \.topic).mapValues { $0.map(\.partition) }.sorted { $0.key < $1.key }
    }
}
