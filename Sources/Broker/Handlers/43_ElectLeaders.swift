import Controller
import KafkaModel
import KafkaProtocol
import Metadata

/// ElectLeaders: gives partitions their preferred leader, or any living one (KIP-183, KIP-460). Without a list it looks at
/// all partitions and tells of those where there was something to do.
enum ElectLeadersHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: ElectLeadersRequest, _ context: RequestContext, _ broker: Broker
    ) -> ElectLeadersResponse {
        let partitions = request.topicPartitions?.flatMap { topic in
            topic.partitions.map { TopicPartition(topic.topic, $0) }
        }
        // Version 0 knows the preferred leader only.
        guard let kind = LeaderElection.Kind(rawValue: context.version == 0 ? 0 : request.electionType) else {
            return response(to: .invalidRequest, partitions ?? [])
        }
        switch broker.elect(kind, partitions) {
        case .success(let results): return response(results.map { ($0.partition, $0.refusal) })
        case .failure(let code): return response(to: code, partitions ?? [])
        }
    }

    /// An error of the whole request; version 0 can tell it for each partition only.
    private static func response(to code: ErrorCode, _ partitions: [TopicPartition]) -> ElectLeadersResponse {
        var answer = response(partitions.map { ($0, Refusal(code)) })
        answer.errorCode = code.rawValue
        return answer
    }

    private static func response(_ results: [(TopicPartition, Refusal?)]) -> ElectLeadersResponse {
        var order: [String] = []
        var byTopic: [String: [ElectLeadersResponse.PartitionResult]] = [:]
        for (partition, refusal) in results {
            var result = ElectLeadersResponse.PartitionResult()
            result.partitionId = partition.partition
            result.errorCode = (refusal?.code ?? .none).rawValue
            result.errorMessage = refusal.map { $0.message ?? $0.code.message }
            if byTopic[partition.topic] == nil { order.append(partition.topic) }
            byTopic[partition.topic, default: []].append(result)
        }
        var response = ElectLeadersResponse()
        response.replicaElectionResults = order.map { topic in
            var answer = ElectLeadersResponse.ReplicaElectionResult()
            answer.topic = topic
            answer.partitionResult = byTopic[topic] ?? []
            return answer
        }
        return response
    }
}

extension Broker {
    fileprivate func elect(
        _ kind: LeaderElection.Kind, _ partitions: [TopicPartition]?
    ) -> Result<[LeaderElection.Result], ErrorCode> {
        cluster.change { image in
            let decision = LeaderElection.elect(kind, partitions, offline: topics.offline, in: image)
            return (decision.records, decision.items)
        }
    }
}

extension TopicTable {
    /// Partitions of this broker that lie in a directory which is out of service, so that nobody leads them.
    fileprivate var offline: Set<TopicPartition> {
        let topics = snapshot
        guard topics.hasUnusable else { return [] }
        return Set(topics.byName.values.flatMap { topic in topic.unusable.map { TopicPartition(topic.name, $0) } })
    }
}
