import Bytes
import KafkaModel
import KafkaProtocol
import Timing

/// A member of a group of the consumer protocol (KIP-848), in which the coordinator shares the partitions. One request
/// says and asks everything: the heartbeat. It is a value like `ClassicMembership`.
///
///     idle --(subscribed)--> joining --(epoch > 0)--> member --(fenced)--> fenced --(application gave up)--> joining
///
/// A member is told a target. The application gives back what is missing in it and takes over what is new; then the
/// next heartbeat says what it has, and the coordinator goes on from there.
struct ModernMembership {
    enum Phase: Equatable {
        case idle
        case joining
        case member
        /// The coordinator has given it up: what it has is lost.
        case fenced
        case leaving(ClassicMembership.Departure)
        case expired
    }

    /// What the coordinator knows already.
    private struct Said: Equatable {
        var topics: [String] = []
        var pattern: String?
        var owned: Set<TopicPartition> = []
    }

    let settings: GroupSettings
    /// The member names itself, for as long as it lives.
    let memberID: String
    private(set) var phase = Phase.idle
    private(set) var epoch: Int32 = 0
    private(set) var owned: Set<TopicPartition> = []
    private(set) var events = GroupEventQueue()
    private(set) var failure: GroupError?

    private var topics: [String] = []
    private var pattern: String?
    /// Nil: everything has to be said.
    private var said: Said?
    private var saying = Said()
    /// What it should have; nil as long as that is what it has.
    private var target: [UUID: [Int32]]?
    /// The target that the application is just taking over.
    private var coming: Set<TopicPartition>?
    /// The application was told of a first share, be it nothing.
    private var hasShare = false
    private var names: [UUID: String] = [:]
    private var ids: [String: UUID] = [:]
    /// Asked for in vain: not before that again.
    private var resolveAgain: Instant?
    /// It was told to leave, and then to join again.
    private var comesBack = false
    /// The coordinator heard of it, perhaps.
    private var mayBeKnown = false
    /// The coordinator was told that it goes, and not only something before.
    private var isFarewellSaid = false
    private var interval = Duration.seconds(5)
    private var heartbeatDue: Instant
    private var lastPoll: Instant
    private var isWaiting = false

    private static let resolvePause = Duration.seconds(1)

    init(_ settings: GroupSettings, now: Instant, memberID: String = Self.randomID()) {
        self.settings = settings
        self.memberID = memberID
        heartbeatDue = now
        lastPoll = now
    }

