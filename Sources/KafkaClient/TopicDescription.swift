public import Bytes
public import KafkaModel
import KafkaProtocol

/// A topic as a cluster tells its clients.
public struct TopicDescription: Sendable {
    public struct Partition: Sendable {
        public let index: Int32
        /// -1 where there is none.
        public let leader: Int32
        public let replicas: [Int32]
        public let isr: [Int32]
        /// The replicas beyond the ISR that may lead without loss (KIP-966); nil where the cluster does not tell.
        public var elr: [Int32]?
        public var lastKnownELR: [Int32]?
        public var offlineReplicas: [Int32]

        public init(
            index: Int32, leader: Int32, replicas: [Int32], isr: [Int32], elr: [Int32]? = nil,
            lastKnownELR: [Int32]? = nil, offlineReplicas: [Int32] = []
        ) {
            self.index = index
            self.leader = leader
            self.replicas = replicas
            self.isr = isr
            self.elr = elr
            self.lastKnownELR = lastKnownELR
            self.offlineReplicas = offlineReplicas
        }
    }

    public let name: String
    /// Zero where the cluster is too old for ids.
    public let id: UUID
    public let isInternal: Bool
    public let error: ErrorCode
    /// In the order of their numbers.
    public internal(set) var partitions: [Partition]

    public init(
        name: String, id: UUID = .zero, isInternal: Bool = false, error: ErrorCode = .none, partitions: [Partition]
    ) {
        self.name = name
        self.id = id
        self.isInternal = isInternal
        self.error = error
        self.partitions = partitions
    }
}

extension TopicDescription {
    init(_ topic: MetadataResponse.MetadataResponseTopic) {
        self.init(
            name: topic.name ?? "", id: topic.topicId, isInternal: topic.isInternal,
            error: ErrorCode(code: topic.errorCode),
            partitions: topic.partitions.sorted { $0.partitionIndex < $1.partitionIndex }.map {
                Partition(
                    index: $0.partitionIndex, leader: $0.leaderId, replicas: $0.replicaNodes, isr: $0.isrNodes,
                    offlineReplicas: $0.offlineReplicas)
            })
    }

    init(_ topic: DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic) {
        self.init(
            name: topic.name ?? "", id: topic.topicId, isInternal: topic.isInternal,
            error: ErrorCode(code: topic.errorCode),
            partitions: topic.partitions.sorted { $0.partitionIndex < $1.partitionIndex }.map {
                Partition(
                    index: $0.partitionIndex, leader: $0.leaderId, replicas: $0.replicaNodes, isr: $0.isrNodes,
                    elr: $0.eligibleLeaderReplicas, lastKnownELR: $0.lastKnownElr, offlineReplicas: $0.offlineReplicas)
            })
    }
}
