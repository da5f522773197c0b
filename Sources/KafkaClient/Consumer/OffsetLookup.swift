import Configuration
import Glibc
public import KafkaModel
import KafkaProtocol
public import Timing

/// Asks the leaders of partitions for offsets, for whoever wants to know them before reading or without it. It belongs to
/// one thread.
public final class OffsetLookup {
    private let configuration: ConsumerConfiguration
    private let metadata: ClusterMetadata
    private let clock: Clock
    private let interruption: Interruption?
    private var connections: [Int32: BrokerConnection] = [:]

    public init(
        _ configuration: ConsumerConfiguration, _ metadata: ClusterMetadata, clock: Clock = .system,
        interruption: Interruption? = nil
    ) {
        self.configuration = configuration
        self.metadata = metadata
        self.clock = clock
        self.interruption = interruption
    }

    /// The offsets that targets mean now; nil for a time that no record has or follows. What may come right is tried again
    /// until the deadline.
    public func offsets(
        of partitions: [TopicPartition], _ target: OffsetTarget, until deadline: Instant
    ) throws(ClientError) -> [TopicPartition: Int64?] {
        if case .offset(let offset) = target {
            return Dictionary(partitions.map { ($0, offset) }, uniquingKeysWith: { $1 })
        }
        var found: [TopicPartition: Int64?] = [:]
        var left = Set(partitions)
        var pause = configuration.client.retryBackoff
        while true {
            var last: ClientError?
            for (leader, partitions) in try byLeader(left, until: deadline) {
                do throws(ClientError) {
                    for (partition, offset) in try ask(leader, partitions, target, until: deadline, &last) {
                        found[partition] = .some(offset)
                        left.remove(partition)
                    }
                } catch {
                    connections[leader] = nil
                    guard error.isRetriable else { throw error }
                    last = error
                }
            }
            guard let first = left.min() else { return found }
            guard clock.now + pause < deadline else {
                // A good answer may still leave a partition out.
                throw last
                    ?? ClientError(
                        "the cluster", .receive(.listOffsets), .topicRefused(first.topic, .leaderNotAvailable))
            }
            for partition in left { metadata.invalidate(partition.topic) }
            usleep(UInt32(clamping: pause.wholeNanoseconds / 1000))
            pause = min(pause * 2, configuration.client.retryBackoffMax)
        }
    }

    private func byLeader(
        _ partitions: Set<TopicPartition>, until deadline: Instant
    ) throws(ClientError) -> [Int32: [TopicPartition]] {
        var leaders: [Int32: [TopicPartition]] = [:]
        for partition in partitions.sorted() {
            let topic = try metadata.topic(partition.topic, until: deadline)
            let index = Int(partition.partition)
            let leader = topic.partitions.indices.contains(index) ? topic.partitions[index].leader : -1
            leaders[leader, default: []].append(partition)
        }
        return leaders
    }

    private func ask(
        _ leader: Int32, _ partitions: [TopicPartition], _ target: OffsetTarget, until deadline: Instant,
        _ last: inout ClientError?
    ) throws(ClientError) -> [(TopicPartition, Int64?)] {
        guard let connection = try connection(to: leader, until: deadline) else {
            let topic = partitions.first?.topic ?? ""
            throw ClientError("the cluster", .receive(.metadata), .topicRefused(topic, .leaderNotAvailable))
        }
        let request = ListOffsetsRequest(partitions.map { .init($0, target) }, configuration)
        let response = try connection.request(request, until: deadline)
        var found: [(TopicPartition, Int64?)] = []
        for topic in response.topics {
            for answer in topic.partitions {
                let code = ErrorCode(code: answer.errorCode)
                let partition = TopicPartition(topic.name, answer.partitionIndex)
                switch code {
                case .none: found.append((partition, answer.offset >= 0 ? answer.offset : nil))
                case .unsupportedForMessageFormat: found.append((partition, nil))
                default:
                    let error = ClientError(
                        connection.address.description, .receive(.listOffsets), .topicRefused(topic.name, code))
                    guard error.isRetriable else { throw error }
                    last = error
                }
            }
        }
        return found
    }

    private func connection(to leader: Int32, until deadline: Instant) throws(ClientError) -> BrokerConnection? {
        if let connection = connections[leader] { return connection }
        guard let node = metadata.broker(leader) else { return nil }
        let connection = try BrokerConnection(
            node.address, configuration: configuration.client, until: deadline, clock: clock,
            interruption: interruption)
        connections[leader] = connection
        return connection
    }
}
