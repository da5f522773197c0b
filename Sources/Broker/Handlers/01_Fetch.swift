import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Network
import Timing

/// Fetch: finds the session and the partitions, reads, and answers at once or waits for more.
enum FetchHandler {
    /// Before version 4 records would have to be converted to formats that are no longer written.
    static let route = Route(
        .fetch, versions: 4...APITable.row(.fetch).versions.upperBound
    ) { frame, start, context, connection, broker throws(WireError) in
        var reader = ByteReader(frame.bytes)
        try reader.move(to: start)
        let request = try FetchRequest.decode(&reader, version: context.version)
        switch prepare(request, context, broker) {
        case .failure(let code):
            var response = FetchResponse()
            response.errorCode = code.rawValue
            connection.answer(response, to: context, api: .fetch)
            return .answered
        case .success(let fetch):
            let found = fetch.read()
            if found.isEnough {
                let answer = fetch.answer(found, broker)
                connection.answer(answer.response, regions: answer.regions, to: context, api: .fetch)
                return .answered
            }
            let wait = FetchWait(fetch, ticket: connection.ticket(), context: context, broker: broker)
            wait.begin()
            return .parked
        }
    }

    /// Epoch -1 asks without a session, epoch 0 for a new one, any other goes on with the one it names.
    private static func prepare(
        _ request: FetchRequest, _ context: RequestContext, _ broker: Broker
    ) -> Result<PendingFetch, ErrorCode> {
        let usesTopicIDs = context.version >= 13
        let topics = broker.topics.snapshot
        let replicaID = context.version >= 15 ? request.replicaState.replicaId : request.replicaId
        let added = request.topics.flatMap { topic in
            topic.partitions.map { partition in
                FetchTarget(topic, partition, usesTopicIDs: usesTopicIDs, topics: topics)
            }
        }

        func pending(
            _ targets: [FetchTarget], session: SharedFetchSession?, sessionID: Int32, isIncremental: Bool
        ) -> PendingFetch {
            let maxBytes = min(Int(request.maxBytes), broker.configuration.fetchBytesMax)
            // Who wants more than it may get has enough when it gets that.
            return PendingFetch(
                version: context.version, minBytes: min(Int(request.minBytes), maxBytes), maxBytes: maxBytes,
                maxWaitMs: request.maxWaitMs,
                replicaID: replicaID, isolation: Isolation(level: request.isolationLevel, replicaID: replicaID),
                targets: targets, session: session, sessionID: sessionID, isIncremental: isIncremental)
        }

        guard context.version >= 7, request.sessionEpoch >= 0 else {
            if context.version >= 7, request.sessionId != 0 { broker.fetchSessions.remove(request.sessionId) }
            return .success(pending(added, session: nil, sessionID: 0, isIncremental: false))
        }
        let now = broker.clock.now
        if request.sessionEpoch == 0 {
            if request.sessionId != 0 { broker.fetchSessions.remove(request.sessionId) }
            let session = broker.fetchSessions.open(usesTopicIDs: usesTopicIDs, targets: added, now: now)
            let id = session?.withSession { $0.id } ?? 0
            return .success(pending(added, session: session, sessionID: id, isIncremental: false))
        }
        guard let session = broker.fetchSessions.find(request.sessionId) else {
            return .failure(.fetchSessionIDNotFound)
        }
        let forgotten = request.forgottenTopicsData.flatMap { topic in
            topic.partitions.map {
                FetchTargetKey(
                    topic: usesTopicIDs ? "" : topic.topic, topicID: usesTopicIDs ? topic.topicId : .zero, index: $0)
            }
        }
        return session.withSession { session -> Result<[FetchTarget], ErrorCode> in
            let code = session.continued(
                epoch: request.sessionEpoch, usesTopicIDs: usesTopicIDs, added: added, forgotten: forgotten, now: now)
            guard code == .none else { return .failure(code) }
            return .success(
                session.targets.map { target in
                    var target = target
                    (target.partition, target.unknown) = target.find(in: topics)
                    return target
                })
        }.map { pending($0, session: session, sessionID: request.sessionId, isIncremental: true) }
    }
}

extension FetchTarget {
    init(
        _ topic: FetchRequest.FetchTopic, _ partition: FetchRequest.FetchPartition, usesTopicIDs: Bool,
        topics: TopicTable.Snapshot
    ) {
        self.init(
            topic: usesTopicIDs ? "" : topic.topic, topicID: usesTopicIDs ? topic.topicId : .zero,
            usesTopicIDs: usesTopicIDs, index: partition.partition, partition: nil, unknown: .none,
            fetchOffset: partition.fetchOffset,
            maxBytes: partition.partitionMaxBytes, currentLeaderEpoch: partition.currentLeaderEpoch,
            lastFetchedEpoch: partition.lastFetchedEpoch, logStartOffset: partition.logStartOffset)
        (self.partition, unknown) = find(in: topics)
    }

    func find(in topics: TopicTable.Snapshot) -> (Partition?, ErrorCode) {
        if usesTopicIDs {
            guard let topic = topics.topic(id: topicID) else { return (nil, .unknownTopicID) }
            return (topic.partition(index), topic.absence(of: index))
        }
        guard let topic = topics.topic(named: topic) else { return (nil, .unknownTopicOrPartition) }
        return (topic.partition(index), topic.absence(of: index))
    }
}
