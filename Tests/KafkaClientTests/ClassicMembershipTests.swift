import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import KafkaClient

/// A member of the classic protocol and the coordinator's side of the talk, written down as it goes.
private struct Talk {
    var member: ClassicMembership
    var now = Instant(nanoseconds: 1_000_000_000)

    init(_ more: [String: String] = [:], topics: [String] = ["t"]) throws {
        var properties = ["bootstrap.servers": "localhost:1", "group.id": "g"]
        properties.merge(more) { $1 }
        let settings = try #require(try ConsumerConfiguration(properties, defaultClientID: "c").group)
        member = ClassicMembership(settings, now: now)
        member.subscribe(topics)
    }

    mutating func pass(_ duration: Duration) { now = now + duration }

    /// What it does next, in a word or two.
    mutating func next() -> String {
        switch member.next(now) {
        case .sleep(let until): until.map { "sleep \(($0 - now).wholeMilliseconds)" } ?? "sleep"
        case .act(.join(let request, _)):
            "join '\(request.memberId)' " + request.protocols.map { Self.describe($0) }.joined(separator: ", ")
        case .act(.assign): "assign"
        case .act(.sync(let request)):
            "sync \(request.generationId)"
                + request.assignments.map { share in
                    let partitions = (try? GroupProtocol.assignment(share.assignment)) ?? []
                    return " \(share.memberId): " + partitions.map(\.description).joined(separator: " ")
                }.joined(separator: ",")
        case .act(.heartbeat(let request)): "heartbeat \(request.generationId)"
        case .act(.leave(let request)): "leave '\(request.memberId)'"
        case .act: "something else"
        }
    }

    private static func describe(_ offer: JoinGroupRequest.JoinGroupRequestProtocol) -> String {
        guard let subscription = try? GroupProtocol.subscription(offer.metadata) else { return "\(offer.name)?" }
        let owned = subscription.ownedPartitions.flatMap { entry in entry.partitions.map { "\(entry.topic)-\($0)" } }
        return "\(offer.name) \(subscription.topics.joined(separator: "+"))"
            + (owned.isEmpty ? "" : " has \(owned.joined(separator: " "))")
            + (subscription.generationId >= 0 ? " of \(subscription.generationId)" : "")
    }

    @discardableResult
    mutating func joined(
        _ code: ErrorCode = .none, id: String = "m", generation: Int32 = 1, leader: String = "other",
        assignor: String = "range"
    ) -> GroupAfterwards {
        var answer = JoinGroupResponse()
        answer.errorCode = code.rawValue
        answer.memberId = id
        answer.generationId = generation
        answer.leader = leader
        answer.protocolName = assignor
        return member.joined(answer)
    }

    @discardableResult
    mutating func synced(_ share: [Int32], _ code: ErrorCode = .none) -> GroupAfterwards {
        var answer = SyncGroupResponse()
        answer.errorCode = code.rawValue
        answer.assignment = GroupProtocol.encode(share.map { TopicPartition("t", $0) })
        return member.synced(answer, now)
    }

    /// The application carries out what it is told.
    mutating func events() -> [String] {
        var events: [String] = []
        while let event = member.takeEvent() {
            func text(_ partitions: [TopicPartition]) -> String { partitions.map(\.description).joined(separator: " ") }
            switch event {
            case .revoked(let partitions): events.append("revoked " + text(partitions))
            case .assigned(let partitions): events.append("assigned " + text(partitions))
            case .lost(let partitions): events.append("lost " + text(partitions))
            }
            member.eventDone()
        }
        return events
    }

    /// Into the group, with some partitions.
    mutating func enter(_ share: [Int32], generation: Int32 = 1, assignor: String = "range") {
        _ = next()
        joined(generation: generation, assignor: assignor)
        _ = next()
        synced(share)
        _ = events()
        _ = next()
    }
}

@Suite struct ClassicMembershipTests {
    private let cooperative = [
        "partition.assignment.strategy": "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
    ]

