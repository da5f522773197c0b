import KafkaModel
import KafkaProtocol
import Timing

/// What a consumer and the threads of its group share, behind one lock: the membership, what is to be committed, which
/// offsets are asked for, and where the coordinator is. It is a value; it says what to do next, for each duty by itself.
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
    /// The offsets that the group has, as far as it told.
    var kept: [TopicPartition: Int64] = [:]
    /// Counts changes, so that a thread sees one that came before it slept.
    var version = 0
    private(set) var isClosing = false
    var lastCommit = 0
    /// The commits up to this one were ordered before the lookups.
    var lookupsFollow = 0
    private(set) var progress: [GroupDuty: GroupDuty.Progress] = [:]
    private var pauses: [GroupSubject: RetryPause] = [:]
    private var joinHold: JoinHold?

    /// What was ordered before the member joins again goes first: afterwards it would be refused.
    private struct JoinHold {
        let lastCommit: Int
        let until: Instant
    }

    init(_ settings: GroupSettings) { self.settings = settings }

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
        pauses = [:]
        classic?.leave(.end)
        modern?.leave(.end)
        changed()
    }

    mutating func fail(_ error: GroupError) {
        failure = failure ?? error
        abandonCommits(error)
        changed()
    }

    /// As what it stands in its group.
    var standing: GroupStanding {
        GroupStanding(
            memberID: classic?.memberID ?? modern?.memberID ?? "",
            generation: classic?.generation ?? modern?.epoch ?? -1)
    }

    enum Turn {
        case act(GroupAction, at: BrokerNode?)
        case sleep(until: Instant?)
        case end
    }

    /// What a thread does next.
    mutating func turn(_ duty: GroupDuty, _ now: Instant) -> Turn {
        if hasEnded(duty) { return .end }
        let turn =
            switch duty {
            case .membership: membershipTurn(now)
            case .offsets: offsetsTurn(now)
            }
        if case .act = turn { progress[duty, default: .init()].isBusy = true }
        return turn
    }

    /// Nothing is left to be said to the coordinator. Who does not know it does not look for it in order to say good-bye.
    private func hasEnded(_ duty: GroupDuty) -> Bool {
        guard isClosing else { return false }
        return switch duty {
        case .membership: !wantsMembership || coordinator(for: duty) == nil
        case .offsets: commits.isEmpty || coordinator(for: duty) == nil
        }
    }

    func coordinator(for duty: GroupDuty) -> BrokerNode? { progress[duty]?.coordinator }
    var busyDuties: [GroupDuty] { GroupDuty.allCases.filter { progress[$0]?.isBusy ?? false } }
    private var wantsMembership: Bool { !(classic?.isIdle ?? true) || !(modern?.isIdle ?? true) }

    private mutating func membershipTurn(_ now: Instant) -> Turn {
        guard wantsMembership else { return .sleep(until: nil) }
        guard let coordinator = coordinator(for: .membership) else { return search(.membership, now) }
        if let end = pauseEnd(.membership, now) { return .sleep(until: end) }
        let joining = joining(now)
        let step = classic?.next(now, joining) ?? modern?.next(now) ?? .sleep(until: nil)
        if let error = classic?.failure ?? modern?.failure { fail(error) }
        switch step {
        case .act(let action): return .act(action, at: coordinator)
        case .sleep(let until): return .sleep(until: until)
        }
    }

    private mutating func joining(_ now: Instant) -> ClassicMembership.Joining {
        guard let classic, classic.isAboutToJoin else {
            joinHold = nil
            return .atOnce
        }
        let hold = joinHold ?? JoinHold(lastCommit: lastCommit, until: now + settings.requestTimeout)
        joinHold = hold
        // What was refused once may be refused for as long as its caller has patience.
        let isHeld = commits.contains { $0.id <= hold.lastCommit && $0.lastError == nil }
        return isHeld && now < hold.until ? .held : .atOnce
    }

    private mutating func offsetsTurn(_ now: Instant) -> Turn {
        guard failure == nil else { return .sleep(until: nil) }
        expireCommits(now)
        refuseUnfit()
        let deadline = commits.compactMap(\.deadline).min()
        let commitPause = pauseEnd(.commit, now)
        let lookupPause = pauseEnd(.lookup, now)
        let order = commitPause == nil ? commits.first : nil
        let isLookup = !lookups.isEmpty && lookupPause == nil && order.map { $0.id > lookupsFollow } ?? true
        guard order != nil || isLookup else {
            let pauses = [commits.isEmpty ? nil : commitPause, lookups.isEmpty ? nil : lookupPause]
            return .sleep(until: (pauses + [deadline]).compactMap { $0 }.min())
        }
        guard let coordinator = coordinator(for: .offsets) else {
            guard case .sleep(let until) = search(.offsets, now) else { return .act(.findCoordinator, at: nil) }
            return .sleep(until: [until, deadline].compactMap { $0 }.min())
        }
        if isLookup { return .act(.lookUp(lookupRequest()), at: coordinator) }
        return order.map { .act(.commit($0, commitRequest($0)), at: coordinator) } ?? .sleep(until: deadline)
    }

    private func search(_ duty: GroupDuty, _ now: Instant) -> Turn {
        guard failure == nil else { return .sleep(until: nil) }
        if let end = pauseEnd(.coordinator(duty), now) { return .sleep(until: end) }
        return .act(.findCoordinator, at: nil)
    }

    private func pauseEnd(_ subject: GroupSubject, _ now: Instant) -> Instant? { pauses[subject]?.end(after: now) }

    mutating func done(_ duty: GroupDuty) { progress[duty]?.isBusy = false }

    /// An answer came, whatever it said.
    mutating func settled(_ subject: GroupSubject, _ afterwards: GroupAfterwards, _ now: Instant) {
        if let error = classic?.failure ?? modern?.failure { fail(error) }
        switch afterwards {
        case .goOn: pauses[subject] = nil
        case .wait: rest(subject, now)
        case .findCoordinator:
            progress[subject.duty]?.coordinator = nil
            rest(subject, now)
        }
        changed()
    }

    private mutating func rest(_ subject: GroupSubject, _ now: Instant) {
        pauses[
            subject, default: RetryPause(first: settings.retryBackoff, longest: settings.retryBackoffMax)
        ].begin(now)
    }

    /// The coordinator, or whoever knows it, could not be asked.
    mutating func unanswered(_ subject: GroupSubject, _ error: ClientError, _ now: Instant) {
        let duty = subject.duty
        // The end interrupted what was under way; then there is still to say that this is the end.
        if isClosing, isInterrupted(error), coordinator(for: duty) != nil { return changed() }
        progress[duty]?.coordinator = nil
        switch duty {
        case .membership:
            classic?.unanswered()
            modern?.unanswered()
        case .offsets:
            guard subject != .lookup else { break }
            for order in commits where order.trying == .once { finish(order, .client(error)) }
            commits.removeAll { $0.trying == .once }
        }
        if error.isRetriable || isInterrupted(error) {
            rest(subject, now)
        } else {
            fail(.client(error))
        }
        changed()
    }

    private func isInterrupted(_ error: ClientError) -> Bool {
        if case .interrupted = error.reason { true } else { false }
    }

    /// - Parameter duty: on whose behalf it was looked for. The other is glad to know too.
    mutating func found(_ duty: GroupDuty, coordinator node: BrokerNode, _ now: Instant) {
        for other in GroupDuty.allCases where other == duty || coordinator(for: other) == nil {
            progress[other, default: .init()].coordinator = node
        }
        settled(.coordinator(duty), .goOn, now)
    }
}
