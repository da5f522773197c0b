import Controller
import KafkaModel
import KafkaProtocol
import Metadata

/// ListPartitionReassignments: the partitions that are on their way to other replicas (KIP-455).
enum ListPartitionReassignmentsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: ListPartitionReassignmentsRequest, _ context: RequestContext, _ broker: Broker
    ) -> ListPartitionReassignmentsResponse {
        let asked = request.topics?.flatMap { topic in
            topic.partitionIndexes.map { TopicPartition(topic.name, $0) }
        }
        var response = ListPartitionReassignmentsResponse()
        response.errorMessage = nil
        for (name, partition) in Reassignment.ongoing(asked, in: broker.cluster.image) {
            if response.topics.last?.name != name.topic {
                var topic = ListPartitionReassignmentsResponse.OngoingTopicReassignment()
                topic.name = name.topic
                response.topics.append(topic)
            }
            var ongoing = ListPartitionReassignmentsResponse.OngoingPartitionReassignment()
            ongoing.partitionIndex = name.partition
            ongoing.replicas = partition.replicas.map(\.rawValue)
            ongoing.addingReplicas = partition.addingReplicas.map(\.rawValue)
            ongoing.removingReplicas = partition.removingReplicas.map(\.rawValue)
            response.topics[response.topics.count - 1].partitions.append(ongoing)
        }
        return response
    }
}
