import KafkaModel
import KafkaProtocol
import Timing

/// What is asked before a partition can be fetched: where to begin, and where an epoch ends.
extension Fetcher {
    func lookUp(
        _ requests: [PartitionRequest], _ targets: [OffsetTarget], _ connection: BrokerConnection
    ) throws(ClientError) {
        let questions = zip(requests, targets).map { one, target in
            ListOffsetsRequest.Question(one.partition, leaderEpoch: one.leaderEpoch, target)
        }
        let response = try connection.request(
            ListOffsetsRequest(questions, shared.configuration), until: deadline)
        settle(
            requests, response.topics.flatMap { topic in topic.partitions.map { (topic.name, $0.partitionIndex, $0) } }
        ) {
            state, one, answer in
            let offset = answer.offset >= 0 ? answer.offset : answer.oldStyleOffsets.first ?? -1
            state.found(one, ErrorCode(code: answer.errorCode), offset: offset, epoch: answer.leaderEpoch)
        }
        rest(milliseconds: response.throttleTimeMs)
    }

    func validate(_ requests: [PartitionRequest], _ connection: BrokerConnection) throws(ClientError) {
        guard connection.version(of: OffsetForLeaderEpochRequest.self) != nil else {
            shared.update { state in
                for one in requests { state.skippedValidation(one) }
            }
            return
        }
        var request = OffsetForLeaderEpochRequest()
        request.replicaId = -1
        request.topics = requests.runs(of: \.partition.topic).map { name, run in
            var topic = OffsetForLeaderEpochRequest.OffsetForLeaderTopic()
            topic.topic = name
            topic.partitions = run.map { one in
                var partition = OffsetForLeaderEpochRequest.OffsetForLeaderPartition()
                partition.partition = one.partition.partition
                partition.currentLeaderEpoch = one.leaderEpoch
                partition.leaderEpoch = one.fetchedEpoch
                return partition
            }
            return topic
        }
        let response = try connection.request(request, until: deadline)
        let now = shared.clock.timestamp
        settle(requests, response.topics.flatMap { topic in topic.partitions.map { (topic.topic, $0.partition, $0) } })
        {
            state, one, answer in
            let endOffset = answer.leaderEpoch >= 0 ? answer.endOffset : -1
            state.validated(one, ErrorCode(code: answer.errorCode), endOffset: endOffset, now: now)
        }
        rest(milliseconds: response.throttleTimeMs)
    }

    /// Gives each partition that was asked about its answer.
    private func settle<Answer>(
        _ requests: [PartitionRequest], _ answers: [(topic: String, partition: Int32, answer: Answer)],
        _ body: (inout ConsumerState, PartitionRequest, Answer) -> Void
    ) {
        let found = Dictionary(
            answers.map { (TopicPartition($0.topic, $0.partition), $0.answer) }, uniquingKeysWith: { first, _ in first }
        )
        shared.update { state in
            for one in requests {
                if let answer = found[one.partition] { body(&state, one, answer) }
            }
            state.unanswered(requests)
        }
    }
}
