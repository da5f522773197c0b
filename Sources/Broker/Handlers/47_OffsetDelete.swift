import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Metadata

/// OffsetDelete. Topics and partitions that are not there are refused one by one; the group is looked at in any case.
enum OffsetDeleteHandler: GroupHandler {
    typealias Request = OffsetDeleteRequest

    static func group(of request: OffsetDeleteRequest) -> String { request.groupId }

    static func prepare(
        _ request: OffsetDeleteRequest, _ context: RequestContext, _ broker: Broker
    ) -> Prepared<OffsetDeleteRequest> {
        if request.groupId.isEmpty { return .answered(refusal(.invalidGroupID, request, context)) }
        let image = broker.cluster.image
        var refused = OffsetDeleteResponse()
        var known = request
        known.topics = []
        for var topic in request.topics {
            let found = image.topic(topic.name)
            let missing = topic.partitions.filter { found?[partition: $0.partitionIndex] == nil }
            if !missing.isEmpty {
                refused.topics.append(.unknown(topic.name, missing))
                topic.partitions.removeAll { found?[partition: $0.partitionIndex] == nil }
            }
            if !topic.partitions.isEmpty { known.topics.append(topic) }
        }
        guard !refused.topics.isEmpty else { return .ready(known) }
        return .partly(known) { [refused] in refused.merging($0) }
    }

    static func decide(
        _ shard: inout GroupShard, _ request: OffsetDeleteRequest, _ context: RequestContext,
        _ event: GroupRequestEvent, into effects: inout GroupEffects
    ) {
        shard.deleteOffsets(request, owed: event.owed, event.context, into: &effects)
    }

    static func response(_ answer: GroupAnswer, _ context: RequestContext) -> OffsetDeleteResponse? {
        if case .offsetDelete(let response) = answer { response } else { nil }
    }

    static func refusal(
        _ code: ErrorCode, _ request: OffsetDeleteRequest, _ context: RequestContext
    ) -> OffsetDeleteResponse {
        var response = OffsetDeleteResponse()
        response.errorCode = code.rawValue
        return response
    }
}

extension OffsetDeleteResponse.OffsetDeleteResponseTopic {
    fileprivate static func unknown(
        _ name: String, _ partitions: [OffsetDeleteRequest.OffsetDeleteRequestPartition]
    ) -> Self {
        var topic = Self()
        topic.name = name
        topic.partitions = partitions.map { partition in
            var told = OffsetDeleteResponse.OffsetDeleteResponsePartition()
            told.partitionIndex = partition.partitionIndex
            told.errorCode = ErrorCode.unknownTopicOrPartition.rawValue
            return told
        }
        return topic
    }
}

extension OffsetDeleteResponse {
    /// An error of the whole request is told alone.
    fileprivate func merging(_ other: OffsetDeleteResponse) -> OffsetDeleteResponse {
        guard other.errorCode == 0 else { return other }
        var merged = self
        for topic in other.topics {
            if let index = merged.topics.firstIndex(where: { $0.name == topic.name }) {
                merged.topics[index].partitions += topic.partitions
            } else {
                merged.topics.append(topic)
            }
        }
        return merged
    }
}