    @Test func `a member gets a name, joins, syncs and shows that it lives`() throws {
        var talk = try Talk()
        #expect(talk.next() == "join '' range t, cooperative-sticky t")
        talk.joined(.memberIDRequired, id: "m-1")
        #expect(talk.next() == "join 'm-1' range t, cooperative-sticky t")
        talk.joined(id: "m-1")
        #expect(talk.next() == "sync 1")
        talk.synced([0, 1])
        #expect(talk.next() == "sleep 3000")
        #expect(talk.member.isActive)
        #expect(talk.events() == ["assigned t-0 t-1"])
        talk.pass(.seconds(3))
        #expect(talk.next() == "heartbeat 1")
        #expect(talk.member.heartbeatAnswered(.none) == .goOn)
        #expect(talk.next() == "sleep 3000")
    }

    @Test func `the leader shares for all`() throws {
        var talk = try Talk()
        _ = talk.next()
        talk.joined(id: "m", leader: "m")
        #expect(talk.next() == "assign")
        let topics = AssignableTopics(counts: ["t": 2])
        talk.member.assigned(
            ["m": [TopicPartition("t", 0)], "n": [TopicPartition("t", 1)]], topics: ["t"], snapshot: topics)
        #expect(talk.next() == "sync 1 m: t-0, n: t-1")
        talk.synced([0])
        _ = talk.events()
        #expect(talk.next() == "sleep 3000")
        // The same again is no news; another partition is.
        talk.member.refreshed(topics)
        #expect(talk.next() == "sleep 3000")
        talk.member.refreshed(AssignableTopics(counts: ["t": 3]))
        #expect(talk.events() == ["revoked t-0"])
        #expect(talk.next() == "join 'm' range t of 1, cooperative-sticky t of 1")
    }

    @Test func `an eager member gives everything back before it joins again`() throws {
        var talk = try Talk()
        talk.enter([0, 1])
        #expect(talk.member.heartbeatAnswered(.rebalanceInProgress) == .goOn)
        // As long as the application has not given it back, it stays a member.
        talk.pass(.seconds(3))
        #expect(talk.next() == "heartbeat 1")
        #expect(talk.member.isActive)
        #expect(talk.events() == ["revoked t-0 t-1"])
        #expect(talk.next() == "join 'm' range t of 1, cooperative-sticky t of 1")
        #expect(!talk.member.isActive)
        talk.joined(generation: 2)
        _ = talk.next()
        talk.synced([1])
        #expect(talk.events() == ["assigned t-1"])
    }

    @Test func `a cooperative member keeps what it has, and gives up what it is not given again`() throws {
        var talk = try Talk(cooperative)
        talk.enter([0, 1, 2], assignor: "cooperative-sticky")
        _ = talk.member.heartbeatAnswered(.rebalanceInProgress)
        #expect(talk.next() == "join 'm' cooperative-sticky t has t-0 t-1 t-2 of 1")
        talk.joined(generation: 2, assignor: "cooperative-sticky")
        _ = talk.next()
        talk.synced([0, 1])
        #expect(talk.events() == ["revoked t-2", "assigned "])
        #expect(talk.next() == "join 'm' cooperative-sticky t has t-0 t-1 of 2")
        talk.joined(generation: 3, assignor: "cooperative-sticky")
        _ = talk.next()
        talk.synced([0, 1])
        #expect(talk.events() == ["assigned "])
        #expect(talk.next() == "sleep 3000")
    }

    @Test func `who was given up loses what it has and begins anew`() throws {
        var talk = try Talk()
        talk.enter([0, 1])
        _ = talk.member.heartbeatAnswered(.unknownMemberID)
        #expect(!talk.member.isActive)
        #expect(talk.events() == ["lost t-0 t-1"])
        #expect(talk.next() == "join '' range t, cooperative-sticky t")
    }

    @Test func `who missed a generation keeps its name`() throws {
        var talk = try Talk()
        talk.enter([0])
        _ = talk.member.heartbeatAnswered(.illegalGeneration)
        #expect(talk.events() == ["lost t-0"])
        #expect(talk.next() == "join 'm' range t, cooperative-sticky t")
    }

