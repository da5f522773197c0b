import Configuration
import KafkaModel
import KafkaProtocol
import Metadata

/// DescribeTopicPartitions: topics page by page, in the order of their names (KIP-966).
enum DescribeTopicPartitionsHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: DescribeTopicPartitionsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeTopicPartitionsResponse {
        let image = broker.cluster.image
        var response = DescribeTopicPartitionsResponse()
        if let cursor = request.cursor, !isLegal(cursor, request) {
            response.topics = request.topics.map { missing($0.name, .invalidRequest) }
            return response
        }
        var room = max(1, min(Int(request.responsePartitionLimit), broker.configuration.describedPartitionsMax))
        let asked = request.topics.isEmpty ? image.topicNames : Array(Set(request.topics.map(\.name)))
        let start = request.cursor.map { ($0.topicName, Int($0.partitionIndex)) }
        for name in asked.sorted() where start.map({ name >= $0.0 }) ?? true {
            guard let topic = image.topic(name) else {
                // A cursor may name a topic that was deleted since the last page: it is simply passed over.
                if request.topics.isEmpty || name == start?.0 { continue }
                let isLegal = TopicName.problem(with: name) == nil
                response.topics.append(missing(name, isLegal ? .unknownTopicOrPartition : .invalidTopicException))
                continue
            }
            guard room > 0 else {
                response.nextCursor = cursor(name, 0)
                return response
            }
            let first = start?.0 == name ? max(0, start?.1 ?? 0) : 0
            let last = min(topic.partitions.count, first + room)
            response.topics.append(describe(topic, first..<max(first, last), broker))
            room -= max(0, last - first)
            if last < topic.partitions.count {
                response.nextCursor = cursor(name, last)
                return response
            }
        }
        return response
    }

    private static func cursor(_ topic: String, _ partition: Int) -> DescribeTopicPartitionsResponse.Cursor {
        var cursor = DescribeTopicPartitionsResponse.Cursor()
        cursor.topicName = topic
        cursor.partitionIndex = Int32(partition)
        return cursor
    }

    /// A cursor that no answer gave: its topic was not asked for, or its partition cannot be.
    private static func isLegal(
        _ cursor: DescribeTopicPartitionsRequest.Cursor, _ request: DescribeTopicPartitionsRequest
    ) -> Bool {
        guard cursor.partitionIndex >= 0 else { return false }
        return request.topics.isEmpty || request.topics.contains { $0.name == cursor.topicName }
    }

    private static func missing(
        _ name: String, _ code: ErrorCode
    ) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic {
        var topic = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic()
        topic.name = name
        topic.errorCode = code.rawValue
        return topic
    }

    private static func describe(
        _ image: TopicImage, _ range: Range<Int>, _ broker: Broker
    ) -> DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic {
        var topic = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic()
        topic.name = image.name
        topic.topicId = image.id
        topic.isInternal = TopicName.isInternal(image.name)
        let unusable = broker.topics.snapshot.unusable(in: image.id)
        topic.partitions = range.map { index in
            let partition = image.partitions[index]
            var answer = DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition()
            answer.partitionIndex = Int32(index)
            answer.leaderId = partition.leader.rawValue
            answer.leaderEpoch = partition.leaderEpoch
            answer.replicaNodes = partition.replicas.map(\.rawValue)
            answer.isrNodes = partition.isr.map(\.rawValue)
            answer.eligibleLeaderReplicas = partition.eligibleLeaders.map(\.rawValue)
            answer.lastKnownElr = partition.lastKnownEligibleLeaders.map(\.rawValue)
            if unusable.contains(answer.partitionIndex) {
                answer.leaderId = BrokerID.none.rawValue
                answer.offlineReplicas = [broker.id.rawValue]
            }
            if answer.leaderId == BrokerID.none.rawValue { answer.errorCode = ErrorCode.leaderNotAvailable.rawValue }
            return answer
        }
        return topic
    }
}
