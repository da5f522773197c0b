import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Network
import Storage
import Timing

/// Produce: appends the batches of a request where they lie in its frame.
enum ProduceHandler {
    static let route = Route(
        .produce, versions: 0...APITable.row(.produce).versions.upperBound
    ) { frame, start, context, connection, broker throws(WireError) in
        var reader = ByteReader(frame.bytes)
        try reader.move(to: start)
        let request = try ProduceRequest.decode(&reader, version: context.version)
        let response = append(request, &frame, context, broker)
        return finish(response, acks: request.acks, context, connection)
    }

    static func finish(
        _ response: ProduceResponse, acks: Int16, _ context: RequestContext, _ connection: Connection
    ) -> FrameOutcome {
        guard acks == 0 else {
            connection.answer(response, to: context, api: .produce)
            return .answered
        }
        // Without an answer, closing is the only way to say that something was lost.
        if let failure = response.firstFailure {
            return .refuse("a produce request with acks=0 that failed: \(failure)")
        }
        return .answered
    }

    static func append(
        _ request: ProduceRequest, _ frame: inout MutableRawSpan, _ context: RequestContext, _ broker: Broker
    ) -> ProduceResponse {
        let topics = broker.topics.snapshot
        let now = broker.clock.timestamp
        let usesTopicIDs = context.version >= 13
        var response = ProduceResponse()
        response.responses.reserveCapacity(request.topicData.count)
        for topic in request.topicData {
            let served = usesTopicIDs ? topics.topic(id: topic.topicId) : topics.topic(named: topic.name)
            var answer = ProduceResponse.TopicProduceResponse()
            answer.name = topic.name
            answer.topicId = topic.topicId
            answer.partitionResponses.reserveCapacity(topic.partitionData.count)
            for data in topic.partitionData {
                var partition = ProduceResponse.PartitionProduceResponse()
                partition.index = data.index
                if let target = served?.partition(data.index) {
                    let outcome = appendTo(target, data, request, &frame, context, now)
                    partition.describe(outcome)
                } else {
                    let unknown: ErrorCode = usesTopicIDs ? .unknownTopicID : .unknownTopicOrPartition
                    partition.describe(.failure(AppendRefusal(served?.absence(of: data.index) ?? unknown)))
                }
                answer.partitionResponses.append(partition)
            }
            response.responses.append(answer)
        }
        return response
    }

    private static func appendTo(
        _ partition: Partition, _ data: ProduceRequest.PartitionProduceData, _ request: ProduceRequest,
        _ frame: inout MutableRawSpan, _ context: RequestContext, _ now: Timestamp
    ) -> Result<AppendResult, AppendRefusal> {
        guard (-1...1).contains(request.acks) else { return .failure(AppendRefusal(.invalidRequiredAcks)) }
        guard case .range(let range) = data.records else {
            return .failure(AppendRefusal(.invalidRecord, "The request holds no records for the partition."))
        }
        if isTransactional(frame.bytes, range) {
            // Without a coordinator nobody would ever end the transaction, and its first record would hold up readers
            // of committed records for good.
            let code = request.transactionalId == nil ? ErrorCode.transactionalIDAuthorizationFailed : .invalidTxnState
            return .failure(AppendRefusal(code, "This broker coordinates no transactions."))
        }
        return partition.append(
            &frame, range, requiredAcks: request.acks, produceVersion: context.version, now: now)
    }

    /// Whether a range begins with a batch of a transaction. Control batches are refused for what they are.
    private static func isTransactional(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
        guard range.count >= RecordBatchLayout.headerSize else { return false }
        let batch = bytes.extracting(range)
        let magic = batch.unsafeLoad(fromByteOffset: RecordBatchLayout.magic, as: UInt8.self)
        // The low byte of the big-endian attributes.
        let attributes = Int16(batch.unsafeLoad(fromByteOffset: RecordBatchLayout.attributes + 1, as: UInt8.self))
        return magic == 2
            && attributes & (BatchAttributes.transactional | BatchAttributes.control)
                == BatchAttributes.transactional
    }
}

extension ProduceResponse {
    fileprivate var firstFailure: String? {
        for topic in responses {
            for partition in topic.partitionResponses where partition.errorCode != 0 {
                let code = ErrorCode(rawValue: partition.errorCode)?.name ?? String(partition.errorCode)
                return "\(topic.name)-\(partition.index): \(code)"
            }
        }
        return nil
    }
}

extension ProduceResponse.PartitionProduceResponse {
    fileprivate mutating func describe(_ outcome: Result<AppendResult, AppendRefusal>) {
        switch outcome {
        case .success(let result):
            baseOffset = result.baseOffset
            logAppendTimeMs = result.logAppendTime.milliseconds
            logStartOffset = result.logStartOffset
        case .failure(let refusal):
            errorCode = refusal.code.rawValue
            errorMessage = refusal.message
            baseOffset = -1
            recordErrors = refusal.records.map { refused in
                var record = ProduceResponse.BatchIndexAndErrorMessage()
                record.batchIndex = Int32(clamping: refused.index)
                record.batchIndexErrorMessage = refused.message
                return record
            }
        }
    }
}
