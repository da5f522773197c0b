import Configuration
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import KafkaClient

/// What a member does for its two duties, written down.
private struct Talk {
    var session: GroupSession
    var now = Instant(nanoseconds: 1_000_000_000)
    let node: BrokerNode

    init(_ flavour: GroupSettings.Flavour, _ more: [String: String] = [:]) throws {
        var properties = [
            "bootstrap.servers": "localhost:1", "group.id": "g",
            "group.protocol": flavour == .classic ? "classic" : "consumer",
        ]
        properties.merge(more) { $1 }
        let settings = try #require(try ConsumerConfiguration(properties, defaultClientID: "c").group)
        session = GroupSession(settings)
        node = BrokerNode(id: 1, address: HostPort(host: "localhost", port: 1), rack: nil)
        session.subscribe(["t"], pattern: nil, now: now)
    }

    mutating func pass(_ duration: Duration) { now = now + duration }

    mutating func membership() -> String { turn(.membership) }
    mutating func offsets() -> String { turn(.offsets) }

    private mutating func turn(_ duty: GroupDuty) -> String {
        switch session.turn(duty, now) {
        case .end: "end"
        case .sleep(let until): until.map { "sleep \(($0 - now).wholeMilliseconds)" } ?? "sleep"
        case .act(let action, _):
            switch action {
            case .findCoordinator: "find"
            case .join: "join"
            case .assign: "assign"
            case .sync: "sync"
            case .heartbeat(let request): "heartbeat \(request.generationId)"
            case .leave: "leave"
            case .consumerHeartbeat(let request): "heartbeat \(request.memberEpoch)"
            case .resolve: "resolve"
            case .commit(let order, let request): "commit \(order.id) in \(request.generationIdOrMemberEpoch)"
            case .lookUp: "look up"
            }
        }
    }

    /// Into the group, with a coordinator and one partition.
    mutating func enter(generation: Int32 = 1) {
        session.found(.membership, coordinator: node, now)
        _ = membership()
        if session.classic != nil {
            joined(generation)
            _ = membership()
            var answer = SyncGroupResponse()
            answer.assignment = GroupProtocol.encode([TopicPartition("t", 0)])
            _ = session.classic?.synced(answer, now)
        } else {
            heard(generation)
        }
        carryOut()
    }

    mutating func joined(_ generation: Int32) {
        var answer = JoinGroupResponse()
        answer.memberId = "m"
        answer.generationId = generation
        answer.leader = "other"
        answer.protocolName = session.settings.assignors.first?.name
        _ = session.classic?.joined(answer)
    }

    mutating func heard(_ epoch: Int32) {
        var answer = ConsumerGroupHeartbeatResponse()
        answer.memberEpoch = epoch
        answer.heartbeatIntervalMs = 3000
        _ = session.modern?.answered(answer, now)
    }

    mutating func carryOut() { while session.takeEvent() != nil { session.eventDone() } }

    @discardableResult
    mutating func order(_ trying: CommitOrder.Trying = .untilDeadline, within patience: Duration = .seconds(60)) -> Int
    {
        session.order(
            [TopicPartition("t", 0): CommittedOffset(1)], trying: trying, deadline: now + patience, isAwaited: true)
    }

    /// Answers the commit at the head of the queue, as what it was sent.
    mutating func committed(_ code: ErrorCode, as standing: GroupStanding? = nil) throws {
        var partition = OffsetCommitResponse.OffsetCommitResponsePartition()
        partition.errorCode = code.rawValue
        var topic = OffsetCommitResponse.OffsetCommitResponseTopic()
        topic.name = "t"
        topic.partitions = [partition]
        var answer = OffsetCommitResponse()
        answer.topics = [topic]
        session.committed(try #require(session.commits.first), as: standing ?? session.standing, answer, now)
    }

    mutating func lookedUp(_ code: ErrorCode) {
        var partition = OffsetFetchResponse.OffsetFetchResponsePartitions()
        partition.errorCode = code.rawValue
        var topic = OffsetFetchResponse.OffsetFetchResponseTopics()
        topic.name = "t"
        topic.partitions = [partition]
        var group = OffsetFetchResponse.OffsetFetchResponseGroup()
        group.topics = [topic]
        var answer = OffsetFetchResponse()
        answer.groups = [group]
        _ = session.lookedUp(as: session.standing, answer, now)
    }
}

@Suite struct GroupSessionTests {
    @Test(arguments: [GroupSettings.Flavour.classic, .consumer])
    func `an open transaction on an offset does not hold up the heartbeat, nor commits`(
        _ flavour: GroupSettings.Flavour
    ) throws {
        var talk = try Talk(flavour)
        talk.enter()
        while talk.membership() == "heartbeat 1" { talk.heard(1) }
        talk.session.lookUp([TopicPartition("t", 0)])
        for _ in 0..<3 {
            #expect(talk.offsets() == "look up")
            talk.lookedUp(.unstableOffsetCommit)
            #expect(talk.offsets().hasPrefix("sleep"))
            talk.pass(.seconds(3))
            #expect(talk.membership() == "heartbeat 1")
            talk.heard(1)
        }
        #expect(talk.offsets() == "look up")
        talk.lookedUp(.unstableOffsetCommit)
        let commit = talk.order()
        #expect(talk.offsets() == "commit \(commit) in 1")
    }