    @Test func `a refused commit brings it back`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.commitRefused(.rebalanceInProgress)
        #expect(talk.events() == ["revoked t-0"])
        talk.joined()
        var other = try Talk()
        other.enter([0])
        other.member.commitRefused(.unknownMemberID)
        #expect(other.events() == ["lost t-0"])
    }

    @Test func `another with the same lasting name ends it`() throws {
        var talk = try Talk(["group.instance.id": "one"])
        talk.enter([0])
        _ = talk.member.heartbeatAnswered(.fencedInstanceID)
        #expect(talk.member.failure?.description.contains("'one'") == true)
        #expect(talk.next() == "sleep")
    }

    @Test func `a lasting member goes without a word`() throws {
        var talk = try Talk(["group.instance.id": "one"])
        talk.enter([0])
        talk.member.leave(.end)
        #expect(talk.next() == "sleep")
        #expect(talk.member.isIdle)
    }

    @Test func `a member says that it goes`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.leave(.end)
        #expect(talk.next() == "leave 'm'")
        talk.member.leaveAnswered()
        #expect(talk.member.isIdle)
    }

    @Test func `a name that comes after the application unsubscribed is given back`() throws {
        for code in [ErrorCode.none, .memberIDRequired] {
            var talk = try Talk()
            _ = talk.next()
            talk.member.leave(.pause)
            #expect(talk.member.isIdle)
            talk.joined(code, id: "late")
            #expect(talk.next() == "leave 'late'")
            talk.member.leaveAnswered()
            #expect(talk.member.isIdle)
        }
        // Who wants to join again does so under that name.
        var talk = try Talk()
        _ = talk.next()
        talk.member.leave(.pause)
        talk.member.subscribe(["u"])
        talk.joined(.memberIDRequired, id: "late")
        #expect(talk.next() == "join 'late' range u, cooperative-sticky u")
        // A lasting member does not leave, and a refusal brings no name.
        for (properties, code) in [(["group.instance.id": "one"], ErrorCode.none), ([:], .notCoordinator)] {
            talk = try Talk(properties)
            _ = talk.next()
            talk.member.leave(.pause)
            talk.joined(code, id: "late")
            #expect(talk.member.isIdle)
        }
    }

    @Test func `the answer to a heartbeat that was lost does not stand for that to the farewell`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.pass(.seconds(3))
        _ = talk.next()
        talk.member.leave(.pause)
        talk.member.unanswered()
        #expect(talk.next() == "leave 'm'")
        talk.member.unanswered()
        #expect(talk.member.isIdle)
    }

    @Test func `who leaves twice stays away`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.leave(.pause)
        talk.member.subscribe(["u"])
        talk.member.leave(.pause)
        #expect(talk.next() == "leave 'm'")
        talk.member.leaveAnswered()
        #expect(talk.member.isIdle)
    }

    @Test func `who is given up while it gives back some partitions loses the others`() throws {
        var talk = try Talk(cooperative, topics: ["t", "u"])
        _ = talk.next()
        talk.joined(assignor: "cooperative-sticky")
        _ = talk.next()
        var answer = SyncGroupResponse()
        answer.assignment = GroupProtocol.encode([TopicPartition("t", 0), TopicPartition("u", 0)])
        _ = talk.member.synced(answer, talk.now)
        _ = talk.events()
        _ = talk.next()
        talk.member.subscribe(["u"])
        #expect(talk.member.takeEvent() == .revoked([TopicPartition("t", 0)]))
        _ = talk.member.heartbeatAnswered(.unknownMemberID)
        talk.member.eventDone()
        #expect(talk.events() == ["lost u-0"])
        #expect(talk.next() == "join '' cooperative-sticky u")
    }

    @Test func `who left can come back at once`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.leave(.pause)
        talk.member.subscribe(["u"])
        #expect(talk.next() == "leave 'm'")
        talk.member.leaveAnswered()
        #expect(talk.next() == "join '' range u, cooperative-sticky u")
    }

    @Test func `who does not poll leaves, and comes back with its next poll`() throws {
        var talk = try Talk(["max.poll.interval.ms": "10000", "session.timeout.ms": "9000"])
        talk.enter([0, 1])
        talk.member.polled(talk.now)
        talk.pass(.seconds(9))
        #expect(talk.next() == "heartbeat 1")
        talk.pass(.seconds(1))
        #expect(talk.next() == "leave 'm'")
        talk.member.leaveAnswered()
        #expect(talk.next() == "sleep")
        talk.pass(.seconds(100))
        talk.member.polled(talk.now)
        #expect(talk.events() == ["lost t-0 t-1"])
        #expect(talk.next() == "join '' range t, cooperative-sticky t")
    }

    @Test func `who waits for records is not slow`() throws {
        var talk = try Talk(["max.poll.interval.ms": "10000", "session.timeout.ms": "9000"])
        talk.enter([0])
        talk.member.waits(true, talk.now)
        talk.pass(.seconds(60))
        #expect(talk.next() == "heartbeat 1")
        talk.member.waits(false, talk.now)
        talk.pass(.seconds(9))
        #expect(talk.next() == "heartbeat 1")
    }

    @Test func `what the application never heard of is not told as lost`() throws {
        var talk = try Talk(["max.poll.interval.ms": "10000", "session.timeout.ms": "9000"])
        _ = talk.next()
        talk.joined()
        _ = talk.next()
        talk.synced([0, 1])
        talk.pass(.seconds(20))
        #expect(talk.next() == "leave 'm'")
        talk.member.leaveAnswered()
        talk.member.polled(talk.now)
        #expect(talk.events().isEmpty)
        #expect(talk.next() == "join '' range t, cooperative-sticky t")
    }

    @Test func `a new subscription is taken to the group`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.subscribe(["t"])
        #expect(talk.next() == "sleep 3000")
        talk.member.subscribe(["t", "u"])
        #expect(talk.events() == ["revoked t-0"])
        #expect(talk.next() == "join 'm' range t+u of 1, cooperative-sticky t+u of 1")
    }

    @Test func `a subscription that changed on the way is taken to the group afterwards`() throws {
        var talk = try Talk()
        _ = talk.next()
        talk.member.subscribe(["t", "u"])
        talk.joined()
        _ = talk.next()
        talk.synced([0])
        #expect(talk.events() == ["assigned t-0"])
        _ = talk.next()
        #expect(talk.events() == ["revoked t-0"])
        #expect(talk.next() == "join 'm' range t+u of 1, cooperative-sticky t+u of 1")
    }

    @Test func `a coordinator that is not ready, or is another, is asked again`() throws {
        var talk = try Talk()
        _ = talk.next()
        #expect(talk.joined(.coordinatorLoadInProgress, id: "") == .wait)
        #expect(talk.next() == "join '' range t, cooperative-sticky t")
        #expect(talk.joined(.notCoordinator, id: "") == .findCoordinator)
        _ = talk.next()
        talk.joined()
        _ = talk.next()
        #expect(talk.synced([], .notCoordinator) == .findCoordinator)
        #expect(talk.next() == "join 'm' range t of 1, cooperative-sticky t of 1")
        talk.joined()
        _ = talk.next()
        #expect(talk.synced([], .rebalanceInProgress) == .goOn)
        #expect(talk.next() == "join 'm' range t of 1, cooperative-sticky t of 1")
        talk.member.unanswered()
        #expect(talk.next() == "join 'm' range t of 1, cooperative-sticky t of 1")
    }

    @Test func `what cannot come right ends it`() throws {
        for code in [ErrorCode.inconsistentGroupProtocol, .groupAuthorizationFailed, .groupMaxSizeReached] {
            var talk = try Talk()
            _ = talk.next()
            talk.joined(code, id: "")
            #expect(talk.member.failure?.description.contains(code.name) == true)
        }
        var talk = try Talk()
        _ = talk.next()
        talk.joined(assignor: "mine")
        #expect(talk.member.failure != nil)
    }

    @Test func `a share that is none ends it, without a trap`() throws {
        var talk = try Talk()
        _ = talk.next()
        talk.joined()
        _ = talk.next()
        var answer = SyncGroupResponse()
        answer.assignment = [0, 1, 0, 0, 0, 200, 1]
        _ = talk.member.synced(answer, talk.now)
        #expect(talk.member.failure != nil)
    }

    @Test func `the sticky one tells the next leader what it had`() throws {
        var talk = try Talk(["partition.assignment.strategy": "StickyAssignor"])
        talk.enter([0, 2], generation: 4, assignor: "sticky")
        _ = talk.member.heartbeatAnswered(.rebalanceInProgress)
        _ = talk.events()
        guard case .act(.join(let request, _)) = talk.member.next(talk.now) else {
            return #expect(Bool(false), "it does not join")
        }
        let subscription = try GroupProtocol.subscription(request.protocols[0].metadata)
        #expect(subscription.ownedPartitions.isEmpty)
        let data = AssignableMember("m", topics: [], userData: subscription.userData)
        #expect(
            StickyClaim(eager: data)
                == StickyClaim([TopicPartition("t", 0), TopicPartition("t", 2)], generation: 4))
    }
}
