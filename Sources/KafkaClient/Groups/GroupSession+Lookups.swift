import KafkaModel
import KafkaProtocol
import Timing

/// Offsets that the group has.
extension GroupSession {
    mutating func lookUp(_ partitions: [TopicPartition]) {
        lookups.formUnion(partitions)
        lookupsFollow = lastCommit
        changed()
    }

    /// Partitions went to others, who commit from now on.
    mutating func forget(_ partitions: [TopicPartition]) {
        lookups.subtract(partitions)
        for partition in partitions { kept[partition] = nil }
    }

    /// The application wants to know.
    mutating func ask(_ partitions: [TopicPartition]) {
        for partition in partitions { answers[partition] = nil }
        asked = Set(partitions)
        lookUp(partitions)
    }

    /// The answers, as soon as all have come.
    mutating func takeAnswers(_ partitions: [TopicPartition]) -> [TopicPartition: CommittedOffset]? {
        guard partitions.allSatisfy({ answers[$0] != nil }) else { return nil }
        defer { answers = [:] }
        return answers
    }

    func lookupRequest() -> OffsetFetchRequest {
        var request = OffsetFetchRequest()
        request.requireStable = true
        request.groupId = settings.groupID
        var group = OffsetFetchRequest.OffsetFetchRequestGroup()
        group.groupId = settings.groupID
        // Only the newer protocol has epochs that an old answer could be told by.
        if let modern, modern.isActive {
            group.memberId = modern.memberID
            group.memberEpoch = modern.epoch
        }
        var olds: [OffsetFetchRequest.OffsetFetchRequestTopic] = []
        var topics: [OffsetFetchRequest.OffsetFetchRequestTopics] = []
        for (name, partitions) in Dictionary(grouping: lookups.sorted(), by: \.topic).sorted(by: { $0.key < $1.key }) {
            var old = OffsetFetchRequest.OffsetFetchRequestTopic()
            old.name = name
            old.partitionIndexes = partitions.map(\.partition)
            olds.append(old)
            var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
            topic.name = name
            topic.partitionIndexes = partitions.map(\.partition)
            topics.append(topic)
        }
        request.topics = olds
        group.topics = topics
        request.groups = [group]
        return request
    }

    /// The answer to a lookup: what was found, -1 where nothing is committed. What may come right is asked again.
    ///
    /// - Parameter standing: as what it was asked.
    mutating func lookedUp(
        as standing: GroupStanding, _ answer: OffsetFetchResponse, _ now: Instant
    ) -> [TopicPartition: CommittedOffset] {
        let group = answer.groups.first
        let code = ErrorCode(code: group?.errorCode ?? answer.errorCode)
        switch code {
        case .none: break
        case .coordinatorNotAvailable, .notCoordinator:
            settled(.lookup, .findCoordinator, now)
            return [:]
        case .coordinatorLoadInProgress, .staleMemberEpoch, .unknownMemberID:
            if standing == self.standing { modern?.commitRefused(code) }
            settled(.lookup, .wait, now)
            return [:]
        default:
            if code.isRetriable {
                settled(.lookup, .wait, now)
            } else {
                fail(.refused(group: settings.groupID, code, message: nil))
            }
            return [:]
        }
        var found: [TopicPartition: CommittedOffset] = [:]
        var hasUnstable = false
        let entries =
            group.map { $0.topics.flatMap { topic in topic.partitions.map { (topic.name, Found($0)) } } }
            ?? answer.topics.flatMap { topic in topic.partitions.map { (topic.name, Found($0)) } }
        for (name, entry) in entries {
            let partition = TopicPartition(name, entry.index)
            guard lookups.contains(partition) else { continue }
            switch ErrorCode(code: entry.errorCode) {
            case .none:
                lookups.remove(partition)
                found[partition] = entry.offset
                kept[partition] = entry.offset.offset
                if asked.remove(partition) != nil { answers[partition] = entry.offset }
            case .unstableOffsetCommit: hasUnstable = true
            case let code:
                lookups.remove(partition)
                fail(.offsetUnknown(partition, code))
            }
        }
        settled(.lookup, hasUnstable || found.isEmpty ? .wait : .goOn, now)
        return found
    }

    private struct Found {
        let index: Int32
        let errorCode: Int16
        let offset: CommittedOffset

        init(_ answer: OffsetFetchResponse.OffsetFetchResponsePartitions) {
            index = answer.partitionIndex
            errorCode = answer.errorCode
            offset = CommittedOffset(
                answer.committedOffset,
                leaderEpoch: answer.committedLeaderEpoch < 0 ? nil : answer.committedLeaderEpoch,
                metadata: answer.metadata ?? "")
        }

        init(_ answer: OffsetFetchResponse.OffsetFetchResponsePartition) {
            index = answer.partitionIndex
            errorCode = answer.errorCode
            offset = CommittedOffset(
                answer.committedOffset,
                leaderEpoch: answer.committedLeaderEpoch < 0 ? nil : answer.committedLeaderEpoch,
                metadata: answer.metadata ?? "")
        }
    }
}
