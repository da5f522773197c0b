import Glibc
public import KafkaModel
import Posix
public import Timing

/// What a group adds: a share of the partitions that changes, and offsets that are kept.
extension Consumer {
    /// What a member of a group wants to read.
    public enum GroupSubscription {
        case topics([String])
        /// All topics whose name and kind the closure wants, those that come into being later too.
        case matching(@Sendable (_ name: String, _ isInternal: Bool) -> Bool)
        /// All topics whose name this matches; the coordinator decides (KIP-848).
        case pattern(String)
    }

    /// Joins the group, or says what the member wants from now on. Its share comes, and changes, while it polls.
    public func join(_ wanted: GroupSubscription, listener: RebalanceListener = RebalanceListener()) {
        guard let group = shared.group else { preconditionFailure("the consumer has no group") }
        self.listener = listener
        isMember = true
        let now = shared.clock.now
        switch wanted {
        case .topics(let topics):
            subscription.withLock { $0 = LeaderWatch.Subscription(topics: topics, isShared: true) }
            group.state.update { $0.subscribe(topics, pattern: nil, now: now) }
        case .matching(let matches):
            // It joins when the cluster has told what there is.
            subscription.withLock { $0 = LeaderWatch.Subscription(topics: [], matches: matches, isShared: true) }
        case .pattern(let pattern):
            subscription.withLock { $0 = LeaderWatch.Subscription(topics: [], isShared: true) }
            group.state.update { $0.subscribe([], pattern: pattern, now: now) }
        }
        shared.state.update { $0.wantsMetadata = true }
        startGroup(.membership)
        startGroup(.offsets)
    }

    /// Leaves the group; a later `join` comes back.
    public func unsubscribe() {
        guard let group = shared.group, isMember else { return }
        isMember = false
        subscription.withLock { $0 = nil }
        giveBack(group)
        group.state.update { $0.unsubscribe() }
    }

    public var groupMetadata: GroupMetadata? { shared.group.map { $0.state.withLock { $0.metadata } } }

    /// Commits offsets, by default those of everything that was handed out, and waits for it. What may come right is tried
    /// again until the deadline.
    public func commit(
        _ offsets: [TopicPartition: CommittedOffset]? = nil, until deadline: Instant? = nil
    ) throws(GroupError) {
        guard let group = shared.group else { throw .noGroup }
        startGroup(.offsets)
        let deadline = deadline ?? shared.clock.now + shared.configuration.client.apiTimeout
        let offsets = offsets ?? shared.state.withLock { $0.positions }
        let id = group.state.update {
            $0.order(offsets, trying: .untilDeadline, deadline: deadline, isAwaited: true)
        }
        while true {
            let left = max(1, (deadline - shared.clock.now).wholeMilliseconds)
            switch group.state.wait(milliseconds: min(left, 1000), { $0.takeOutcome(id) }) {
            case .some(nil): return
            case .some(let error?): throw error
            case nil:
                if groupThreads.isEmpty { throw .noGroup }
                // The thread may be waiting for an answer.
                let now = shared.clock.now
                group.state.update { $0.expireCommits(now) }
            }
        }
    }

    /// Commits offsets once, without waiting. `done` is called by a later poll, or when the consumer is closed.
    public func commitLater(
        _ offsets: [TopicPartition: CommittedOffset]? = nil,
        _ done: @escaping ([TopicPartition: CommittedOffset], GroupError?) -> Void = { _, _ in }
    ) {
        guard let group = shared.group else { return done(offsets ?? [:], .noGroup) }
        startGroup(.offsets)
        let offsets = offsets ?? shared.state.withLock { $0.positions }
        let id = group.state.update {
            $0.order(offsets, trying: .once, deadline: nil, isAwaited: false, told: true)
        }
        callbacks[id] = done
    }

    /// What the group has committed; nothing of a partition where it has not.
    public func committed(
        _ partitions: [TopicPartition], until deadline: Instant? = nil
    ) throws(GroupError) -> [TopicPartition: CommittedOffset] {
        guard let group = shared.group else { throw .noGroup }
        startGroup(.offsets)
        let client = shared.configuration.client
        let left = deadline.map { max(1, ($0 - shared.clock.now).wholeMilliseconds) }
        group.state.update { $0.ask(partitions) }
        let answer = group.state.wait(
            milliseconds: left ?? client.apiTimeout.wholeMilliseconds
        ) { state -> Result<[TopicPartition: CommittedOffset], GroupError>? in
            if let failure = state.failure { return .failure(failure) }
            return state.takeAnswers(partitions).map { .success($0) }
        }
        guard let answer else { throw .timedOut(milliseconds: left ?? client.apiTimeout.wholeMilliseconds) }
        return try answer.get().filter { $0.value.offset >= 0 }
    }

    func startGroup(_ duty: GroupDuty) {
        guard groupThreads[duty] == nil, let group = shared.group, !shared.state.withLock(\.isClosed) else { return }
        let shared = shared
        let name =
            switch duty {
            case .membership: "group"
            case .offsets: "group-offsets"
            }
        groupThreads[duty] = Thread(name: name) { GroupThread(shared, group, duty).run() }
    }

