import Bytes
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import KafkaClient

/// A member of the consumer protocol, and what the coordinator hears.
private struct Talk {
    var member: ModernMembership
    var now = Instant(nanoseconds: 1_000_000_000)
    let id = UUID(high: 1, low: 1)

    init(_ more: [String: String] = [:], pattern: String? = nil) throws {
        var properties = ["bootstrap.servers": "localhost:1", "group.id": "g", "group.protocol": "consumer"]
        properties.merge(more) { $1 }
        let settings = try #require(try ConsumerConfiguration(properties, defaultClientID: "c").group)
        member = ModernMembership(settings, now: now, memberID: "m")
        member.subscribe(pattern == nil ? ["t"] : [], pattern: pattern)
    }

    mutating func pass(_ duration: Duration) { now = now + duration }

    mutating func next() -> String {
        switch member.next(now) {
        case .sleep(let until): until.map { "sleep \(($0 - now).wholeMilliseconds)" } ?? "sleep"
        case .act(.consumerHeartbeat(let request)): Self.describe(request)
        case .act(.resolve(let ids)): "resolve \(ids.count)"
        case .act: "something else"
        }
    }

    private static func describe(_ request: ConsumerGroupHeartbeatRequest) -> String {
        var words = ["\(request.memberId) \(request.memberEpoch)"]
        if let topics = request.subscribedTopicNames { words.append("wants \(topics.joined(separator: "+"))") }
        if let pattern = request.subscribedTopicRegex { words.append("matches \(pattern)") }
        if let owned = request.topicPartitions {
            words.append("has \(owned.flatMap(\.partitions).map(String.init).joined(separator: " "))")
        }
        if request.rebalanceTimeoutMs >= 0 { words.append("in \(request.rebalanceTimeoutMs)") }
        if let assignor = request.serverAssignor { words.append("by \(assignor)") }
        return words.joined(separator: ", ")
    }

    @discardableResult
    mutating func answered(
        _ code: ErrorCode = .none, epoch: Int32 = 1, share: [Int32]? = nil
    ) -> GroupAfterwards {
        var answer = ConsumerGroupHeartbeatResponse()
        answer.errorCode = code.rawValue
        answer.memberId = "m"
        answer.memberEpoch = epoch
        answer.heartbeatIntervalMs = 5000
        if let share {
            var topic = ConsumerGroupHeartbeatResponse.TopicPartitions()
            topic.topicId = id
            topic.partitions = share
            var assignment = ConsumerGroupHeartbeatResponse.Assignment()
            assignment.topicPartitions = share.isEmpty ? [] : [topic]
            answer.assignment = assignment
        }
        return member.answered(answer, now)
    }

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

    mutating func enter(_ share: [Int32]) {
        _ = next()
        answered(share: share)
        member.resolved([id: "t"])
        _ = next()
        _ = events()
        _ = next()
        answered()
    }
}

@Suite struct ModernMembershipTests {
    @Test func `a member joins with epoch 0, takes its share over and says so`() throws {
        var talk = try Talk()
        #expect(talk.next() == "m 0, wants t, has , in 300000")
        talk.answered(share: [0, 1])
        #expect(talk.next() == "resolve 1")
        talk.member.resolved([talk.id: "t"])
        #expect(talk.next() == "sleep 5000")
        #expect(talk.events() == ["assigned t-0 t-1"])
        #expect(talk.next() == "m 1, has 0 1")
        talk.answered()
        #expect(talk.next() == "sleep 5000")
        talk.pass(.seconds(5))
        #expect(talk.next() == "m 1")
    }

    @Test func `what is to go is given back before anything new comes`() throws {
        var talk = try Talk()
        talk.enter([0, 1])
        talk.pass(.seconds(5))
        #expect(talk.next() == "m 1")
        talk.answered(epoch: 1, share: [0])
        #expect(talk.next() == "sleep 5000")
        // As long as the application works it stays a member.
        talk.pass(.seconds(5))
        #expect(talk.next() == "m 1")
        talk.answered()
        #expect(talk.events() == ["revoked t-1", "assigned "])
        #expect(talk.next() == "m 1, has 0")
        talk.answered(epoch: 2, share: [0, 2])
        _ = talk.next()
        #expect(talk.events() == ["assigned t-2"])
        #expect(talk.next() == "m 2, has 0 2")
    }

    @Test func `who was fenced loses everything and comes back with epoch 0`() throws {
        for code in [ErrorCode.fencedMemberEpoch, .unknownMemberID] {
            var talk = try Talk()
            talk.enter([0, 1])
            talk.pass(.seconds(5))
            _ = talk.next()
            talk.answered(code)
            #expect(!talk.member.isActive)
            _ = talk.next()
            #expect(talk.events() == ["lost t-0 t-1"])
            #expect(talk.next() == "m 0, wants t, has , in 300000")
        }
    }

