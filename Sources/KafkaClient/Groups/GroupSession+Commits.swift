import KafkaModel
import KafkaProtocol
import Timing

/// Offsets on their way to the group.
extension GroupSession {
    /// Asks for a commit. Its number leads to what became of it.
    mutating func order(
        _ offsets: [TopicPartition: CommittedOffset], trying: CommitOrder.Trying, deadline: Instant?, isAwaited: Bool,
        told: Bool = false
    ) -> Int {
        lastCommit += 1
        let order = CommitOrder(
            id: lastCommit, offsets: offsets, trying: trying, deadline: deadline, isAwaited: isAwaited, isTold: told)
        if let failure {
            finish(order, failure)
        } else if offsets.isEmpty {
            finish(order, nil)
        } else {
            commits.append(order)
        }
        changed()
        return lastCommit
    }

    /// Whether committing these would change nothing.
    func keeps(_ offsets: [TopicPartition: CommittedOffset]) -> Bool {
        offsets.allSatisfy { kept[$0.key] == $0.value.offset }
    }

    mutating func takeOutcome(_ id: Int) -> GroupError?? {
        outcomes.removeValue(forKey: id)
    }

    mutating func takeTold() -> [(order: CommitOrder, error: GroupError?)] {
        defer { told = [] }
        return told
    }

    mutating func finish(_ order: CommitOrder, _ error: GroupError?) {
        if order.isAwaited { outcomes[order.id] = .some(error) }
        if order.isTold { told.append((order, error)) }
        changed()
    }

    /// Nothing comes of them any more.
    mutating func abandonCommits(_ error: GroupError) {
        for order in commits { finish(order, error) }
        commits = []
    }

    mutating func expireCommits(_ now: Instant) {
        for order in commits where order.deadline.map({ $0 <= now }) ?? false {
            finish(order, order.lastError ?? .timedOut(milliseconds: settings.requestTimeout.wholeMilliseconds))
        }
        commits.removeAll { $0.deadline.map { $0 <= now } ?? false }
    }

    /// Who takes part in a group commits as a member or not at all. As in Kafka that is told at once while it joins,
    /// although the coordinator might still take it.
    mutating func refuseUnfit() {
        let error: GroupError
        if let classic, !classic.isActive {
            error = classic.isRebalancing ? .rebalancing : .notMember
        } else if let modern, !modern.isActive {
            error = .notMember
        } else {
            return
        }
        abandonCommits(error)
    }

    func commitRequest(_ order: CommitOrder) -> OffsetCommitRequest {
        var request = OffsetCommitRequest()
        request.groupId = settings.groupID
        if classic != nil || modern != nil {
            request.groupInstanceId = settings.instanceID
            request.memberId = standing.memberID
            request.generationIdOrMemberEpoch = standing.generation
        }
        let topics = Dictionary(grouping: order.offsets, by: \.key.topic).sorted { $0.key < $1.key }
        request.topics = topics.map { name, offsets in
            var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
            topic.name = name
            topic.partitions = offsets.sorted { $0.key < $1.key }.map { partition, offset in
                var entry = OffsetCommitRequest.OffsetCommitRequestPartition()
                entry.partitionIndex = partition.partition
                entry.committedOffset = offset.offset
                entry.committedLeaderEpoch = offset.leaderEpoch ?? -1
                entry.committedMetadata = offset.metadata
                return entry
            }
            return topic
        }
        return request
    }

    /// - Parameter standing: as what it was ordered.
    mutating func committed(
        _ order: CommitOrder, as standing: GroupStanding, _ answer: OffsetCommitResponse, _ now: Instant
    ) {
        guard let place = commits.firstIndex(where: { $0.id == order.id }) else {
            return settled(.commit, .goOn, now)
        }
        var worst: (TopicPartition, ErrorCode)?
        for topic in answer.topics {
            for partition in topic.partitions where partition.errorCode != 0 {
                let code = ErrorCode(code: partition.errorCode)
                // What cannot be repaired is told before what can.
                if worst.map({ $0.1.isRetriable && !code.isRetriable }) ?? true {
                    worst = (TopicPartition(topic.name, partition.partitionIndex), code)
                }
            }
        }
        guard let (partition, code) = worst else {
            commits.remove(at: place)
            for (partition, offset) in order.offsets { kept[partition] = offset.offset }
            finish(order, nil)
            return settled(.commit, .goOn, now)
        }
        refused(place, standing, partition, code, now)
    }

    private mutating func refused(
        _ place: Int, _ standing: GroupStanding, _ partition: TopicPartition, _ code: ErrorCode, _ now: Instant
    ) {
        let order = commits[place]
        // While the member joins, that answer may be there before the one that tells of its new generation.
        let isCurrent = standing == self.standing && !(classic?.isRebalancing ?? false)
        if isCurrent {
            classic?.commitRefused(code)
            modern?.commitRefused(code)
        }
        let error: GroupError
        switch code {
        case .rebalanceInProgress: error = .rebalancing
        case .unknownMemberID, .illegalGeneration, .fencedMemberEpoch: error = isCurrent ? .notMember : .rebalancing
        case .staleMemberEpoch: error = .rebalancing
        case .fencedInstanceID: error = .fenced(instance: settings.instanceID ?? "")
        case .groupAuthorizationFailed: error = .refused(group: settings.groupID, code, message: nil)
        default: error = .offsetRefused(partition, code)
        }
        let mayTryAgain: Bool
        switch code {
        case .coordinatorLoadInProgress, .coordinatorNotAvailable, .notCoordinator, .requestTimedOut,
            .unknownTopicOrPartition:
            mayTryAgain = true
        case .staleMemberEpoch: mayTryAgain = modern?.isActive ?? false
        default: mayTryAgain = false
        }
        if mayTryAgain, order.trying == .untilDeadline {
            commits[place].lastError = error
        } else {
            commits.remove(at: place)
            finish(order, error)
        }
        switch code {
        case .coordinatorNotAvailable, .notCoordinator, .requestTimedOut: settled(.commit, .findCoordinator, now)
        case .coordinatorLoadInProgress, .unknownTopicOrPartition, .staleMemberEpoch: settled(.commit, .wait, now)
        default: settled(.commit, .goOn, now)
        }
    }
}
