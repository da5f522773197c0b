import KafkaModel
import KafkaProtocol
import Timing

/// What a consumer and the thread of its group share, behind one lock: the membership, what is to be committed, which
/// offsets are asked for, and where the coordinator is. It is a value; it says what to do next.
struct GroupSession {
    let settings: GroupSettings
    /// Of the protocol that `group.protocol` says; both nil for who takes partitions by hand.
    var classic: ClassicMembership?
    var modern: ModernMembership?
    var coordinator: BrokerNode?
    private(set) var commits: [CommitOrder] = []
    /// What became of commits whose callers wait, and of those that somebody wants to hear of.
    private(set) var outcomes: [Int: GroupError?] = [:]
    private(set) var told: [(order: CommitOrder, error: GroupError?)] = []
    /// The offsets to look up, and how often that was tried.
    private(set) var lookups: Set<TopicPartition> = []
    /// What the application asked for by itself, and the answers.
    private var asked: Set<TopicPartition> = []
    private var answers: [TopicPartition: CommittedOffset] = [:]
    private(set) var failure: GroupError?
    /// Counts changes, so that the thread sees one that came before it slept.
    private(set) var version = 0
    /// A request is under way.
    var isBusy = false
    private(set) var isClosing = false
    private var lastCommit = 0
    private var notBefore: Instant?
    private var pause: Duration

    init(_ settings: GroupSettings) {
        self.settings = settings
        pause = settings.retryBackoff
    }

    var metadata: GroupMetadata {
        GroupMetadata(
            groupID: settings.groupID, memberID: classic?.memberID ?? modern?.memberID ?? "",
            generation: classic?.generation ?? modern?.epoch ?? -1, instanceID: settings.instanceID)
    }

    /// There is something for the application.
    var hasNews: Bool {
        failure != nil || !told.isEmpty || classic?.events.hasNext ?? false || modern?.events.hasNext ?? false
    }

    /// What the application has to carry out next.
    mutating func takeEvent() -> GroupEvent? { classic?.takeEvent() ?? modern?.takeEvent() }

    mutating func changed() { version += 1 }

    mutating func eventDone() {
        classic?.eventDone()
        modern?.eventDone()
        changed()
    }

    /// Whether that brings it to do something.
    mutating func polled(_ now: Instant) -> Bool {
        let wasOut = classic?.phase == .expired || modern?.phase == .expired
        classic?.polled(now)
        modern?.polled(now)
        return wasOut
    }

    mutating func waits(_ waits: Bool, _ now: Instant) {
        classic?.waits(waits, now)
        modern?.waits(waits, now)
    }

    mutating func subscribe(_ topics: [String], pattern: String?, now: Instant) {
        switch settings.flavour {
        case .classic:
            if classic == nil { classic = ClassicMembership(settings, now: now) }
            classic?.subscribe(topics)
        case .consumer:
            if modern == nil { modern = ModernMembership(settings, now: now) }
            modern?.subscribe(topics, pattern: pattern)
        }
        changed()
    }

    /// Gives the membership up for now. The application's partitions are its own affair.
    mutating func unsubscribe() {
        classic?.leave(.pause)
        modern?.leave(.pause)
        changed()
    }

    mutating func close() {
        isClosing = true
        lookups = []
        classic?.leave(.end)
        modern?.leave(.end)
        changed()
    }

    /// Nothing is left to be said to the coordinator.
    private var hasEnded: Bool {
        isClosing && commits.isEmpty && classic?.isIdle ?? true && modern?.isIdle ?? true
    }

    mutating func fail(_ error: GroupError) {
        failure = failure ?? error
        for order in commits { finish(order, error) }
        commits = []
        changed()
    }

    // MARK: What to do

    enum Turn {
        case act(GroupAction)
        case sleep(until: Instant?)
        case end
    }

    mutating func turn(_ now: Instant) -> Turn {
        if hasEnded || isClosing && failure != nil { return .end }
        if let notBefore, now < notBefore, !isClosing { return .sleep(until: notBefore) }
        expireCommits(now)
        guard let action = nextAction(now) else { return .sleep(until: nextWake) }
        return .act(action)
    }

    private var nextWake: Instant?

