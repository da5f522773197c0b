public import Bytes
public import KafkaModel
import KafkaProtocol
import Timing

/// What a replica has of a partition, from some offset on.
public struct ReplicaRecords: Sendable {
    public let error: ErrorCode
    public let highWatermark: Int64
    /// Batches one behind the other; the last may be cut off.
    public let records: [UInt8]

    public init(error: ErrorCode = .none, highWatermark: Int64, records: [UInt8]) {
        self.error = error
        self.highWatermark = highWatermark
        self.records = records
    }
}

extension Admin {
    /// A partition to be read, the id of its topic, and where to begin.
    public struct ReplicaPosition: Sendable {
        public let partition: TopicPartition
        public let topicID: UUID
        public let offset: Int64

        public init(_ partition: TopicPartition, topicID: UUID, offset: Int64) {
            self.partition = partition
            self.topicID = topicID
            self.offset = offset
        }
    }

    /// How Kafka's own tools ask a replica that need not lead for what it has.
    private static let debuggingConsumerID: Int32 = -2

    /// Reads from a replica of a broker, whether it leads or follows.
    public func fetchReplicas(
        of broker: Int32, _ positions: [ReplicaPosition], bytesMax: Int32, waitMilliseconds: Int32
    ) throws(ClientError) -> [TopicPartition: ReplicaRecords] {
        let deadline = deadline
        let connection = try connection(to: broker, until: deadline)
        var request = FetchRequest()
        request.replicaId = Self.debuggingConsumerID
        request.replicaState.replicaId = Self.debuggingConsumerID
        request.maxWaitMs = waitMilliseconds
        request.minBytes = 1
        let byTopic = Dictionary(grouping: positions) { $0.partition.topic }.sorted { $0.key < $1.key }
        request.topics = byTopic.map { name, positions in
            var topic = FetchRequest.FetchTopic()
            topic.topic = name
            topic.topicId = positions[0].topicID
            topic.partitions = positions.map { position in
                var partition = FetchRequest.FetchPartition()
                partition.partition = position.partition.partition
                partition.fetchOffset = position.offset
                partition.logStartOffset = 0
                partition.partitionMaxBytes = bytesMax
                return partition
            }
            return topic
        }
        // From version 13 on topics go by ids, which not every cluster of that age has.
        let hasIDs = !positions.contains { $0.topicID == .zero }
        var bytes = ByteWriter()
        let response: FetchResponse
        do throws(ClientError) {
            response = try connection.request(request, atMost: hasIDs ? .max : 12, until: deadline, into: &bytes)
        } catch {
            forget(broker)
            throw error
        }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else { throw refused(broker, .fetch, code) }
        let names = Dictionary(
            positions.map { ($0.topicID, $0.partition.topic) }, uniquingKeysWith: { first, _ in first })
        var found: [TopicPartition: ReplicaRecords] = [:]
        for topic in response.responses {
            let name = topic.topic.isEmpty ? names[topic.topicId] ?? "" : topic.topic
            for partition in topic.partitions {
                var records: [UInt8] = []
                if case .range(let range) = partition.records { records = Array(bytes.bytes.extracting(range)) }
                found[TopicPartition(name, partition.partitionIndex)] = ReplicaRecords(
                    error: ErrorCode(code: partition.errorCode), highWatermark: partition.highWatermark,
                    records: records)
            }
        }
        return found
    }
}
