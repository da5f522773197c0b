import KafkaModel
import KafkaProtocol

/// DeleteRecords: moves the log start of partitions forward; segments below it go with the next retention.
enum DeleteRecordsHandler: RequestHandler {
    static let place = HandlingPlace.requestThread

    static func handle(
        _ request: DeleteRecordsRequest, _ context: RequestContext, _ broker: Broker
    ) -> DeleteRecordsResponse {
        var response = DeleteRecordsResponse()
        for topic in request.topics {
            var answer = DeleteRecordsResponse.DeleteRecordsTopicResult()
            answer.name = topic.name
            let served = broker.topics.snapshot.topic(named: topic.name)
            for partition in topic.partitions {
                var result = DeleteRecordsResponse.DeleteRecordsPartitionResult()
                result.partitionIndex = partition.partitionIndex
                result.lowWatermark = -1
                if TopicName.isInternal(topic.name) {
                    result.errorCode = ErrorCode.invalidTopicException.rawValue
                } else if let target = served?.partition(partition.partitionIndex) {
                    switch target.deleteRecords(before: partition.offset) {
                    case .success(let logStart): result.lowWatermark = logStart
                    case .failure(let code): result.errorCode = code.rawValue
                    }
                } else {
                    result.errorCode =
                        (served?.absence(of: partition.partitionIndex) ?? .unknownTopicOrPartition).rawValue
                }
                answer.partitions.append(result)
            }
            response.topics.append(answer)
        }
        return response
    }
}
