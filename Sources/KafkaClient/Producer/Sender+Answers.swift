import Bytes
import Compression
import Configuration
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Timing

/// From answers to outcomes.
extension Sender {
    func read(_ id: Int32, _ link: Link, _ connection: Connection) {
        let now = clock.now
        do throws(ClientError) {
            try connection.read { (sent, reader) throws(WireError) in
                switch sent.payload {
                case .batches(let batches):
                    let response = try ProduceResponse.decode(&reader, version: sent.version)
                    answered(batches, response, link, sent.at, now)
                case .identity:
                    identityAnswered(try InitProducerIdResponse.decode(&reader, version: sent.version), now)
                }
            }
        } catch {
            lose(id, link, error)
        }
    }

    private func answered(
        _ batches: [ProducerBatch], _ response: ProduceResponse, _ link: Link, _ sentAt: Instant, _ now: Instant
    ) {
        spare(link, response.throttleTimeMs, now)
        var left = batches
        for topic in response.responses {
            for partition in topic.partitionResponses {
                guard
                    let place = left.firstIndex(where: {
                        $0.queue.index == partition.index
                            && (topic.name.isEmpty
                                ? $0.topicID == topic.topicId : $0.queue.topic.name == topic.name)
                    })
                else { continue }
                let batch = left.remove(at: place)
                learn(partition, batch, response.nodeEndpoints)
                answers.append((batch, Self.answer(partition)))
            }
        }
        // A broker that says nothing of a batch may or may not have it.
        for batch in left {
            answers.append((batch, .init(.networkException, message: "the broker's answer leaves the partition out")))
        }
        let took = now - sentAt
        let traffic = traffic
        core.update { figures in
            figures.bytesOut = traffic.out
            figures.bytesIn = traffic.in
            figures.responses += 1
            figures.requestTime += took
            figures.requestTimeMax = max(figures.requestTimeMax, took)
        }
    }

    private static func answer(_ partition: ProduceResponse.PartitionProduceResponse) -> RecordAccumulator.Answer {
        var answer = RecordAccumulator.Answer(ErrorCode(code: partition.errorCode))
        let ofRecords = partition.recordErrors.compactMap(\.batchIndexErrorMessage).first
        answer.message = ofRecords ?? partition.errorMessage
        answer.baseOffset = partition.baseOffset
        answer.logAppendTime = partition.logAppendTimeMs
        answer.logStartOffset = partition.logStartOffset
        return answer
    }

    /// The broker has throttled the client and expects it to be quiet for so long.
    private func spare(_ link: Link, _ milliseconds: Int32, _ now: Instant) {
        guard let pause = ClientConfiguration.rest(throttledFor: milliseconds) else { return }
        link.notBefore = max(link.notBefore ?? now, now + pause)
        core.update { figures in
            figures.throttleTime += pause
            figures.throttleTimeMax = max(figures.throttleTimeMax, pause)
        }
    }

    /// Where the broker says who leads now, nobody needs to be asked.
    private func learn(
        _ partition: ProduceResponse.PartitionProduceResponse, _ batch: ProducerBatch,
        _ endpoints: [ProduceResponse.NodeEndpoint]
    ) {
        guard ErrorCode(code: partition.errorCode).tellsOfOldMetadata else { return }
        let leader = partition.currentLeader
        guard leader.leaderId >= 0, leader.leaderEpoch >= 0 else {
            staleTopics.insert(batch.queue.topic.name)
            return
        }
        let node = endpoints.first { $0.nodeId == leader.leaderId }.flatMap { endpoint in
            UInt16(exactly: endpoint.port).map {
                BrokerNode(id: endpoint.nodeId, address: HostPort(host: endpoint.host, port: $0), rack: endpoint.rack)
            }
        }
        core.learnLeader(batch.queue.partition, leader: leader.leaderId, epoch: leader.leaderEpoch, at: node)
        staleTopics.insert(batch.queue.topic.name)
    }

    /// Tells the callers what became of their records and frees what is over. False when there was nothing.
    @discardableResult
    func settleAnswers() -> Bool {
        guard !answers.isEmpty else { return false }
        let now = clock.now
        let settled = core.settle(answers, now: now)
        answers.removeAll(keepingCapacity: true)
        var done: [(batch: ProducerBatch, isOnWire: Bool)] = []
        for (batch, verdict) in settled {
            switch verdict {
            case .sent(let baseOffset, let logAppendTime):
                report(batch, nil, baseOffset: baseOffset, logAppendTime: logAppendTime)
                done.append((batch, false))
            case .failed(let error):
                report(batch, error)
                done.append((batch, false))
            case .over: done.append((batch, false))
            case .retried: break
            case .split: split(batch, now)
            }
        }
        core.release(done)
        return true
    }

