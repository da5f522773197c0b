import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Synchronization
import Timing

/// One Fetch: the request for some partitions, and what its answer means for each of them.
struct FetchExchange {
    private let requests: [PartitionRequest]
    private let configuration: ConsumerConfiguration
    private var places: [TopicPartition: Int] = [:]
    private var names: [UUID: String] = [:]
    /// Topics go by id from version 13 on, which needs that the ids of all are known.
    let newestVersion: Int16

    init(_ requests: [PartitionRequest], _ configuration: ConsumerConfiguration) {
        self.requests = requests
        self.configuration = configuration
        for (place, request) in requests.enumerated() {
            places[request.partition] = place
            names[request.topicID] = request.partition.topic
        }
        newestVersion = requests.contains { $0.topicID == .zero } ? 12 : FetchRequest.versions.upperBound
    }

    func request(maxWait: Duration) -> FetchRequest {
        var request = FetchRequest()
        request.maxWaitMs = Int32(clamping: maxWait.wholeMilliseconds)
        request.minBytes = Int32(clamping: configuration.fetchBytesMin)
        request.maxBytes = Int32(clamping: configuration.fetchBytesMax)
        request.isolationLevel = configuration.isolation.rawValue
        request.rackId = configuration.rack
        request.topics = requests.runs(of: \.partition.topic).map { name, run in
            var topic = FetchRequest.FetchTopic()
            topic.topic = name
            topic.topicId = run[0].topicID
            topic.partitions = run.map { one in
                var partition = FetchRequest.FetchPartition()
                partition.partition = one.partition.partition
                partition.currentLeaderEpoch = one.leaderEpoch
                partition.fetchOffset = one.offset
                partition.partitionMaxBytes = Int32(clamping: configuration.partitionFetchBytesMax)
                return partition
            }
            return topic
        }
        return request
    }

    /// Which of the partitions an answer speaks of; nil where it was not asked for.
    func request(for topic: FetchResponse.FetchableTopicResponse, _ partition: Int32) -> PartitionRequest? {
        guard let name = topic.topic.isEmpty ? names[topic.topicId] : topic.topic,
            let place = places[TopicPartition(name, partition)]
        else { return nil }
        return requests[place]
    }

    /// What an answer means. Its stretches keep `answer`, whose users are counted.
    func results(of response: FetchResponse, in answer: AnswerBytes) -> [(PartitionRequest, FetchResult)] {
        var results: [(PartitionRequest, FetchResult)] = []
        var seen: Set<Int> = []
        for topic in response.responses {
            for partition in topic.partitions {
                guard let request = request(for: topic, partition.partitionIndex), seen.insert(request.slot).inserted
                else { continue }
                let result = FetchResult(
                    outcome: outcome(of: partition, request, answer), highWatermark: partition.highWatermark,
                    lastStableOffset: partition.lastStableOffset, logStartOffset: partition.logStartOffset)
                results.append((request, result))
            }
        }
        return results
    }

    private func outcome(
        of partition: FetchResponse.PartitionData, _ request: PartitionRequest, _ answer: AnswerBytes
    ) -> FetchResult.Outcome {
        let code = ErrorCode(code: partition.errorCode)
        guard code == .none else { return .failed(code) }
        if partition.preferredReadReplica >= 0 { return .replica(partition.preferredReadReplica) }
        guard case .range(let range) = partition.records, !range.isEmpty else { return .nothing }
        let found = Self.survey(answer.bytes.extracting(range))
        if let error = found.error { return .broken(.corrupt(request.partition, offset: request.offset, error)) }
        guard found.bytes > 0, found.nextOffset > request.offset else {
            return .broken(.noProgress(request.partition, offset: request.offset))
        }
        answer.users.add(1, ordering: .acquiringAndReleasing)
        let stretch = FetchedStretch(
            slot: request.slot, generation: request.generation, answer: answer,
            records: range.lowerBound..<range.lowerBound + found.bytes,
            aborted: configuration.isolation == .readUncommitted
                ? []
                : (partition.abortedTransactions ?? []).map {
                    FetchedStretch.AbortedTransaction(producerID: $0.producerId, firstOffset: $0.firstOffset)
                })
        return .records(stretch, nextOffset: found.nextOffset, epoch: found.epoch)
    }

    private struct Survey {
        var bytes = 0
        var nextOffset: Int64 = -1
        var epoch: Int32 = -1
        /// Set when not even one batch can be read.
        var error: RecordError?
    }

    /// Goes over whole batches by their headers. Behind damage it stops; the next fetch begins there and tells.
    private static func survey(_ records: RawSpan) -> Survey {
        var survey = Survey()
        var cursor = BatchCursor(records)
        do throws(RecordError) {
            while let batch = try cursor.next() {
                survey.bytes = batch.range.upperBound
                survey.nextOffset = batch.header.nextOffset
                survey.epoch = batch.header.partitionLeaderEpoch
            }
        } catch {
            if survey.bytes == 0 { survey.error = error }
        }
        return survey
    }
}