    @Test func `a commit that is refused again and again does not hold up the heartbeat, nor lookups`() throws {
        var talk = try Talk(.classic)
        talk.enter()
        talk.order(within: .seconds(10))
        for _ in 0..<3 {
            #expect(talk.offsets() == "commit 1 in 1")
            try talk.committed(.unknownTopicOrPartition)
            talk.session.lookUp([TopicPartition("t", 0)])
            #expect(talk.offsets() == "look up")
            talk.lookedUp(.none)
            #expect(talk.offsets().hasPrefix("sleep"))
            talk.pass(.seconds(3))
            #expect(talk.membership() == "heartbeat 1")
        }
        talk.pass(.seconds(1))
        #expect(talk.offsets() == "sleep")
        guard case .offsetRefused(_, .unknownTopicOrPartition)?? = talk.session.takeOutcome(1) else {
            return #expect(Bool(false), "the reason is lost")
        }
    }

    @Test func `a stale epoch is healed by the heartbeat, which goes on`() throws {
        var talk = try Talk(.consumer)
        talk.enter(generation: 5)
        while talk.membership() == "heartbeat 5" { talk.heard(5) }
        talk.order()
        #expect(talk.offsets() == "commit 1 in 5")
        try talk.committed(.staleMemberEpoch)
        talk.pass(.seconds(3))
        #expect(talk.membership() == "heartbeat 5")
        talk.heard(6)
        #expect(talk.offsets() == "commit 1 in 6")
    }

    @Test func `a lookup after a commit sees it`() throws {
        var talk = try Talk(.classic)
        talk.enter()
        talk.order()
        talk.session.lookUp([TopicPartition("t", 0)])
        talk.order()
        #expect(talk.offsets() == "commit 1 in 1")
        try talk.committed(.none)
        #expect(talk.offsets() == "look up")
        talk.lookedUp(.none)
        #expect(talk.offsets() == "commit 2 in 1")
    }

    @Test func `what was ordered before a rebalance is committed before the member joins`() throws {
        var talk = try Talk(.classic, ["partition.assignment.strategy": "CooperativeStickyAssignor"])
        talk.enter()
        let early = talk.order(.once)
        talk.session.classic?.rejoin("a test")
        _ = talk.membership()
        // Whatever is ordered from now on does not hold it up.
        let late = talk.order(.once)
        talk.pass(.seconds(3))
        #expect(talk.membership() == "heartbeat 1")
        #expect(talk.offsets() == "commit \(early) in 1")
        try talk.committed(.none)
        #expect(talk.membership() == "join")
        // As long as the coordinator keeps it waiting, commits are refused at once.
        #expect(talk.offsets() == "sleep")
        guard case .rebalancing?? = talk.session.takeOutcome(late) else {
            return #expect(Bool(false), "it was not refused")
        }
    }

    @Test func `a commit without an answer holds up joining for a while only`() throws {
        var talk = try Talk(
            .classic,
            ["partition.assignment.strategy": "CooperativeStickyAssignor", "request.timeout.ms": "7000"])
        talk.enter()
        talk.order()
        #expect(talk.offsets() == "commit 1 in 1")
        talk.session.classic?.rejoin("a test")
        #expect(talk.membership() == "sleep 3000")
        talk.pass(.seconds(7))
        #expect(talk.membership() == "join")
    }

    @Test func `the refusal of a commit from before does not cost the new generation`() throws {
        var talk = try Talk(.classic, ["partition.assignment.strategy": "CooperativeStickyAssignor"])
        talk.enter()
        talk.order()
        let standing = talk.session.standing
        talk.session.classic?.rejoin("a test")
        _ = talk.membership()
        talk.pass(.seconds(40))
        #expect(talk.membership() == "join")
        // The coordinator has gone on, and that answer comes first.
        try talk.committed(.illegalGeneration, as: standing)
        talk.joined(2)
        #expect(talk.membership() == "sync")
        guard case .rebalancing?? = talk.session.takeOutcome(1) else {
            return #expect(Bool(false), "it is no member any more")
        }
        #expect(talk.session.takeEvent() == nil)
    }

    @Test func `a coordinator that does not answer one duty is not lost to the other`() throws {
        var talk = try Talk(.classic)
        talk.enter()
        talk.order()
        #expect(talk.offsets() == "commit 1 in 1")
        talk.session.unanswered(
            .commit, ClientError("localhost:1", .receive(.offsetCommit), .timedOut(milliseconds: 1)), talk.now)
        talk.pass(.seconds(3))
        #expect(talk.membership() == "heartbeat 1")
        #expect(talk.offsets() == "find")
    }

    @Test func `who may not know the coordinator does not ask in a circle`() throws {
        var talk = try Talk(.classic)
        #expect(talk.membership() == "find")
        talk.session.fail(.refused(group: "g", .groupAuthorizationFailed, message: nil))
        #expect(talk.membership() == "sleep")
        #expect(talk.offsets() == "sleep")
        talk.session.close()
        #expect(talk.membership() == "end")
        #expect(talk.offsets() == "end")
    }

    @Test func `offsets that may not be read are not asked for in a circle`() throws {
        var talk = try Talk(.classic)
        talk.enter()
        talk.session.lookUp([TopicPartition("t", 0)])
        #expect(talk.offsets() == "look up")
        var group = OffsetFetchResponse.OffsetFetchResponseGroup()
        group.errorCode = ErrorCode.groupAuthorizationFailed.rawValue
        var answer = OffsetFetchResponse()
        answer.groups = [group]
        _ = talk.session.lookedUp(as: talk.session.standing, answer, talk.now)
        #expect(talk.offsets() == "sleep")
        // The member can still say that it goes.
        talk.session.close()
        #expect(talk.membership() == "leave")
    }
}
