public import KafkaModel
import KafkaProtocol
import Timing

/// The replicas of a partition that is on its way to other brokers.
public struct PartitionReassignment: Sendable, Equatable {
    /// The old ones and the new ones, as long as it goes on.
    public let replicas: [Int32]
    public let adding: [Int32]
    public let removing: [Int32]

    public init(replicas: [Int32], adding: [Int32], removing: [Int32]) {
        self.replicas = replicas
        self.adding = adding
        self.removing = removing
    }
}

extension Admin {
    /// The reassignments that go on, of some partitions or of all.
    public func partitionReassignments(
        of partitions: [TopicPartition]? = nil
    ) throws(ClientError) -> [TopicPartition: PartitionReassignment] {
        var request = ListPartitionReassignmentsRequest()
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.topics = partitions.map { partitions in
            Dictionary(grouping: partitions, by: \.topic).sorted { $0.key < $1.key }.map { name, partitions in
                var topic = ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics()
                topic.name = name
                topic.partitionIndexes = partitions.map(\.partition)
                return topic
            }
        }
        let response = try onController(request) { [$0.errorCode] }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError(
                "the controller", .receive(.listPartitionReassignments), .refused(code, message: response.errorMessage))
        }
        var found: [TopicPartition: PartitionReassignment] = [:]
        for topic in response.topics {
            for partition in topic.partitions {
                found[TopicPartition(topic.name, partition.partitionIndex)] = PartitionReassignment(
                    replicas: partition.replicas, adding: partition.addingReplicas,
                    removing: partition.removingReplicas)
            }
        }
        return found
    }
}
