import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Network
import Posix
import Storage
import Timing

/// Produce: appends the batches of a request where they lie in its frame.
///
/// The answer leaves at once, unless a topic wants its records on the device first: then a `ProduceWait` holds it until
/// the flush that the append has asked for, and the requests behind it on the connection are appended meanwhile, so that
/// one producer with several requests in flight fills a flush alone. What takes long is appended on a request thread,
/// from a copy of the frame.
enum ProduceHandler {
    /// No frame of up to so many bytes holds enough to be worth a look at what it will cost.
    private static let smallFrameBytes = 4 * 1024
    /// What the tools of Kafka that may write internal topics call themselves.
    private static let adminClientID = "__admin_client"

    static let route = Route(
        .produce, versions: 0...APITable.row(.produce).versions.upperBound
    ) { frame, start, context, connection, broker throws(WireError) in
        var reader = ByteReader(frame.bytes)
        try reader.move(to: start)
        let request = try ProduceRequest.decode(&reader, version: context.version)
        if frame.byteCount > smallFrameBytes, wantsRequestThread(request, frame.bytes, context, broker) {
            // Two threads must not append what one producer sent in order.
            if connection.hasDeferred { return .notYet }
            return appendElsewhere(request, frame.bytes, context, connection, broker)
        }
        let appended = append(request, &frame, context, broker)
        guard request.acks != 0 else {
            if let failure = appended.response.lossWithoutAnswer { return .refuse(failure) }
            return .answered
        }
        if !appended.pending.isEmpty || connection.hasDeferred {
            let wait = ProduceWait(appended.response, ticket: connection.ticket(), context: context)
            wait.begin(appended.pending)
            return .deferred
        }
        connection.answer(appended.response, to: context, api: .produce)
        return .answered
    }

    private static func wantsRequestThread(
        _ request: ProduceRequest, _ frame: RawSpan, _ context: RequestContext, _ broker: Broker
    ) -> Bool {
        let topics = broker.topics.snapshot
        var nanoseconds = 0
        for topic in request.topicData {
            let served = context.version >= 13 ? topics.topic(id: topic.topicId) : topics.topic(named: topic.name)
            for data in topic.partitionData {
                guard case .range(let range) = data.records, let target = served?.partition(data.index) else {
                    continue
                }
                nanoseconds += target.admissionNanoseconds(frame.extracting(range))
            }
        }
        return nanoseconds > AdmissionCost.inlineNanosecondsMax
    }

    private static func appendElsewhere(
        _ request: ProduceRequest, _ frame: RawSpan, _ context: RequestContext, _ connection: Connection,
        _ broker: Broker
    ) -> FrameOutcome {
        let ticket = connection.ticket()
        let copy = Guarded(frame.withUnsafeBytes { [UInt8]($0) })
        broker.submit(ticket) {
            // Taken out, so that writing into it copies nothing.
            var bytes = copy.withLock { bytes in
                defer { bytes = [] }
                return bytes
            }
            var span = bytes.mutableSpan
            var records = span.mutableBytes
            let appended = append(request, &records, context, broker)
            if request.acks == 0 {
                if let failure = appended.response.lossWithoutAnswer { return ticket.abandon(closing: failure) }
                return ticket.complete { _ in }
            }
            ProduceWait(appended.response, ticket: ticket, context: context).begin(appended.pending)
        }
        return .parked
    }

    static func append(
        _ request: ProduceRequest, _ frame: inout MutableRawSpan, _ context: RequestContext, _ broker: Broker
    ) -> AppendedRecords {
        let topics = broker.topics.snapshot
        let now = broker.clock.timestamp
        let usesTopicIDs = context.version >= 13
        var appended = AppendedRecords()
        appended.response.responses.reserveCapacity(request.topicData.count)
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
                    let (outcome, milestone) = appendTo(target, data, request, &frame, context, now)
                    partition.describe(outcome)
                    if let milestone {
                        let place = ProduceWait.Place(
                            topic: appended.response.responses.count, partition: answer.partitionResponses.count)
                        appended.pending.append(.init(partition: target, milestone: milestone, place: place))
                    }
                } else {
                    let unknown: ErrorCode = usesTopicIDs ? .unknownTopicID : .unknownTopicOrPartition
                    partition.describe(.failure(AppendRefusal(served?.absence(of: data.index) ?? unknown)))
                }
                answer.partitionResponses.append(partition)
            }
            appended.response.responses.append(answer)
        }
        return appended
    }

    private static func appendTo(
        _ partition: Partition, _ data: ProduceRequest.PartitionProduceData, _ request: ProduceRequest,
        _ frame: inout MutableRawSpan, _ context: RequestContext, _ now: Timestamp
    ) -> (outcome: Result<AppendResult, AppendRefusal>, milestone: Partition.Milestone?) {
        guard (-1...1).contains(request.acks) else { return (.failure(AppendRefusal(.invalidRequiredAcks)), nil) }
        guard !partition.isInternal || context.clientID == adminClientID else {
            let message = "Cannot append to internal topic \(partition.topic)"
            return (.failure(AppendRefusal(.invalidTopicException, message)), nil)
        }
        guard case .range(let range) = data.records else {
            return (.failure(AppendRefusal(.invalidRecord, "The request holds no records for the partition.")), nil)
        }
        if isTransactional(frame.bytes, range) {
            // Without a coordinator nobody would ever end the transaction, and its first record would hold up readers
            // of committed records for good.
            let code = request.transactionalId == nil ? ErrorCode.transactionalIDAuthorizationFailed : .invalidTxnState
            return (.failure(AppendRefusal(code, "This broker coordinates no transactions.")), nil)
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
    /// Without an answer, closing is the only way to say that something was lost.
    fileprivate var lossWithoutAnswer: String? {
        firstFailure.map { "a produce request with acks=0 that failed: \($0)" }
    }

    private var firstFailure: String? {
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
