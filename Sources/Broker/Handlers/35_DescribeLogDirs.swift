import KafkaModel
import KafkaProtocol
import Posix
import Storage
import Telemetry

/// DescribeLogDirs: the log directories with the partitions and bytes in each, those on their way there included.
enum DescribeLogDirsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    private typealias Result = DescribeLogDirsResponse.DescribeLogDirsResult
    private typealias Described = DescribeLogDirsResponse.DescribeLogDirsPartition

    /// Stands for a lag that nobody knows: the partition itself is not served.
    private static let lagUnknown: Int64 = -1

    static func handle(
        _ request: DescribeLogDirsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeLogDirsResponse {
        let wanted = request.topics.map { topics in
            Set(topics.flatMap { topic in topic.partitions.map { TopicPartition(topic.topic, $0) } })
        }
        var found: [String: [String: [Described]]] = [:]
        func add(_ path: String, _ name: TopicPartition, size: Int64, lag: Int64, isFuture: Bool) {
            var partition = Described()
            partition.partitionIndex = name.partition
            partition.partitionSize = size
            partition.offsetLag = lag
            partition.isFutureKey = isFuture
            found[path, default: [:]][name.topic, default: []].append(partition)
        }
        var moving: Set<TopicPartition> = []
        for partition in broker.topics.partitions where wanted?.contains(partition.name) ?? true {
            // A partition whose log cannot be read is left out; the failure is told where it happened.
            guard let place = partition.describeLog() else { continue }
            add(place.path, partition.name, size: place.size, lag: place.lag, isFuture: false)
            guard let move = place.move else { continue }
            moving.insert(partition.name)
            if let copy = move.outline() {
                add(move.home.path, partition.name, size: copy.size, lag: place.end - copy.end, isFuture: true)
            }
        }
        for (name, log) in broker.directories.idleFutures(except: moving) where wanted?.contains(name) ?? true {
            add(log.path, name, size: log.size, lag: lagUnknown, isFuture: true)
        }
        if broker.topics.snapshot.byName.values.contains(where: { !$0.leaderless.isEmpty }) {
            // Nobody guards the logs of partitions that have no leader, so no election may give them one meanwhile.
            broker.cluster.betweenChanges {
                for name in broker.topics.snapshot.byName.values.flatMap(\.leaderlessNames)
                where wanted?.contains(name) ?? true {
                    guard let log = broker.directories[name] else { continue }
                    do throws(StorageError) {
                        add(broker.parent(of: log), name, size: try log.size, lag: lagUnknown, isFuture: false)
                    } catch {
                        broker.log.warn("Unable to describe \(log.directory): \(error)")
                    }
                }
            }
        }
        var response = DescribeLogDirsResponse()
        response.results = broker.directories.paths.map { describe($0, found[$0] ?? [:], broker) }
        return response
    }

    private static func describe(_ path: String, _ topics: [String: [Described]], _ broker: Broker) -> Result {
        var result = Result()
        result.logDir = path
        guard case .online = broker.directories.standing(of: path) else {
            result.errorCode = ErrorCode.kafkaStorageError.rawValue
            return result
        }
        do throws(SystemError) {
            let space = try FileSystemSpace(at: path)
            result.totalBytes = space.total
            result.usableBytes = space.usable
        } catch {
            // What is not there, or cannot be read, is no place for logs.
            broker.log.warn("Unable to describe \(path): \(error)")
            broker.logFailures.report(.io(error), directory: path)
            result.errorCode = ErrorCode.kafkaStorageError.rawValue
            return result
        }
        result.topics = topics.sorted { $0.key < $1.key }.map { name, partitions in
            var topic = DescribeLogDirsResponse.DescribeLogDirsTopic()
            topic.name = name
            topic.partitions = partitions.sorted {
                ($0.partitionIndex, $0.isFutureKey ? 1 : 0) < ($1.partitionIndex, $1.isFutureKey ? 1 : 0)
            }
            return topic
        }
        return result
    }
}
