import Configuration
import Glibc
public import KafkaModel
import KafkaProtocol
import Timing

/// Work that belongs to the leaders of partitions, and who they are.
extension Admin {
    /// Has the leader of each partition do something. What may come right, such as a leader that moved, is tried again;
    /// a broker that cannot be reached costs only its own partitions.
    ///
    /// - Parameter work: asks one broker about the partitions that it leads.
    func onLeaders<Value>(
        _ partitions: [TopicPartition],
        _ work: (_ leader: Int32, _ own: [TopicPartition], _ deadline: Instant) throws(ClientError) -> [TopicPartition:
            Result<Value, ClientError>]
    ) throws(ClientError) -> [TopicPartition: Result<Value, ClientError>] {
        let deadline = deadline
        var results: [TopicPartition: Result<Value, ClientError>] = [:]
        var left = Set(partitions)
        var pause = configuration.retryBackoff
        for round in 1... {
            let (byLeader, lost) = try leaders(of: left)
            for (partition, error) in lost { results[partition] = .failure(error) }
            for (leader, own) in byLeader.sorted(by: { $0.key < $1.key }) {
                do throws(ClientError) {
                    let answers = try work(leader, own.sorted(), deadline)
                    for partition in own {
                        // A leader that passes over a partition has not done it.
                        results[partition] =
                            answers[partition] ?? .failure(refused(leader, .metadata, .unknownServerError))
                    }
                } catch {
                    for partition in own { results[partition] = .failure(error) }
                }
            }
            left = left.filter { partition in
                if case .failure(let error)? = results[partition] { error.isRetriable } else { false }
            }
            guard !left.isEmpty, round < Self.roundsMax, round <= configuration.retries, clock.now + pause < deadline
            else { break }
            known = nil
            usleep(UInt32(clamping: pause.wholeNanoseconds / 1000))
            pause = min(pause * 2, configuration.retryBackoffMax)
        }
        return results
    }

    private func leaders(
        of partitions: Set<TopicPartition>
    ) throws(ClientError) -> (byLeader: [Int32: [TopicPartition]], lost: [TopicPartition: ClientError]) {
        var byLeader: [Int32: [TopicPartition]] = [:]
        var lost: [TopicPartition: ClientError] = [:]
        let topics = Dictionary(
            try metadata(topics: Set(partitions.map(\.topic)).sorted()).map { ($0.name, $0) },
            uniquingKeysWith: { first, _ in first })
        for partition in partitions {
            let topic = topics[partition.topic]
            let place = topic?.partitions.first { $0.index == partition.partition }
            if let leader = place?.leader, leader >= 0 {
                byLeader[leader, default: []].append(partition)
                continue
            }
            var code = place == nil ? ErrorCode.unknownTopicOrPartition : .leaderNotAvailable
            if let error = topic?.error, error != .none { code = error }
            lost[partition] = ClientError("the cluster", .receive(.metadata), .refused(code, message: nil))
        }
        return (byLeader, lost)
    }

    public enum ElectionType: Int8, Sendable, CaseIterable {
        /// The first of the replicas, if it is in sync.
        case preferred = 0
        /// Any replica that is there, be it behind, where there is no leader.
        case unclean = 1
    }

    /// Has leaders elected for partitions, or wherever one is due, and gives what became of each.
    public func electLeaders(
        _ type: ElectionType, for partitions: [TopicPartition]?
    ) throws(ClientError) -> [(partition: TopicPartition, error: ErrorCode, message: String?)] {
        var request = ElectLeadersRequest()
        request.electionType = type.rawValue
        request.timeoutMs = Int32(clamping: configuration.requestTimeout.wholeMilliseconds)
        request.topicPartitions = partitions.map { partitions in
            Self.byTopic(partitions).map { name, indexes in
                var topic = ElectLeadersRequest.TopicPartitions()
                topic.topic = name
                topic.partitions = indexes
                return topic
            }
        }
        if type == .unclean {
            // Version 0 knows preferred leaders only and would elect those.
            let connection = try trying { (deadline) throws(ClientError) in try bootstrapConnection(until: deadline) }
            guard connection.version(of: ElectLeadersRequest.self) ?? 0 >= 1 else {
                throw ClientError(
                    connection.address.description, .send(.electLeaders),
                    .unsupported(offered: connection.versions[APIKey.electLeaders.rawValue]))
            }
        }
        let response = try askController(request) { (ErrorCode(code: $0.errorCode), nil) }
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else {
            throw ClientError("the controller", .receive(.electLeaders), .refused(code, message: nil))
        }
        return response.replicaElectionResults.flatMap { topic in
            topic.partitionResult.map {
                (TopicPartition(topic.topic, $0.partitionId), ErrorCode(code: $0.errorCode), $0.errorMessage)
            }
        }.sorted { $0.0 < $1.0 }
    }
}