    /// As Kafka's own: 128 random bits in the letters of base64, without a dash in front, which a shell's tool would take
    /// for an option.
    static func randomID() -> String {
        while true {
            let id = UUID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)).description
            if !id.hasPrefix("-") { return id }
        }
    }

    var isActive: Bool { phase == .member && epoch > 0 }
    /// The topics by name that it wants.
    var namedTopics: [String] { pattern == nil ? topics : [] }
    var isIdle: Bool { phase == .idle }

    /// - Parameter pattern: a regular expression that the coordinator matches with the names of topics.
    mutating func subscribe(_ wanted: [String], pattern: String?) {
        topics = Array(Set(wanted)).sorted()
        self.pattern = pattern
        if phase == .idle { join() }
        if phase == .leaving(.pause) { comesBack = true }
    }

    private mutating func join() {
        phase = .joining
        epoch = 0
        said = nil
        target = nil
        coming = nil
        owned = []
        hasShare = false
        mayBeKnown = false
    }

    mutating func polled(_ now: Instant) {
        lastPoll = max(lastPoll, now)
        if phase == .expired { fence() }
    }

    mutating func waits(_ waits: Bool, _ now: Instant) {
        isWaiting = waits
        polled(now)
    }

    mutating func takeEvent() -> GroupEvent? { events.take() }
    mutating func eventDone() { events.done() }

    mutating func leave(_ departure: ClassicMembership.Departure) {
        if departure == .expiry { events.dropWaiting() } else { events.forgetAll() }
        target = nil
        coming = nil
        comesBack = false
        if case .leaving = phase {
            phase = .leaving(departure)
            return
        }
        guard phase == .member || phase == .joining, mayBeKnown, departure != .end || settings.leavesOnClose else {
            return left(departure)
        }
        isFarewellSaid = false
        phase = .leaving(departure)
    }

    private mutating func left(_ departure: ClassicMembership.Departure) {
        owned = []
        epoch = 0
        phase = departure == .expiry ? .expired : .idle
        guard comesBack else { return }
        comesBack = false
        join()
    }

    /// What the application has is lost; when it knows, the member joins anew.
    private mutating func fence() {
        phase = .fenced
        events.dropWaiting()
    }

    mutating func fail(_ error: GroupError) {
        failure = failure ?? error
        phase = .idle
    }

    mutating func next(_ now: Instant) -> GroupStep {
        guard failure == nil else { return .sleep(until: nil) }
        if phase == .fenced { giveUp() }
        switch phase {
        case .idle, .expired: return .sleep(until: nil)
        case .fenced: return .sleep(until: isWaiting ? nil : lastPoll + settings.pollInterval)
        case .joining: return .act(.consumerHeartbeat(heartbeat(now)))
        case .leaving: return .act(.consumerHeartbeat(farewell()))
        case .member: return stay(now)
        }
    }

    private mutating func giveUp() {
        guard events.isEmpty else { return }
        guard events.told.isEmpty else { return events.append(.lost(events.told.sorted())) }
        join()
    }

    private mutating func stay(_ now: Instant) -> GroupStep {
        let expiry = isWaiting ? nil : lastPoll + settings.pollInterval
        if let expiry, now >= expiry {
            leave(.expiry)
            return next(now)
        }
        if events.isEmpty {
            if let coming { takenOver(coming) }
            if target != nil, let ids = reconcile(now) { return .act(.resolve(ids)) }
        }
        let isNews = said.map { $0 != current } ?? true
        guard isNews || now >= heartbeatDue else {
            return .sleep(until: [heartbeatDue, expiry, target == nil ? nil : resolveAgain].compactMap { $0 }.min())
        }
        return .act(.consumerHeartbeat(heartbeat(now)))
    }

    private mutating func takenOver(_ share: Set<TopicPartition>) {
        owned = share
        coming = nil
    }

    /// Has the application go over to the target. Returns topics whose names are to be found first.
    private mutating func reconcile(_ now: Instant) -> Set<UUID>? {
        guard let target else { return nil }
        let unknown = Set(target.keys).subtracting(names.keys)
        if !unknown.isEmpty, resolveAgain.map({ $0 <= now }) ?? true {
            resolveAgain = now + Self.resolvePause
            return unknown
        }
        var share: Set<TopicPartition> = []
        for (id, partitions) in target {
            guard let name = names[id] else { continue }
            for partition in partitions { share.insert(TopicPartition(name, partition)) }
        }
        // A topic that nobody can name yet stays part of the target.
        if unknown.isEmpty { self.target = nil }
        guard share != owned || !hasShare else { return nil }
        let revoked = owned.subtracting(share)
        if !revoked.isEmpty { events.append(.revoked(revoked.sorted())) }
        hasShare = true
        events.append(.assigned(share.subtracting(owned).sorted()))
        coming = share
        return nil
    }

    /// What the names of topics are, as far as the cluster tells.
    mutating func resolved(_ found: [UUID: String]) {
        for (id, name) in found {
            names[id] = name
            ids[name] = id
        }
    }

    private var current: Said { Said(topics: topics, pattern: pattern, owned: owned) }

    private mutating func heartbeat(_ now: Instant) -> ConsumerGroupHeartbeatRequest {
        heartbeatDue = now + interval
        var request = ConsumerGroupHeartbeatRequest()
        request.groupId = settings.groupID
        request.memberId = memberID
        request.memberEpoch = epoch
        request.instanceId = settings.instanceID
        let current = current
        if said == nil {
            request.rackId = settings.rack
            request.rebalanceTimeoutMs = Int32(clamping: settings.pollInterval.wholeMilliseconds)
            request.serverAssignor = settings.remoteAssignor
        }
        if said?.topics != current.topics || said == nil, pattern == nil || !topics.isEmpty {
            request.subscribedTopicNames = topics
        }
        if said?.pattern != current.pattern { request.subscribedTopicRegex = pattern ?? "" }
        if said?.owned != current.owned { request.topicPartitions = partitions(owned) }
        saying = current
        mayBeKnown = true
        return request
    }

    private func partitions(_ partitions: Set<TopicPartition>) -> [ConsumerGroupHeartbeatRequest.TopicPartitions] {
        Dictionary(grouping: partitions.sorted(), by: \.topic).sorted { $0.key < $1.key }.compactMap { name, own in
            guard let id = ids[name] else { return nil }
            var entry = ConsumerGroupHeartbeatRequest.TopicPartitions()
            entry.topicId = id
            entry.partitions = own.map(\.partition)
            return entry
        }
    }

    private mutating func farewell() -> ConsumerGroupHeartbeatRequest {
        isFarewellSaid = true
        var request = ConsumerGroupHeartbeatRequest()
        request.groupId = settings.groupID
        request.memberId = memberID
        // A lasting member will be back.
        request.memberEpoch = settings.instanceID == nil ? -1 : -2
        request.instanceId = settings.instanceID
        return request
    }

    /// The coordinator could not be asked: what it knows is not known.
    mutating func unanswered() {
        if case .leaving(let departure) = phase {
            if isFarewellSaid { left(departure) }
            return
        }
        said = nil
        heartbeatDue = Instant(nanoseconds: .min)
    }

    mutating func answered(_ answer: ConsumerGroupHeartbeatResponse, _ now: Instant) -> GroupAfterwards {
        let code = ErrorCode(code: answer.errorCode)
        if case .leaving(let departure) = phase {
            guard !isFarewellSaid else {
                left(departure)
                return .goOn
            }
            // That was an answer to what it said before.
            return code == .notCoordinator || code == .coordinatorNotAvailable ? .findCoordinator : .goOn
        }
        guard phase == .joining || phase == .member else { return .goOn }
        switch code {
        case .none: break
        case .unknownMemberID, .fencedMemberEpoch:
            fence()
            return .goOn
        case .notCoordinator, .coordinatorNotAvailable:
            unanswered()
            return .findCoordinator
        case .coordinatorLoadInProgress:
            unanswered()
            return .wait
        case .unreleasedInstanceID, .fencedInstanceID:
            fail(.fenced(instance: settings.instanceID ?? ""))
            return .goOn
        case .topicAuthorizationFailed where phase == .member:
            unanswered()
            return .wait
        default:
            if code.isRetriable {
                unanswered()
            } else {
                fail(.refused(group: settings.groupID, code, message: answer.errorMessage))
            }
            return .wait
        }
        said = saying
        epoch = answer.memberEpoch
        interval = .milliseconds(max(1, answer.heartbeatIntervalMs))
        heartbeatDue = now + interval
        phase = .member
        if let assignment = answer.assignment {
            target = Dictionary(
                assignment.topicPartitions.map { ($0.topicId, $0.partitions) }, uniquingKeysWith: { $0 + $1 })
            resolveAgain = nil
        }
        return .goOn
    }

    /// What a refused commit says of the membership.
    mutating func commitRefused(_ code: ErrorCode) {
        switch code {
        case .unknownMemberID, .fencedMemberEpoch: if phase == .member { fence() }
        case .fencedInstanceID: fail(.fenced(instance: settings.instanceID ?? ""))
        default: break
        }
    }
}
