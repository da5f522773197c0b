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
    }

    mutating func expireCommits(_ now: Instant) {
        for order in commits where order.deadline.map({ $0 <= now }) ?? false {
            finish(order, order.lastError ?? .timedOut(milliseconds: settings.requestTimeout.wholeMilliseconds))
        }
        commits.removeAll { $0.deadline.map { $0 <= now } ?? false }
    }

    /// Who takes part in a group commits as a member or not at all.
    mutating func commit(_ order: CommitOrder) -> GroupAction? {
        var request = OffsetCommitRequest()
        request.groupId = settings.groupID
        request.groupInstanceId = settings.instanceID
        if let classic {
            guard classic.isActive else {
                commits.removeFirst()
                finish(order, classic.isRebalancing ? .rebalancing : .notMember)
                return nextAfterCommit
            }
            request.memberId = classic.memberID
            request.generationIdOrMemberEpoch = classic.generation
        } else if let modern {
            guard modern.isActive else {
                commits.removeFirst()
                finish(order, .notMember)
                return nextAfterCommit
            }
            request.memberId = modern.memberID
            request.generationIdOrMemberEpoch = modern.epoch
        } else {
            request.groupInstanceId = nil
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
        return .commit(order, request)
    }

    /// The next commit, if there is one; the membership comes with the next turn.
    private var nextAfterCommit: GroupAction? {
        mutating get { commits.first.flatMap { commit($0) } }
    }

    mutating func committed(_ order: CommitOrder, _ answer: OffsetCommitResponse, _ now: Instant) {
        guard let place = commits.firstIndex(where: { $0.id == order.id }) else { return settled(.goOn, now) }
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
            finish(order, nil)
            return settled(.goOn, now)
        }
        refused(place, partition, code, now)
    }

    private mutating func refused(_ place: Int, _ partition: TopicPartition, _ code: ErrorCode, _ now: Instant) {
        let order = commits[place]
        classic?.commitRefused(code)
        modern?.commitRefused(code)
        let error: GroupError
        switch code {
        case .rebalanceInProgress: error = .rebalancing
        case .unknownMemberID, .illegalGeneration, .fencedMemberEpoch: error = .notMember
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
        case .coordinatorNotAvailable, .notCoordinator, .requestTimedOut: settled(.findCoordinator, now)
        case .coordinatorLoadInProgress, .unknownTopicOrPartition, .staleMemberEpoch: settled(.wait, now)
        default: settled(.goOn, now)
        }
    }
}
