import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Metadata

/// OffsetCommit. What is committed for topics and partitions that are not there is refused before anybody looks at the
/// member.
enum OffsetCommitHandler: GroupHandler {
    typealias Request = OffsetCommitRequest

    static func group(of request: OffsetCommitRequest) -> String { request.groupId }

    static func prepare(
        _ request: OffsetCommitRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<OffsetCommitRequest> {
        let image = broker.cluster.image
        let usesIDs = context.version >= 10
        var refused = OffsetCommitResponse()
        var known = request
        known.topics = []
        for var topic in request.topics {
            let found = usesIDs ? image.topic(id: topic.topicId) : image.topic(topic.name)
            guard let found else {
                refused.refuse(topic, topic.partitions, usesIDs ? .unknownTopicID : .unknownTopicOrPartition)
                continue
            }
            topic.name = found.name
            topic.topicId = found.id
            let missing = topic.partitions.filter { found[partition: $0.partitionIndex] == nil }
            if !missing.isEmpty {
                refused.refuse(topic, missing, .unknownTopicOrPartition)
                topic.partitions.removeAll { found[partition: $0.partitionIndex] == nil }
            }
            if !topic.partitions.isEmpty { known.topics.append(topic) }
        }
        guard !known.topics.isEmpty else { return .answered(refused) }
        guard !refused.topics.isEmpty else { return .ready(known) }
        return .partly(known) { [refused] in refused.merging($0) }
    }

    static func decide(
        _ shard: inout GroupShard, _ request: OffsetCommitRequest, _ context: RequestContext,
        _ event: GroupRequestEvent, into effects: inout GroupEffects
    ) {
        shard.commit(request, version: context.version, owed: event.owed, event.context, into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> OffsetCommitResponse? {
        if case .offsetCommit(let response) = answer { response } else { nil }
    }

    static func refusal(
        _ code: ErrorCode, _ request: OffsetCommitRequest, _ context: RequestContext
    ) -> OffsetCommitResponse {
        .refusing(request, code)
    }
}

extension OffsetCommitResponse {
    fileprivate mutating func refuse(
        _ topic: OffsetCommitRequest.OffsetCommitRequestTopic,
        _ partitions: [OffsetCommitRequest.OffsetCommitRequestPartition], _ code: ErrorCode
    ) {
        var one = OffsetCommitRequest()
        one.topics = [topic]
        one.topics[0].partitions = partitions
        topics += OffsetCommitResponse.refusing(one, code).topics
    }

    /// What the group says of the rest comes behind; a topic is named once.
    fileprivate func merging(_ other: OffsetCommitResponse) -> OffsetCommitResponse {
        var merged = self
        for topic in other.topics {
            if let index = merged.topics.firstIndex(where: { $0.name == topic.name && $0.topicId == topic.topicId }) {
                merged.topics[index].partitions += topic.partitions
            } else {
                merged.topics.append(topic)
            }
        }
        return merged
    }
}
