import Configuration
import Controller
import KafkaModel
import KafkaProtocol
import Metadata

/// AlterPartitionReassignments: gives partitions other replicas, or takes that back (KIP-455).
enum AlterPartitionReassignmentsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    private typealias Answer = AlterPartitionReassignmentsResponse.ReassignablePartitionResponse

    static func handle(
        _ request: AlterPartitionReassignmentsRequest, _ context: RequestContext, _ broker: Broker
    ) -> AlterPartitionReassignmentsResponse {
        let targets = request.topics.flatMap { topic in
            topic.partitions.map { partition in
                Reassignment.Target(
                    TopicPartition(topic.name, partition.partitionIndex),
                    partition.replicas?.map { BrokerID($0) })
            }
        }
        let factor: Reassignment.ReplicationFactor = request.allowReplicationFactorChange ? .mayChange : .stays
        let outcome = broker.cluster.change { image in
            let decision = Reassignment.alter(targets, factor, in: image) { topic in
                broker.settings.topic(image.config(.topic(topic))).uncleanLeaderElection
            }
            return (decision.records, decision.items.map(\.refusal))
        }
        var response = AlterPartitionReassignmentsResponse()
        response.errorMessage = nil
        response.allowReplicationFactorChange = request.allowReplicationFactorChange
        switch outcome {
        case .success(let refusals):
            var next = refusals.makeIterator()
            response.responses = request.topics.map { topic in
                var answer = AlterPartitionReassignmentsResponse.ReassignableTopicResponse()
                answer.name = topic.name
                answer.partitions = topic.partitions.map { result($0.partitionIndex, next.next() ?? nil) }
                return answer
            }
        case .failure(let code):
            response.errorCode = code.rawValue
            response.errorMessage = code.message
        }
        return response
    }

    private static func result(_ index: Int32, _ refusal: Refusal?) -> Answer {
        var answer = Answer()
        answer.partitionIndex = index
        answer.errorCode = (refusal?.code ?? .none).rawValue
        answer.errorMessage = refusal.map { $0.message ?? $0.code.message }
        return answer
    }
}
