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
    var commits: [CommitOrder] = []
    /// What became of commits whose callers wait, and of those that somebody wants to hear of.
    var outcomes: [Int: GroupError?] = [:]
    var told: [(order: CommitOrder, error: GroupError?)] = []
    /// The offsets to look up, and how often that was tried.
    var lookups: Set<TopicPartition> = []
    /// What the application asked for by itself, and the answers.
    var asked: Set<TopicPartition> = []
    var answers: [TopicPartition: CommittedOffset] = [:]
    var failure: GroupError?
    /// Counts changes, so that the thread sees one that came before it slept.
    var version = 0
    /// A request is under way.
    var isBusy = false
    var isClosing = false
    var lastCommit = 0
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
