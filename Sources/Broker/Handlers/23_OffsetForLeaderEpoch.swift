import KafkaModel
import KafkaProtocol

/// OffsetForLeaderEpoch: where an epoch ended, so that a reader can find out whether its position is still on the
/// branch of the leader (KIP-101, KIP-320).
enum OffsetForLeaderEpochHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: OffsetForLeaderEpochRequest, _ context: RequestContext, _ broker: Broker
    ) -> OffsetForLeaderEpochResponse {
        let topics = broker.topics.snapshot
        var response = OffsetForLeaderEpochResponse()
        for topic in request.topics {
            var answer = OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult()
            answer.topic = topic.topic
            let served = topics.topic(named: topic.topic)
            for partition in topic.partitions {
                var end = OffsetForLeaderEpochResponse.EpochEndOffset()
                end.partition = partition.partition
                if let target = served?.partition(partition.partition) {
                    switch target.endOffset(
                        forEpoch: partition.leaderEpoch, claimedEpoch: partition.currentLeaderEpoch)
                    {
                    case .success(let found):
                        end.leaderEpoch = found.epoch
                        end.endOffset = found.endOffset
                    case .failure(let code):
                        end.errorCode = code.rawValue
                    }
                } else {
                    end.errorCode = (served?.absence(of: partition.partition) ?? .unknownTopicOrPartition).rawValue
                }
                answer.partitions.append(end)
            }
            response.topics.append(answer)
        }
        return response
    }
}