    func expire(_ now: Instant) {
        finish(core.expire(now: now) { links[$0]?.lastError?.description })
    }

    /// Reports failures and frees what is not on the wire.
    func finish(_ failed: [(batch: ProducerBatch, error: ProducerError, isOnWire: Bool)]) {
        for (batch, error, _) in failed where !batch.isReported { report(batch, error) }
        core.release(failed.map { ($0.batch, $0.isOnWire) })
    }

    private func report(
        _ batch: ProducerBatch, _ error: ProducerError?, baseOffset: Int64 = -1, logAppendTime: Int64 = -1
    ) {
        batch.isReported = true
        let count = batch.recordCount
        core.update { figures in
            if error == nil { figures.recordsSent += count } else { figures.recordsFailed += count }
        }
        let queue = batch.queue
        if let onDelivery {
            onDelivery(
                Delivery(
                    topic: queue.topic.name, partition: queue.index, baseOffset: baseOffset,
                    logAppendTime: logAppendTime, error: error, tokens: batch.tokens, batch: batch))
        }
        guard !batch.callbacks.isEmpty else { return }
        if let error {
            for (_, callback) in batch.callbacks { callback(.failure(error)) }
            return
        }
        var timestamps: [Int64] = []
        if logAppendTime < 0 {
            batch.withRecords { (records) throws(RecordError) in
                while let record = try records.next() { timestamps.append(record.timestamp) }
            }
        }
        for (index, callback) in batch.callbacks {
            callback(
                .success(
                    RecordMetadata(
                        topic: queue.topic.name, partition: queue.index,
                        offset: baseOffset < 0 ? -1 : baseOffset &+ Int64(index),
                        timestamp: logAppendTime >= 0 ? logAppendTime : timestamps[index])))
        }
    }

    /// Makes two batches of one that a broker finds too large.
    private func split(_ batch: ProducerBatch, _ now: Instant) {
        let halves = (0..<2).map { _ in ProducerBatch(batch.queue, capacity: batch.records.plainBytes / 2 + 1024) }
        let half = (batch.recordCount + 1) / 2
        batch.withRecords { (records) throws(RecordError) in
            while let record = try records.next() {
                let part = halves[record.index < half ? 0 : 1]
                part.records.append(copying: record, from: records.bytes)
            }
        }
        if batch.tokens.count == batch.recordCount {
            halves[0].tokens = Array(batch.tokens[..<half])
            halves[1].tokens = Array(batch.tokens[half...])
        }
        halves[0].callbacks = batch.callbacks.filter { $0.index < half }
        halves[1].callbacks = batch.callbacks.filter { $0.index >= half }.map { ($0.index - half, $0.callback) }
        core.split(batch, into: halves, now: now)
    }
}

extension ErrorCode {
    /// Whether it says that another broker leads, or that the topic is not what it was thought to be.
    var tellsOfOldMetadata: Bool {
        switch self {
        case .notLeaderOrFollower, .unknownTopicOrPartition, .leaderNotAvailable, .fencedLeaderEpoch, .unknownTopicID,
            .kafkaStorageError, .replicaNotAvailable, .listenerNotFound, .networkException, .unknownLeaderEpoch:
            true
        default: false
        }
    }
}

extension ProducerBatch {
    func seal(_ compression: CompressionType, level: Int?) {
        do throws(CompressionError) {
            try records.seal(compression, level: level)
        } catch {
            // What cannot be packed goes as it is.
            records.sealUnpacked()
        }
    }
}

/// A produce request for batches, and in which order their records stand in it.
struct ProduceOrder {
    let message: ProduceRequest
    let order: [Int]

    init(_ batches: [ProducerBatch], acks: ProducerConfiguration.Acknowledgement, timeout: Duration) {
        var message = ProduceRequest()
        message.acks = acks.rawValue
        message.timeoutMs = Int32(clamping: timeout.wholeMilliseconds)
        var order: [Int] = []
        var places: [String: Int] = [:]
        var byTopic: [[Int]] = []
        for (index, batch) in batches.enumerated() {
            let topic = batch.queue.topic
            let place = places[topic.name] ?? message.topicData.count
            if place == message.topicData.count {
                places[topic.name] = place
                var data = ProduceRequest.TopicProduceData()
                data.name = topic.name
                data.topicId = batch.topicID
                message.topicData.append(data)
                byTopic.append([])
            }
            var partition = ProduceRequest.PartitionProduceData()
            partition.index = batch.queue.index
            partition.records = .external(batch.records.sizeInBytes)
            message.topicData[place].partitionData.append(partition)
            byTopic[place].append(index)
        }
        for indexes in byTopic { order += indexes }
        self.message = message
        self.order = order
    }
}
