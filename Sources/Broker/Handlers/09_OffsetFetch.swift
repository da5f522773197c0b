import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Metadata

/// OffsetFetch, of one group up to version 7, of several from version 8.
enum OffsetFetchHandler: DeferringHandler {
    typealias Asked = OffsetFetchRequest.OffsetFetchRequestGroup
    typealias Told = OffsetFetchResponse.OffsetFetchResponseGroup

    static func handle(
        _ request: OffsetFetchRequest, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (OffsetFetchResponse) -> Void
    ) -> OffsetFetchResponse? {
        let asked = context.version >= 8 ? request.groups : [Asked(request)]
        var empty = OffsetFetchResponse()
        empty.groups = [Told](repeating: Told(), count: asked.count)
        let gathering = Gathering(empty) { later($0.fitted(to: context.version)) }
        for (index, group) in asked.enumerated() {
            gathering.ask({ (told: Told, response) in response.groups[index] = told }) { later in
                fetch(group, requireStable: request.requireStable, context, broker, later: later)
            }
        }
        return gathering.finish()?.fitted(to: context.version)
    }

    private static func fetch(
        _ group: Asked, requireStable: Bool, _ context: RequestContext, _ broker: Broker,
        later: @escaping @Sendable (Told) -> Void
    ) -> Told? {
        let image = broker.cluster.image
        let usesIDs = context.version >= 10
        let (asked, unknown) = usesIDs ? group.named(by: image) : (group, [])
        let finish = { @Sendable (outcome: Result<Told, ErrorCode>) -> Told in
            switch outcome {
            case .failure(let code): return .refusing(group, code.asToldByOffsetFetch, version: context.version)
            case .success(var told):
                if told.errorCode == 0 {
                    if usesIDs, group.topics == nil { told.identify(by: image) }
                    told.topics += unknown
                }
                return told
            }
        }
        guard let shard = broker.groups.shard(of: group.groupId) else { return finish(.failure(.notCoordinator)) }
        let outcome = shard.read(later: { later(finish($0)) }) { state, _ in
            state.fetch(asked, requireStable: requireStable)
        }
        return outcome.map(finish)
    }
}

extension ErrorCode {
    /// Consumers of old know only this one of those that make them look for the coordinator again.
    fileprivate var asToldByOffsetFetch: ErrorCode {
        switch self {
        case .unknownTopicOrPartition, .notEnoughReplicas, .requestTimedOut: .notCoordinator
        default: asToldByCoordinators
        }
    }
}

extension OffsetFetchRequest.OffsetFetchRequestGroup {
    /// The one group of a request of old.
    fileprivate init(_ request: OffsetFetchRequest) {
        self.init()
        groupId = request.groupId
        topics = request.topics?.map { asked in
            var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
            topic.name = asked.name
            topic.partitionIndexes = asked.partitionIndexes
            return topic
        }
    }

    /// The topics that have a name, and the answers for those that have none.
    fileprivate func named(
        by image: ClusterImage
    ) -> (Self, unknown: [OffsetFetchResponse.OffsetFetchResponseTopics]) {
        guard let topics else { return (self, []) }
        var known = self
        known.topics = []
        var unknown: [OffsetFetchResponse.OffsetFetchResponseTopics] = []
        for var topic in topics {
            if let found = image.topic(id: topic.topicId) {
                topic.name = found.name
                known.topics?.append(topic)
            } else {
                unknown.append(.refusing(topic, .unknownTopicID))
            }
        }
        return (known, unknown)
    }
}

extension OffsetFetchResponse.OffsetFetchResponseTopics {
    fileprivate static func refusing(
        _ asked: OffsetFetchRequest.OffsetFetchRequestTopics, _ code: ErrorCode
    ) -> Self {
        var topic = Self()
        topic.name = asked.name
        topic.topicId = asked.topicId
        topic.partitions = asked.partitionIndexes.map { index in
            var partition = OffsetFetchResponse.OffsetFetchResponsePartitions()
            partition.partitionIndex = index
            partition.committedOffset = -1
            partition.errorCode = code.rawValue
            return partition
        }
        return topic
    }
}

extension OffsetFetchResponse.OffsetFetchResponseGroup {
    /// Before version 2 an error has no other place than the partitions.
    fileprivate static func refusing(
        _ asked: OffsetFetchRequest.OffsetFetchRequestGroup, _ code: ErrorCode, version: Int16
    ) -> Self {
        var told = Self()
        told.groupId = asked.groupId
        if version >= 2 {
            told.errorCode = code.rawValue
        } else {
            told.topics = (asked.topics ?? []).map { .refusing($0, code) }
        }
        return told
    }

    /// Topics that have no id any more cannot be told in a version that knows no names.
    fileprivate mutating func identify(by image: ClusterImage) {
        topics = topics.compactMap { topic in
            var topic = topic
            if topic.topicId == .zero { topic.topicId = image.topicID(topic.name) ?? .zero }
            return topic.topicId == .zero ? nil : topic
        }
    }
}

extension OffsetFetchResponse {
    /// Before version 8 there is one group, and its fields are those of the response.
    fileprivate func fitted(to version: Int16) -> OffsetFetchResponse {
        guard version < 8, let group = groups.first else { return self }
        var response = OffsetFetchResponse()
        response.errorCode = group.errorCode
        response.topics = group.topics.map { told in
            var topic = OffsetFetchResponseTopic()
            topic.name = told.name
            topic.partitions = told.partitions.map { told in
                var partition = OffsetFetchResponsePartition()
                partition.partitionIndex = told.partitionIndex
                partition.committedOffset = told.committedOffset
                partition.committedLeaderEpoch = told.committedLeaderEpoch
                partition.metadata = told.metadata
                partition.errorCode = told.errorCode
                return partition
            }
            return topic
        }
        return response
    }
}
