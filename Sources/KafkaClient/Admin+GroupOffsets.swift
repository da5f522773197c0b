import Configuration
public import KafkaModel
import KafkaProtocol
import Timing

/// What groups have committed. Topics go by name here, for a group may have offsets of topics that are gone.
extension Admin {
    /// The last versions of OffsetFetch and OffsetCommit that name topics.
    private static let namingVersion: Int16 = 9

    /// All that groups have committed.
    public func listGroupOffsets(
        _ groups: [String]
    ) throws(ClientError) -> [String: Result<[TopicPartition: CommittedOffset], ClientError>] {
        try onCoordinators(groups) { (coordinator, own, deadline) throws(ClientError) in
            let connection = try connection(to: coordinator.id, until: deadline)
            let version = connection.version(of: OffsetFetchRequest.self) ?? -1
            guard version >= 2 else {
                throw ClientError(
                    connection.address.description, .send(.offsetFetch),
                    .unsupported(offered: connection.versions[APIKey.offsetFetch.rawValue]))
            }
            if version >= 8 { return try fetchOffsets(own, coordinator, until: deadline) }
            var results: [String: Result<[TopicPartition: CommittedOffset], ClientError>] = [:]
            for group in own { results[group] = try fetchOffsets(of: group, coordinator, until: deadline) }
            return results
        }
    }

    private func fetchOffsets(
        _ groups: [String], _ coordinator: BrokerNode, until deadline: Instant
    ) throws(ClientError) -> [String: Result<[TopicPartition: CommittedOffset], ClientError>] {
        var request = OffsetFetchRequest()
        request.groups = groups.map { id in
            var group = OffsetFetchRequest.OffsetFetchRequestGroup()
            group.groupId = id
            group.topics = nil
            return group
        }
        var results: [String: Result<[TopicPartition: CommittedOffset], ClientError>] = [:]
        for group in try ask(coordinator.id, request, atMost: Self.namingVersion, until: deadline).groups {
            let code = ErrorCode(code: group.errorCode)
            guard code == .none else {
                results[group.groupId] = .failure(refused(coordinator.id, .offsetFetch, code))
                continue
            }
            var offsets: [TopicPartition: CommittedOffset] = [:]
            for topic in group.topics {
                for partition in topic.partitions where partition.errorCode == 0 && partition.committedOffset >= 0 {
                    offsets[TopicPartition(topic.name, partition.partitionIndex)] = CommittedOffset(
                        partition.committedOffset, knownEpoch: partition.committedLeaderEpoch, partition.metadata)
                }
            }
            results[group.groupId] = .success(offsets)
        }
        return results
    }

    /// Before version 8 a request was about one group.
    private func fetchOffsets(
        of group: String, _ coordinator: BrokerNode, until deadline: Instant
    ) throws(ClientError) -> Result<[TopicPartition: CommittedOffset], ClientError> {
        var request = OffsetFetchRequest()
        request.groupId = group
        request.topics = nil
        let response = try ask(coordinator.id, request, until: deadline)
        let code = ErrorCode(code: response.errorCode)
        guard code == .none else { return .failure(refused(coordinator.id, .offsetFetch, code)) }
        var offsets: [TopicPartition: CommittedOffset] = [:]
        for topic in response.topics {
            for partition in topic.partitions where partition.errorCode == 0 && partition.committedOffset >= 0 {
                offsets[TopicPartition(topic.name, partition.partitionIndex)] = CommittedOffset(
                    partition.committedOffset, knownEpoch: partition.committedLeaderEpoch, partition.metadata)
            }
        }
        return .success(offsets)
    }

    /// Commits for a group that has no members, and gives what became of each partition.
    public func alterGroupOffsets(
        _ group: String, _ offsets: [TopicPartition: CommittedOffset]
    ) throws(ClientError) -> [TopicPartition: ErrorCode] {
        var request = OffsetCommitRequest()
        request.groupId = group
        request.topics = Self.byTopic(offsets.keys.sorted()).map { name, indexes in
            var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
            topic.name = name
            topic.partitions = indexes.map { index in
                let committed = offsets[TopicPartition(name, index)]
                var partition = OffsetCommitRequest.OffsetCommitRequestPartition()
                partition.partitionIndex = index
                partition.committedOffset = committed?.offset ?? 0
                partition.committedLeaderEpoch = committed?.leaderEpoch ?? -1
                partition.committedMetadata = committed?.metadata ?? ""
                return partition
            }
            return topic
        }
        let results = try onCoordinators([group]) { (coordinator, own, deadline) throws(ClientError) in
            let response = try ask(coordinator.id, request, atMost: Self.namingVersion, until: deadline)
            var codes: [TopicPartition: ErrorCode] = [:]
            for topic in response.topics {
                for partition in topic.partitions {
                    codes[TopicPartition(topic.name, partition.partitionIndex)] = ErrorCode(code: partition.errorCode)
                }
            }
            if let moving = codes.values.first(where: \.isOfMovingCoordinator) {
                throw refused(coordinator.id, .offsetCommit, moving)
            }
            return [group: .success(codes)]
        }
        return try results[group]?.get() ?? [:]
    }

    /// Deletes what a group has committed for partitions that no member of it reads.
    public func deleteGroupOffsets(
        _ group: String, _ partitions: [TopicPartition]
    ) throws(ClientError) -> [TopicPartition: ErrorCode] {
        var request = OffsetDeleteRequest()
        request.groupId = group
        request.topics = Self.byTopic(partitions).map { name, indexes in
            var topic = OffsetDeleteRequest.OffsetDeleteRequestTopic()
            topic.name = name
            topic.partitions = indexes.map { index in
                var partition = OffsetDeleteRequest.OffsetDeleteRequestPartition()
                partition.partitionIndex = index
                return partition
            }
            return topic
        }
        let results = try onCoordinators([group]) { (coordinator, own, deadline) throws(ClientError) in
            let response = try ask(coordinator.id, request, until: deadline)
            let code = ErrorCode(code: response.errorCode)
            guard code == .none else { throw refused(coordinator.id, .offsetDelete, code) }
            var codes: [TopicPartition: ErrorCode] = [:]
            for topic in response.topics {
                for partition in topic.partitions {
                    codes[TopicPartition(topic.name, partition.partitionIndex)] = ErrorCode(code: partition.errorCode)
                }
            }
            return [group: .success(codes)]
        }
        return try results[group]?.get() ?? [:]
    }
}

extension CommittedOffset {
    fileprivate init(_ offset: Int64, knownEpoch epoch: Int32, _ metadata: String?) {
        self.init(offset, leaderEpoch: epoch >= 0 ? epoch : nil, metadata: metadata ?? "")
    }
}
