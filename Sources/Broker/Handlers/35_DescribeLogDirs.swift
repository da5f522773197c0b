import KafkaModel
import KafkaProtocol
import Posix
import Storage
import Telemetry

/// DescribeLogDirs: the log directories with the partitions and bytes in each.
enum DescribeLogDirsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: DescribeLogDirsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeLogDirsResponse {
        let wanted = request.topics.map { topics in
            Set(topics.flatMap { topic in topic.partitions.map { TopicPartition(topic.topic, $0) } })
        }
        var partitions: [String: [String: [DescribeLogDirsResponse.DescribeLogDirsPartition]]] = [:]
        for partition in broker.topics.partitions where wanted?.contains(partition.name) ?? true {
            // A partition whose log cannot be read is left out; the failure is told where it happened.
            guard case .success(let size) = partition.size() else { continue }
            var answer = DescribeLogDirsResponse.DescribeLogDirsPartition()
            answer.partitionIndex = partition.index
            answer.partitionSize = size
            partitions[partition.logDirectory, default: [:]][partition.topic, default: []].append(answer)
        }
        var response = DescribeLogDirsResponse()
        let offline = broker.directories.offlineDirectories
        for path in broker.directories.paths {
            var result = DescribeLogDirsResponse.DescribeLogDirsResult()
            result.logDir = path
            if offline[path] == nil {
                do throws(SystemError) {
                    let space = try FileSystemSpace(at: path)
                    result.totalBytes = space.total
                    result.usableBytes = space.usable
                } catch {
                    broker.log.warn("The space of \(path) is not known: \(error)")
                }
                result.topics = (partitions[path] ?? [:]).sorted { $0.key < $1.key }.map { name, partitions in
                    var topic = DescribeLogDirsResponse.DescribeLogDirsTopic()
                    topic.name = name
                    topic.partitions = partitions.sorted { $0.partitionIndex < $1.partitionIndex }
                    return topic
                }
            } else {
                result.errorCode = ErrorCode.kafkaStorageError.rawValue
            }
            response.results.append(result)
        }
        return response
    }
}
