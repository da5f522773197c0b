import Bytes
import KafkaModel
import KafkaProtocol
import Timing

/// A member of a group of the classic protocol. It is a value that knows no socket and no clock: its events are told what
/// happened and when, and `next` says what to ask the coordinator now.
///
///     idle --(subscribed)--> preparing --(application gave back)--> joinable --> joining
///                               ^                                                  |
///                               |                                    leader: assigning --> readyToSync
///                               |                                                  |
///                            stable <--(application took over)-- settling <-- syncing
///
/// While it prepares and settles it is a member, and shows so. Who does not poll for `max.poll.interval.ms` leaves
/// (`expired`) and joins again with its next poll.
struct ClassicMembership {
    enum Phase: Equatable {
        case idle
        case preparing
        case joinable
        case joining
        case assigning
        case readyToSync
        case syncing
        case settling
        case stable
        case leaving(Departure)
        case expired
    }

    /// What comes after leaving.
    enum Departure: Equatable {
        case end
        /// The application does not poll.
        case expiry
        /// It may come back with another subscription.
        case pause
    }

    let settings: GroupSettings
    let rebalancing: Assignor.Rebalancing
    var phase = Phase.idle
    var memberID = ""
    var generation: Int32 = -1
    var topics: [String] = []
    var owned: [TopicPartition] = []
    /// What the application has to carry out, in order.
    var events = GroupEventQueue()
    var failure: GroupError?
    /// All topics of the group, when this member leads it.
    var groupTopics: [String] = []

    var assignor: Assignor?
    var joinedTopics: [String] = []
    var isLeader = false
    var leads: Leading?
    var shares: [SyncGroupRequest.SyncGroupRequestAssignment] = []
    /// What there was to assign when it was assigned.
    var snapshot: AssignableTopics?
    var rejoinReason: String?
    var sticky: StickyClaim?
    var stickyGeneration: Int32 = -1
    /// It was told to leave, and then to join again.
    private var comesBack = false
    /// The coordinator was asked to let it go, and not only something else before.
    var isFarewellSaid = false
    var heartbeatDue: Instant
    private var lastPoll: Instant
    private var isWaiting = false

    /// What the leader has to share.
    struct Leading {
        let members: [JoinGroupResponse.JoinGroupResponseMember]
        let assignor: Assignor
        /// The shares are those of before, since only the leader came back (KIP-814).
        let keepsShares: Bool
    }

    /// How much longer than the rebalance timeout the answer to JoinGroup is waited for.
    private static let joinPatience = Duration.seconds(5)

    init(_ settings: GroupSettings, now: Instant) {
        self.settings = settings
        rebalancing = Assignor.rebalancing(settings.assignors)
        heartbeatDue = now
        lastPoll = now
    }

    /// Whether it may commit as a member.
    var isActive: Bool {
        switch phase {
        case .preparing, .settling, .stable: generation >= 0 && !memberID.isEmpty
        case .idle, .joinable, .joining, .assigning, .readyToSync, .syncing, .leaving, .expired: false
        }
    }

    /// Whether it is on its way into the group.
    var isRebalancing: Bool {
        switch phase {
        case .joinable, .joining, .assigning, .readyToSync, .syncing: true
        case .preparing: generation < 0
        case .idle, .settling, .stable, .leaving, .expired: false
        }
    }

    var isIdle: Bool { phase == .idle }
    /// Whether the next thing it does may be to join.
    var isAboutToJoin: Bool { events.isEmpty && (phase == .preparing || phase == .settling) }
    var isStatic: Bool { settings.instanceID != nil }

    /// What it wants to read now. Nothing happens when that is what it wanted before.
    mutating func subscribe(_ wanted: [String]) {
        let wanted = Array(Set(wanted)).sorted()
        let isNew = wanted != topics
        topics = wanted
        switch phase {
        case .idle: prepare()
        case .stable, .settling: if isNew { rejoin("the subscription has changed") }
        case .leaving(.pause): comesBack = true
        case .preparing, .joinable, .joining, .assigning, .readyToSync, .syncing, .leaving, .expired: break
        }
    }

    mutating func polled(_ now: Instant) {
        lastPoll = max(lastPoll, now)
        guard phase == .expired else { return }
        // It is lost, what the application has.
        owned = events.told.sorted()
        prepare()
    }

    /// The application waits for records, for as long as it likes, or has something to do.
    mutating func waits(_ waits: Bool, _ now: Instant) {
        isWaiting = waits
        polled(now)
    }

    mutating func takeEvent() -> GroupEvent? { events.take() }
    mutating func eventDone() { events.done() }

    /// Leaves the group. What it has is given up without a word: whoever calls this has told the application.
    mutating func leave(_ departure: Departure) {
        if departure == .expiry { events.dropWaiting() } else { events.forgetAll() }
        owned = []
        rejoinReason = nil
        comesBack = false
        isFarewellSaid = false
        // Only who comes and goes leaves; a lasting member will be back, or is given up in time.
        guard !isStatic, !memberID.isEmpty, departure != .end || settings.leavesOnClose else {
            return left(departure)
        }
        phase = .leaving(departure)
    }

    mutating func left(_ departure: Departure) {
        generation = -1
        memberID = ""
        phase = departure == .expiry ? .expired : .idle
        guard comesBack else { return }
        comesBack = false
        prepare()
    }

    /// The cluster was asked about the topics of the group. Only the leader cares, and only about what it assigned.
    mutating func refreshed(_ topics: AssignableTopics) {
        guard isLeader, let snapshot, snapshot != topics else { return }
        rejoin("cached metadata has changed")
    }