    /// What a poll does for the group: it shows that the application lives, carries out what the group decided, and
    /// commits when it is time.
    func takeTurn() throws(ConsumerError) {
        guard !groupThreads.isEmpty, let group = shared.group else { return }
        let now = shared.clock.now
        if group.state.withLock({ $0.polled(now) }) { group.state.update { $0.changed() } }
        commitInTime(group, now)
        while let event = group.state.withLock({ $0.takeEvent() }) {
            carryOut(event, group)
            group.state.update { $0.eventDone() }
        }
        tellCommits(group)
        let (failure, hasNews) = group.state.withLock { ($0.failure, $0.hasNews) }
        shared.state.withLock { $0.groupHasNews = hasNews && failure == nil }
        if let failure { throw .group(failure) }
    }

    private func carryOut(_ event: GroupEvent, _ group: GroupShared) {
        switch event {
        case .revoked(let partitions):
            if group.settings.autoCommitInterval != nil, !partitions.isEmpty { commitNow(group.settings.pollInterval) }
            listener?.revoked(partitions)
            drop(partitions, group)
        case .lost(let partitions):
            listener?.lost(partitions)
            drop(partitions, group)
        case .assigned(let partitions):
            addShare(partitions)
            forgetStale()
            if !partitions.isEmpty { group.state.update { $0.lookUp(partitions) } }
            nextAutoCommit = group.settings.autoCommitInterval.map { shared.clock.now + $0 }
            listener?.assigned(partitions)
        }
    }

    /// What the cluster told before is enough to begin with; reading need not wait for its next answer.
    private func addShare(_ partitions: [TopicPartition]) {
        let topics = Dictionary(
            Set(partitions.map(\.topic)).map { ($0, shared.metadata.known($0)) },
            uniquingKeysWith: { first, _ in first })
        shared.state.update { state in
            for partition in partitions {
                let number = state.addCommitted(partition)
                guard let topic = topics[partition.topic] ?? nil,
                    topic.partitions.indices.contains(Int(partition.partition))
                else { continue }
                let known = topic.partitions[Int(partition.partition)]
                state.learned(number, leader: known.leader, epoch: known.leaderEpoch, topic: topic)
            }
        }
    }

    private func drop(_ partitions: [TopicPartition], _ group: GroupShared) {
        guard !partitions.isEmpty else { return }
        group.state.withLock { $0.forget(partitions) }
        for partition in partitions { unassign(partition) }
    }

    /// Everything is given back before the member leaves.
    private func giveBack(_ group: GroupShared) {
        let partitions = assignment.map(\.partition).sorted()
        if !partitions.isEmpty { listener?.revoked(partitions) }
        drop(partitions, group)
    }

    /// When a poll that waits has to take a turn for the next commit.
    var nextAutoCommitTurn: Instant? {
        guard let due = nextAutoCommit, let interval = shared.group?.settings.autoCommitInterval else { return nil }
        // One that is under way is looked after now and then, and not before it can have ended.
        return autoCommit == nil ? due : shared.clock.now + min(interval, .milliseconds(100))
    }

    private func commitInTime(_ group: GroupShared, _ now: Instant) {
        guard let interval = group.settings.autoCommitInterval, autoCommit == nil else { return }
        guard let due = nextAutoCommit else { return nextAutoCommit = now + interval }
        guard now >= due else { return }
        nextAutoCommit = now + interval
        let offsets = shared.state.withLock { $0.positions }
        guard !offsets.isEmpty else { return }
        autoCommit = group.state.update {
            $0.order(offsets, trying: .once, deadline: nil, isAwaited: false, told: true)
        }
    }

    /// Commits what was handed out, and waits, though not for ever: whatever it comes to, the group goes on.
    private func commitNow(_ patience: Duration) {
        do throws(GroupError) {
            try commit(until: shared.clock.now + min(patience, shared.configuration.client.apiTimeout))
        } catch {
            shared.state.withLock { $0.note(.commitFailed("\(error)"), about: "commit") }
        }
    }

    private func tellCommits(_ group: GroupShared) {
        for (order, error) in group.state.withLock({ $0.takeTold() }) {
            if order.id == autoCommit {
                autoCommit = nil
                guard let error else { continue }
                if error.isRetriable {
                    nextAutoCommit = shared.clock.now + shared.configuration.client.retryBackoff
                } else {
                    shared.state.withLock { $0.note(.commitFailed("\(error)"), about: "commit") }
                }
            } else {
                callbacks.removeValue(forKey: order.id)?(order.offsets, error)
            }
        }
    }

    /// Commits, gives everything back and leaves.
    func closeGroup(_ patience: Duration) {
        guard !groupThreads.isEmpty, let group = shared.group else { return }
        let deadline = shared.clock.now + patience
        let isWell = group.state.withLock { $0.failure == nil }
        if isWell {
            if group.settings.autoCommitInterval != nil {
                // A coordinator that is away is not waited for when there is nothing to tell it.
                let positions = shared.state.withLock { $0.positions }
                if !group.state.withLock({ $0.keeps(positions) }) { commitNow(patience) }
            }
            // What was ordered before is still sent.
            let left = max(0, (deadline - shared.clock.now).wholeMilliseconds)
            _ = group.state.wait(milliseconds: left) { $0.commits.isEmpty ? true : nil }
        }
        tellCommits(group)
        if isMember { giveBack(group) }
        let busy = group.state.update { state in
            state.close()
            return state.busyDuties
        }
        for duty in busy { group.interruption(duty).raise() }
        for thread in groupThreads.values { thread.join() }
        groupThreads = [:]
        group.state.update { $0.abandonCommits(.timedOut(milliseconds: patience.wholeMilliseconds)) }
        tellCommits(group)
    }
}
