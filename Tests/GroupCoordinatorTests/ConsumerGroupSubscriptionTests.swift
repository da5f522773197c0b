import Coordination
import KafkaModel
import KafkaProtocol
import Metadata
import Testing
import Timing

@testable import GroupCoordinator

/// What members want to read, and topics that come, grow and go.
@Suite struct ConsumerGroupSubscriptionTests {
    @Test func `a member that wants other topics is assigned anew`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        try stage.topic("u", partitions: 1)
        _ = stage.join("a")
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", "a", 1)
        request.subscribedTopicNames = ["u", "t"]
        let more = stage.heartbeat(request)
        #expect(more.memberEpoch == 2)
        #expect(more.assigned("t", "u") == ["t": [0, 1], "u": [0]])

        request.memberEpoch = 2
        request.subscribedTopicNames = ["t", "u", "u"]
        #expect(stage.heartbeat(request).memberEpoch == 2, "the same again")

        request.subscribedTopicNames = ["u"]
        let less = stage.heartbeat(request)
        #expect(less.memberEpoch == 2, "it has to give up the rest first")
        #expect(less.assigned("t", "u") == ["u": [0]])
        #expect(stage.beat("a", 2, owned: ["u": [0]]).memberEpoch == 3)
    }

    @Test func `new partitions and topics are assigned with the next heartbeat`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 1)
        _ = stage.join("a", ["t", "later"])
        try stage.topic("t", partitions: 3)
        let grown = stage.beat("a", 1)
        #expect(grown.memberEpoch == 2)
        #expect(grown.assigned("t") == ["t": [0, 1, 2]])
        try stage.topic("later", partitions: 2)
        #expect(stage.beat("a", 2).assigned("later") == ["later": [0, 1]])
        try stage.topic("other", partitions: 2)
        #expect(stage.beat("a", 3).memberEpoch == 3, "of no interest")
    }

    @Test func `partitions of a deleted topic are given up`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 1)
        try stage.topic("u", partitions: 1)
        _ = stage.join("a", ["t", "u"])
        try stage.delete("t")
        let told = stage.beat("a", 1)
        #expect(told.assigned("t", "u") == ["u": [0]])
        #expect(stage.beat("a", 1, owned: ["u": [0]]).memberEpoch == 2)
        #expect(stage.group.state == .stable)
        #expect(stage.group.described(stage.context).members[0].assignment.topicPartitions.map(\.topicName) == ["u"])
    }

    @Test func `a member without topics is a member all the same`() throws {
        var stage = ConsumerGroupStage()
        let joined = stage.join("a", [])
        #expect(joined.error == .none)
        #expect(joined.assigned("t") == [:])
        #expect(stage.group.state == .stable)
    }

    @Test func `members that come quickly share an assignment`() throws {
        var stage = ConsumerGroupStage()
        stage.settings.consumer.assignmentInterval = .seconds(1)
        try stage.topic("t", partitions: 4)
        _ = stage.join("a")
        stage.pass(.milliseconds(400))
        #expect(stage.join("b").memberEpoch == 1)
        #expect(stage.group.stateName == "Assigning")
        #expect(stage.beat("a", 1).assignment == nil)
        stage.pass(.milliseconds(600))
        #expect(stage.beat("a", 1).assigned("t") == ["t": [0, 1]])
        #expect(stage.group.target.epoch == 2)
    }

    @Test func `a group has its own intervals`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 1)
        var record = ConfigRecord()
        (record.resourceType, record.resourceName) = (32, "g")
        (record.name, record.value) = ("consumer.session.timeout.ms", "50000")
        try stage.image.apply(.config(record))
        (record.name, record.value) = ("consumer.heartbeat.interval.ms", "7000")
        try stage.image.apply(.config(record))
        #expect(stage.join("a").heartbeatIntervalMs == 7000)
        #expect(stage.timers[.session(group: "g", member: "a")] == stage.now + .seconds(50))
    }

    @Test func `who joins a group that has just become empty does not wait for its assignment`() throws {
        var stage = ConsumerGroupStage()
        stage.settings.consumer.assignmentInterval = .seconds(1)
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        stage.pass(.milliseconds(400))
        _ = stage.leave("a")
        #expect(stage.group.target.epoch == stage.group.epoch)
        stage.pass(.milliseconds(200))
        #expect(stage.join("b").assigned("t") == ["t": [0, 1]])
        #expect(try stage.rebuilt().hardPart == stage.group.hardPart)
    }

    @Test func `a member that asks for another assignor gets it`() throws {
        var stage = ConsumerGroupStage()
        for topic in ["t", "u"] { try stage.topic(topic, partitions: 3) }
        _ = stage.join("a", ["t", "u"], assignor: "uniform")
        _ = stage.join("b", ["t", "u"])
        #expect(stage.group.epoch == 2)
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", "a", 1)
        request.serverAssignor = "range"
        _ = stage.heartbeat(request)
        #expect(stage.group.epoch == 3)
        #expect(
            stage.group.target.members["a"] == [
                ConsumerGroupStage.id("t"): [0, 1], ConsumerGroupStage.id("u"): [0, 1],
            ])
        // What it says again, and what the broker would take anyway, changes nothing.
        (request.memberId, request.memberEpoch) = ("b", 0)
        (request.rebalanceTimeoutMs, request.subscribedTopicNames, request.topicPartitions) = (1000, ["t", "u"], [])
        _ = stage.heartbeat(request)
        #expect(stage.group.epoch == 3)
    }

    @Test func `most members decide on the assignor`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 3)
        try stage.topic("u", partitions: 3)
        _ = stage.join("a", ["t", "u"], assignor: "range")
        #expect(stage.group.described(stage.context).assignorName == "range")
        _ = stage.join("b", ["t", "u"])
        #expect(
            stage.group.target.members["a"] == [
                ConsumerGroupStage.id("t"): [0, 1], ConsumerGroupStage.id("u"): [0, 1],
            ])
        _ = stage.join("c", ["t", "u"], assignor: "uniform")
        _ = stage.join("d", ["t", "u"], assignor: "uniform")
        #expect(stage.group.described(stage.context).assignorName == "uniform")
    }
}