    @Test func `after a lost answer everything is said again`() throws {
        var talk = try Talk(["group.remote.assignor": "range"])
        talk.enter([0])
        talk.pass(.seconds(5))
        _ = talk.next()
        talk.member.unanswered()
        #expect(talk.next() == "m 1, wants t, has 0, in 300000, by range")
    }

    @Test func `who leaves says so, a lasting member that it comes back`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.leave(.end)
        #expect(talk.next() == "m -1")
        talk.answered(epoch: -1)
        #expect(talk.member.isIdle)
        var lasting = try Talk(["group.instance.id": "one"])
        lasting.enter([0])
        lasting.member.leave(.end)
        #expect(lasting.next() == "m -2")
    }

    @Test func `the answer to a heartbeat is not taken for that to the farewell`() throws {
        for (properties, farewell) in [([:], "m -1"), (["group.instance.id": "one"], "m -2")] {
            var talk = try Talk(properties)
            talk.enter([0])
            talk.pass(.seconds(5))
            #expect(talk.next() == "m 1")
            talk.member.leave(.pause)
            talk.answered()
            #expect(!talk.member.isIdle)
            #expect(talk.next() == farewell)
            talk.answered(epoch: -1)
            #expect(talk.member.isIdle)
            // The same where the coordinator was lost with it.
            talk = try Talk(properties)
            talk.enter([0])
            talk.pass(.seconds(5))
            _ = talk.next()
            talk.member.leave(.pause)
            #expect(talk.answered(.notCoordinator) == .findCoordinator)
            talk.member.unanswered()
            #expect(talk.next() == farewell)
            talk.member.unanswered()
            #expect(talk.member.isIdle)
        }
    }

    @Test func `who leaves before it heard from the coordinator says so all the same`() throws {
        var talk = try Talk()
        _ = talk.next()
        talk.member.leave(.end)
        talk.answered()
        #expect(talk.next() == "m -1")
        // Whose last answer was lost is a member still.
        talk = try Talk()
        talk.enter([0])
        talk.pass(.seconds(5))
        _ = talk.next()
        talk.member.unanswered()
        talk.member.leave(.end)
        #expect(talk.next() == "m -1")
        // Nobody knows who said nothing.
        talk = try Talk()
        talk.member.leave(.end)
        #expect(talk.member.isIdle)
    }

    @Test func `who is closed while it leaves says good-bye, and who leaves twice stays away`() throws {
        var talk = try Talk()
        talk.enter([0])
        talk.member.leave(.pause)
        talk.member.leave(.end)
        #expect(talk.next() == "m -1")
        talk = try Talk()
        talk.enter([0])
        talk.member.leave(.pause)
        talk.member.subscribe(["u"], pattern: nil)
        talk.member.leave(.pause)
        #expect(talk.next() == "m -1")
        talk.answered(epoch: -1)
        #expect(talk.member.isIdle)
    }

    @Test func `a lasting name that is taken ends it`() throws {
        var talk = try Talk(["group.instance.id": "one"])
        _ = talk.next()
        talk.answered(.unreleasedInstanceID)
        #expect(talk.member.failure != nil)
        #expect(talk.next() == "sleep")
    }

    @Test func `who does not poll leaves, and comes back with its next poll`() throws {
        var talk = try Talk(["max.poll.interval.ms": "10000"])
        talk.enter([0])
        talk.pass(.seconds(10))
        #expect(talk.next() == "m -1")
        talk.answered(epoch: -1)
        #expect(talk.next() == "sleep")
        talk.member.polled(talk.now)
        _ = talk.next()
        #expect(talk.events() == ["lost t-0"])
        #expect(talk.next() == "m 0, wants t, has , in 10000")
    }

    @Test func `the coordinator matches a pattern`() throws {
        var talk = try Talk(pattern: "t.*")
        #expect(talk.next() == "m 0, matches t.*, has , in 300000")
        talk.answered()
        talk.pass(.seconds(5))
        #expect(talk.next() == "m 1")
        talk.member.subscribe(["t"], pattern: nil)
        #expect(talk.next() == "m 1, wants t, matches ")
    }

    @Test func `a coordinator that is not ready, or is another, hears everything again`() throws {
        var talk = try Talk()
        _ = talk.next()
        #expect(talk.answered(.coordinatorLoadInProgress) == .wait)
        #expect(talk.next() == "m 0, wants t, has , in 300000")
        #expect(talk.answered(.notCoordinator) == .findCoordinator)
        #expect(talk.next() == "m 0, wants t, has , in 300000")
    }

    @Test func `settings of the other protocol are refused`() throws {
        for key in ["session.timeout.ms", "heartbeat.interval.ms"] {
            #expect(throws: (any Error).self) { try Talk([key: "5000"]) }
        }
        #expect(throws: (any Error).self) { try Talk(["partition.assignment.strategy": "RangeAssignor"]) }
        #expect(throws: (any Error).self) {
            try Talk(["group.protocol": "classic", "group.remote.assignor": "range"])
        }
    }
}
