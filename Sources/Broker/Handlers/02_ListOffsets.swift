import KafkaModel
import KafkaProtocol
import Timing

/// ListOffsets: the first, last, latest-stamped or first-after-a-time offset of partitions. Negative times are names.
enum ListOffsetsHandler: RequestHandler {
    static let place = HandlingPlace.loop
    static let versions: ClosedRange<Int16> = 1...APITable.row(.listOffsets).versions.upperBound

    private enum NamedTime {
        static let latest: Int64 = -1
        static let earliest: Int64 = -2
        static let maxTimestamp: Int64 = -3
        /// With tiered storage these two differ from `earliest` and `latest`; all data here is local.
        static let earliestLocal: Int64 = -4
        static let latestTiered: Int64 = -5
        static let earliestPendingUpload: Int64 = -6
    }

    static func handle(
        _ request: ListOffsetsRequest, _ context: RequestContext, _ broker: Broker
    ) -> ListOffsetsResponse {
        let topics = broker.topics.snapshot
        let isolation = Isolation(level: request.isolationLevel, replicaID: request.replicaId)
        var asked: Set<TopicPartition> = []
        var twice: Set<TopicPartition> = []
        for topic in request.topics {
            for partition in topic.partitions {
                let name = TopicPartition(topic.name, partition.partitionIndex)
                if !asked.insert(name).inserted { twice.insert(name) }
            }
        }
        var response = ListOffsetsResponse()
        for topic in request.topics {
            var answer = ListOffsetsResponse.ListOffsetsTopicResponse()
            answer.name = topic.name
            let served = topics.topic(named: topic.name)
            for partition in topic.partitions {
                var found = ListOffsetsResponse.ListOffsetsPartitionResponse()
                found.partitionIndex = partition.partitionIndex
                found.offset = -1
                found.timestamp = -1
                found.leaderEpoch = -1
                if twice.contains(TopicPartition(topic.name, partition.partitionIndex)) {
                    found.errorCode = ErrorCode.invalidRequest.rawValue
                } else if let target = served?.partition(partition.partitionIndex) {
                    switch query(for: partition.timestamp, in: context.version) {
                    case .none:
                        found.errorCode = ErrorCode.unsupportedVersion.rawValue
                    case .nothing:
                        break
                    case .some(let query):
                        switch target.offset(
                            for: query, isolation: isolation, claimedEpoch: partition.currentLeaderEpoch)
                        {
                        case .success(let offset):
                            found.offset = offset.offset
                            found.timestamp = offset.timestamp.milliseconds
                            found.leaderEpoch = offset.leaderEpoch
                        case .failure(let code):
                            found.errorCode = code.rawValue
                        }
                    }
                } else {
                    let absence = served?.absence(of: partition.partitionIndex) ?? .unknownTopicOrPartition
                    found.errorCode = absence.rawValue
                }
                answer.partitions.append(found)
            }
            response.topics.append(answer)
        }
        return response
    }

    private enum Asked {
        case some(OffsetQuery)
        /// Legal, and answered with no offset: nothing is tiered here.
        case nothing
        case none
    }

    /// A name is known from the version on that brought it.
    private static func query(for time: Int64, in version: Int16) -> Asked {
        switch time {
        case NamedTime.maxTimestamp where version < 7, NamedTime.earliestLocal where version < 8,
            NamedTime.latestTiered where version < 9, NamedTime.earliestPendingUpload where version < 11:
            .none
        case NamedTime.latest: .some(.latest)
        case NamedTime.earliest, NamedTime.earliestLocal: .some(.earliest)
        case NamedTime.maxTimestamp: .some(.maxTimestamp)
        case NamedTime.latestTiered, NamedTime.earliestPendingUpload: .nothing
        case 0...: .some(.atOrAfter(Timestamp(milliseconds: time)))
        default: .none
        }
    }
}