    private mutating func nextAction(_ now: Instant) -> GroupAction? {
        nextWake = commits.compactMap(\.deadline).min()
        let needsCoordinator = !commits.isEmpty || !lookups.isEmpty || isClosing || wantsMembership
        guard needsCoordinator || coordinator != nil else { return nil }
        if coordinator == nil { return needsCoordinator ? .findCoordinator : nil }
        if let order = commits.first { return commit(order) }
        if !lookups.isEmpty { return .lookUp(lookupRequest()) }
        let step = classic?.next(now) ?? modern?.next(now) ?? .sleep(until: nil)
        if let error = classic?.failure ?? modern?.failure { fail(error) }
        switch step {
        case .act(let action): return action
        case .sleep(let until):
            nextWake = [nextWake, until].compactMap { $0 }.min()
            return nil
        }
    }

    private var wantsMembership: Bool { !(classic?.isIdle ?? true) || !(modern?.isIdle ?? true) }

    // MARK: Afterwards

    /// An answer came, whatever it said.
    mutating func settled(_ afterwards: GroupAfterwards, _ now: Instant) {
        if let error = classic?.failure ?? modern?.failure { fail(error) }
        switch afterwards {
        case .goOn:
            pause = settings.retryBackoff
            notBefore = nil
        case .wait: rest(now)
        case .findCoordinator:
            coordinator = nil
            rest(now)
        }
        changed()
    }

    private mutating func rest(_ now: Instant) {
        notBefore = now + pause
        pause = min(pause * 2, settings.retryBackoffMax)
    }

    /// The coordinator could not be asked.
    mutating func unanswered(_ error: ClientError, _ now: Instant) {
        // The end interrupted what was under way; then there is still to say that this is the end.
        if isClosing, isInterrupted(error), coordinator != nil { return changed() }
        coordinator = nil
        classic?.unanswered()
        modern?.unanswered()
        if error.isRetriable || isInterrupted(error) {
            for order in commits where order.trying == .once { finish(order, .client(error)) }
            commits.removeAll { $0.trying == .once }
            rest(now)
        } else {
            fail(.client(error))
        }
        changed()
    }

    private func isInterrupted(_ error: ClientError) -> Bool {
        if case .interrupted = error.reason { true } else { false }
    }

    mutating func found(coordinator node: BrokerNode, _ now: Instant) {
        coordinator = node
        settled(.goOn, now)
    }
}

// MARK: Commits

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

    private mutating func finish(_ order: CommitOrder, _ error: GroupError?) {
        if order.isAwaited { outcomes[order.id] = .some(error) }
        if order.isTold { told.append((order, error)) }
    }

    private mutating func expireCommits(_ now: Instant) {
        for order in commits where order.deadline.map({ $0 <= now }) ?? false {
            finish(order, order.lastError ?? .timedOut(milliseconds: settings.requestTimeout.wholeMilliseconds))
        }
        commits.removeAll { $0.deadline.map { $0 <= now } ?? false }
    }

    /// Who takes part in a group commits as a member or not at all.
    private mutating func commit(_ order: CommitOrder) -> GroupAction? {
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

// MARK: Committed offsets

extension GroupSession {
    mutating func lookUp(_ partitions: [TopicPartition]) {
        lookups.formUnion(partitions)
        changed()
    }

    mutating func forget(_ partitions: [TopicPartition]) { lookups.subtract(partitions) }

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

    private func lookupRequest() -> OffsetFetchRequest {
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
    mutating func lookedUp(_ answer: OffsetFetchResponse, _ now: Instant) -> [TopicPartition: CommittedOffset] {
        let group = answer.groups.first
        let code = ErrorCode(code: group?.errorCode ?? answer.errorCode)
        switch code {
        case .none: break
        case .coordinatorNotAvailable, .notCoordinator:
            settled(.findCoordinator, now)
            return [:]
        case .coordinatorLoadInProgress, .staleMemberEpoch, .unknownMemberID:
            modern?.commitRefused(code)
            settled(.wait, now)
            return [:]
        default:
            if code.isRetriable {
                settled(.wait, now)
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
                if asked.remove(partition) != nil { answers[partition] = entry.offset }
            case .unstableOffsetCommit: hasUnstable = true
            case let code:
                lookups.remove(partition)
                fail(.offsetUnknown(partition, code))
            }
        }
        settled(hasUnstable || found.isEmpty ? .wait : .goOn, now)
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
