import KafkaModel
import KafkaProtocol
import Storage

/// DescribeProducers: who wrote to a partition last, and whose transaction is open.
enum DescribeProducersHandler: RequestHandler {
    static let place = HandlingPlace.loop

    static func handle(
        _ request: DescribeProducersRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeProducersResponse {
        let topics = broker.topics.snapshot
        var response = DescribeProducersResponse()
        for topic in request.topics {
            var answer = DescribeProducersResponse.TopicResponse()
            answer.name = topic.name
            let served = topics.topic(named: topic.name)
            for index in topic.partitionIndexes {
                var partition = DescribeProducersResponse.PartitionResponse()
                partition.partitionIndex = index
                switch served?.partition(index)?.producers()
                    ?? .failure(served?.absence(of: index) ?? .unknownTopicOrPartition)
                {
                case .success(let producers):
                    partition.activeProducers = producers.all.map { producer in
                        var state = DescribeProducersResponse.ProducerState()
                        state.producerId = producer.producerID
                        state.producerEpoch = Int32(producer.epoch)
                        state.lastSequence = producer.lastSequence
                        state.lastTimestamp = producer.lastTimestamp
                        state.coordinatorEpoch = producer.coordinatorEpoch
                        state.currentTxnStartOffset = producer.transactionFirstOffset
                        return state
                    }
                case .failure(let code):
                    partition.errorCode = code.rawValue
                }
                answer.partitions.append(partition)
            }
            response.topics.append(answer)
        }
        return response
    }
}