/// Subscriptions by regular expression.
@Suite struct ConsumerGroupRegexTests {
    @Test func `a regular expression finds its topics at once`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("foo", partitions: 1)
        try stage.topic("foobar", partitions: 1)
        try stage.topic("bar", partitions: 1)
        let joined = stage.join("a", nil, regex: "foo.*")
        #expect(joined.memberEpoch == 1)
        #expect(joined.assigned("foo", "foobar", "bar") == ["foo": [0], "foobar": [0]])
        #expect(stage.log.map { $0.key[1] } == [5, 16, 4, 3, 7, 6, 8])
        #expect(stage.group.isHomogeneous)
        #expect(stage.group.isSubscribed(to: "foobar"))
        #expect(!stage.group.isSubscribed(to: "bar"))
    }

    @Test func `new topics are looked for, but not all the time`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("foo", partitions: 1)
        _ = stage.join("a", nil, regex: "foo.*")
        try stage.topic("foo2", partitions: 1)
        stage.pass(.seconds(10))
        #expect(stage.beat("a", 1).memberEpoch == 1)
        stage.pass(.milliseconds(1))
        #expect(stage.beat("a", 1).assigned("foo", "foo2") == ["foo": [0], "foo2": [0]])

        let records = stage.log.count
        stage.pass(.seconds(300))
        _ = stage.beat("a", 2)
        #expect(stage.log.count == records, "the topics are the same")
        stage.pass(.seconds(600))
        _ = stage.beat("a", 2)
        #expect(stage.log.dropFirst(records).map { $0.key[1] } == [16], "when it was looked for is kept")
        #expect(stage.group.epoch == 2)
    }

    @Test func `a bad expression is refused and leaves nothing`() throws {
        var stage = ConsumerGroupStage()
        let refused = stage.join("a", nil, regex: "foo[")
        #expect(refused.error == .invalidRegularExpression)
        #expect(
            refused.errorMessage?.hasPrefix("SubscribedTopicRegex `foo[` is not a valid regular expression: ") == true)
        #expect(stage.log.isEmpty)
        #expect(stage.group.isEmpty)
    }

    @Test func `an expression that nobody uses any more is dropped`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("foo", partitions: 2)
        _ = stage.join("a", nil, regex: "foo.*")
        _ = stage.join("b", nil, regex: "foo.*")
        _ = stage.leave("a")
        #expect(stage.group.regexes.count == 1)
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", "b", 2)
        (request.subscribedTopicRegex, request.subscribedTopicNames) = ("", ["foo"])
        _ = stage.heartbeat(request)
        #expect(stage.group.regexes.isEmpty)
        #expect(stage.group.topicSubscribers == ["foo": 1])
        #expect(stage.group.epoch == 4)
        #expect(try stage.rebuilt().hardPart == stage.group.hardPart)
    }

    @Test func `members with different expressions share what both match`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("foo", partitions: 2)
        try stage.topic("bar", partitions: 2)
        _ = stage.join("a", nil, regex: "foo|bar")
        stage.pass(.seconds(11))
        _ = stage.join("b", nil, regex: "bar")
        #expect(!stage.group.isHomogeneous)
        #expect(stage.group.target.members["a"] == [ConsumerGroupStage.id("foo"): [0, 1]])
        #expect(stage.group.target.members["b"] == [ConsumerGroupStage.id("bar"): [0, 1]])
    }

    @Test func `a second expression within ten seconds waits for its topics`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("foo", partitions: 2)
        try stage.topic("bar", partitions: 2)
        _ = stage.join("a", nil, regex: "foo")
        #expect(stage.join("b", nil, regex: "bar").assigned("bar") == [:])
        #expect(stage.group.epoch == 1)
        stage.pass(.seconds(11))
        #expect(stage.beat("b", 1).assigned("bar") == ["bar": [0, 1]])
    }

    @Test func `an expression that takes long is looked for in several heartbeats, and stops nobody`() throws {
        var stage = ConsumerGroupStage()
        for index in 0..<8 { try stage.topic("t\(index)" + String(repeating: "x", count: 230), partitions: 1) }
        try stage.topic("foo", partitions: 1)
        let heavy = String(repeating: "[a-z0-9]{0,250}", count: 20)
        #expect(stage.join("a", nil, regex: heavy).assignment?.topicPartitions.isEmpty == true)
        #expect(stage.group.regexes.isEmpty && stage.group.regexSearch != nil)
        #expect(stage.beat("a", 1).memberEpoch == 1)
        var rounds = 0
        while stage.group.regexes.isEmpty, rounds < 100 {
            stage.pass(.milliseconds(100))
            _ = stage.beat("a", 1)
            rounds += 1
        }
        #expect((2..<20).contains(rounds))
        #expect(stage.group.regexSearch == nil)
        #expect(stage.group.regexes[heavy]?.topics.count == 9)
        #expect(stage.group.epoch == 2)
        #expect(stage.log.count { $0.key[1] == 16 } == 1)
        #expect(try stage.rebuilt().hardPart == stage.group.hardPart)
    }

    @Test func `an expression that is given up while it is looked for is not written`() throws {
        var stage = ConsumerGroupStage()
        for index in 0..<8 { try stage.topic("t\(index)" + String(repeating: "x", count: 230), partitions: 1) }
        _ = stage.join("a", nil, regex: String(repeating: "[a-z0-9]{0,250}", count: 20))
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", "a", 1)
        (request.subscribedTopicRegex, request.subscribedTopicNames) = ("", ["t"])
        _ = stage.heartbeat(request)
        stage.pass(.seconds(11))
        _ = stage.beat("a", 2)
        #expect(stage.group.regexSearch == nil && stage.group.regexes.isEmpty)
        #expect(!stage.log.contains { $0.key[1] == 16 })
    }
}