    mutating func rejoin(_ reason: String) {
        guard rejoinReason == nil else { return }
        rejoinReason = reason
        if phase == .stable { prepare() }
    }

    /// Has the application give back what must be given back before joining.
    mutating func prepare() {
        phase = .preparing
        isLeader = false
        snapshot = nil
        groupTopics = []
        if generation < 0 || memberID.isEmpty {
            if !owned.isEmpty { events.append(.lost(owned)) }
            owned = []
            return
        }
        switch rebalancing {
        case .eager:
            events.append(.revoked(owned))
            owned = []
        case .cooperative:
            let unwanted = owned.filter { !topics.contains($0.topic) }
            guard !unwanted.isEmpty else { return }
            events.append(.revoked(unwanted))
            owned.removeAll(where: unwanted.contains)
        }
    }

    /// Whether it joins as soon as it is ready. While it is held it stays in the generation.
    enum Joining { case atOnce, held }

    /// What to ask the coordinator now, and else until when nothing is to be done.
    mutating func next(_ now: Instant, _ joining: Joining = .atOnce) -> GroupStep {
        guard failure == nil else { return .sleep(until: nil) }
        if phase == .settling, events.isEmpty { settle() }
        if phase == .preparing, events.isEmpty, joining == .atOnce { phase = .joinable }
        switch phase {
        case .idle, .expired: return .sleep(until: nil)
        case .joinable: return .act(.join(beginJoin(), patience: settings.pollInterval + Self.joinPatience))
        case .assigning: return leads.map { .act(.assign($0)) } ?? .sleep(until: nil)
        case .readyToSync: return .act(.sync(beginSync()))
        case .joining, .syncing: return .sleep(until: nil)
        case .leaving: return .act(.leave(leaveRequest()))
        case .preparing, .settling, .stable: return stay(now)
        }
    }

    private mutating func settle() {
        phase = .stable
        if joinedTopics != topics { rejoinReason = rejoinReason ?? "the subscription has changed" }
        if rejoinReason != nil { prepare() }
    }

    /// Shows that it lives, and that its application does.
    private mutating func stay(_ now: Instant) -> GroupStep {
        let expiry = isWaiting ? nil : lastPoll + settings.pollInterval
        if let expiry, now >= expiry {
            leave(.expiry)
            return next(now)
        }
        guard generation >= 0, !memberID.isEmpty else { return .sleep(until: expiry) }
        guard now >= heartbeatDue else { return .sleep(until: [heartbeatDue, expiry].compactMap { $0 }.min()) }
        heartbeatDue = now + settings.heartbeatInterval
        var request = HeartbeatRequest()
        request.groupId = settings.groupID
        request.memberId = memberID
        request.generationId = generation
        request.groupInstanceId = settings.instanceID
        return .act(.heartbeat(request))
    }

    private mutating func beginJoin() -> JoinGroupRequest {
        phase = .joining
        joinedTopics = topics
        var request = JoinGroupRequest()
        request.groupId = settings.groupID
        request.sessionTimeoutMs = Int32(clamping: settings.sessionTimeout.wholeMilliseconds)
        request.rebalanceTimeoutMs = Int32(clamping: settings.pollInterval.wholeMilliseconds)
        request.memberId = memberID
        request.groupInstanceId = settings.instanceID
        request.protocolType = GroupProtocol.type
        request.reason = rejoinReason ?? ""
        request.protocols = settings.assignors.map { assignor in
            var offer = JoinGroupRequest.JoinGroupRequestProtocol()
            offer.name = assignor.name
            offer.metadata = GroupProtocol.encode(subscription(assignor))
            return offer
        }
        return request
    }

    private func subscription(_ assignor: Assignor) -> ConsumerProtocolSubscription {
        var subscription = ConsumerProtocolSubscription()
        subscription.topics = topics
        subscription.generationId = generation
        subscription.rackId = settings.rack
        subscription.ownedPartitions = Dictionary(grouping: owned, by: \.topic).sorted { $0.key < $1.key }.map {
            topic, partitions in
            var entry = ConsumerProtocolSubscription.TopicPartition()
            entry.topic = topic
            entry.partitions = partitions.map(\.partition)
            return entry
        }
        switch assignor {
        case .range, .roundRobin: break
        case .sticky: subscription.userData = sticky?.data
        case .cooperativeSticky: subscription.userData = StickyClaim.cooperativeData(generation: stickyGeneration)
        }
        return subscription
    }

    private mutating func beginSync() -> SyncGroupRequest {
        phase = .syncing
        var request = SyncGroupRequest()
        request.groupId = settings.groupID
        request.memberId = memberID
        request.generationId = generation
        request.groupInstanceId = settings.instanceID
        request.protocolType = GroupProtocol.type
        request.protocolName = assignor?.name
        request.assignments = shares
        shares = []
        return request
    }

    private mutating func leaveRequest() -> LeaveGroupRequest {
        isFarewellSaid = true
        var request = LeaveGroupRequest()
        request.groupId = settings.groupID
        // One member up to version 2, several from version 3 on.
        request.memberId = memberID
        var member = LeaveGroupRequest.MemberIdentity()
        member.memberId = memberID
        if case .leaving(let departure) = phase { member.reason = departure.reason }
        request.members = [member]
        return request
    }

    mutating func fail(_ error: GroupError) {
        failure = failure ?? error
        phase = .idle
    }
}

extension ClassicMembership.Departure {
    var reason: String {
        switch self {
        case .end: "the consumer is being closed"
        case .expiry: "consumer poll timeout has expired."
        case .pause: "the consumer unsubscribed from all topics"
        }
    }
}
