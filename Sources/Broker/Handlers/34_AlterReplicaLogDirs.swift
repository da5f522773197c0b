import KafkaModel
import KafkaProtocol
import Storage

/// AlterReplicaLogDirs: moves partitions between the log directories of this broker (KIP-113). The answer comes when the
/// moves have begun; DescribeLogDirs tells how far they are.
enum AlterReplicaLogDirsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: AlterReplicaLogDirsRequest, _ context: RequestContext, _ broker: Broker
    ) -> AlterReplicaLogDirsResponse {
        var order: [String] = []
        var results: [String: [AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult]] = [:]
        for directory in request.dirs {
            let path = broker.directories.normalized(directory.path)
            for topic in directory.topics {
                if results[topic.name] == nil { order.append(topic.name) }
                for index in topic.partitions {
                    var result = AlterReplicaLogDirsResponse.AlterReplicaLogDirPartitionResult()
                    result.partitionIndex = index
                    result.errorCode = broker.move(TopicPartition(topic.name, index), to: path).rawValue
                    results[topic.name, default: []].append(result)
                }
            }
        }
        var response = AlterReplicaLogDirsResponse()
        response.results = order.map { name in
            var result = AlterReplicaLogDirsResponse.AlterReplicaLogDirTopicResult()
            result.topicName = name
            result.partitions = results[name] ?? []
            return result
        }
        return response
    }
}
