import Coordination
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

/// Who is in the group, in which epoch, and who is refused.
@Suite struct ConsumerGroupMembershipTests {
    @Test func `the first member has everything with its first heartbeat`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 3)
        let joined = stage.join("a")
        #expect(joined.error == .none)
        #expect(joined.memberId == "a")
        #expect(joined.memberEpoch == 1)
        #expect(joined.heartbeatIntervalMs == 5000)
        #expect(joined.assigned("t") == ["t": [0, 1, 2]])
        #expect(stage.group.state == .stable)
        #expect(stage.log.map { $0.key[1] } == [5, 4, 3, 7, 6, 8])
        #expect(stage.timers == [.session(group: "g", member: "a"): stage.now + .seconds(45)])

        let records = stage.log.count
        let again = stage.beat("a", 1)
        #expect(again.memberEpoch == 1)
        #expect(again.assignment == nil)
        #expect(stage.log.count == records)
        let full = stage.beat("a", 1, owned: ["t": [0, 1, 2]])
        #expect(full.assignment == nil, "what it has is no full heartbeat")
    }

    @Test func `a member of version 0 is given its id`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 1)
        #expect(stage.join("").memberId == "given")
        #expect(stage.group.members.keys.sorted() == ["given"])
    }

    @Test func `a partition changes hands when the one who has it gave it up`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        _ = stage.join("a")
        let second = stage.join("b")
        #expect(second.memberEpoch == 2)
        #expect(second.assigned("t") == [:], "all are in the hands of a")
        #expect(stage.group.state == .reconciling)

        let told = stage.beat("a", 1)
        #expect(told.memberEpoch == 1, "it stays in its epoch until it gave up")
        #expect(told.assigned("t") == ["t": [0, 1]])
        #expect(stage.timers[.rebalance(group: "g", member: "a")] == stage.now + .seconds(10))
        #expect(stage.beat("a", 1).assignment == nil)
        #expect(stage.beat("a", 1, owned: ["t": [0, 1, 2]]).memberEpoch == 1)
        #expect(stage.beat("b", 2).assignment == nil)

        let free = stage.beat("a", 1, owned: ["t": [0, 1]])
        #expect(free.memberEpoch == 2)
        #expect(stage.timers[.rebalance(group: "g", member: "a")] == nil)
        #expect(stage.beat("b", 2).assigned("t") == ["t": [2, 3]])
        #expect(stage.group.state == .stable)
    }

    @Test func `a member that does not give up in time is removed`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a", rebalanceTimeoutMs: 10_000)
        _ = stage.join("b")
        _ = stage.beat("a", 1)
        for _ in 0..<3 {
            stage.wait(.seconds(3))
            #expect(stage.beat("a", 1).error == .none)
        }
        stage.wait(.seconds(1))
        #expect(stage.group.members.keys.sorted() == ["b"])
        #expect(stage.beat("a", 1).error == .unknownMemberID)
        #expect(stage.beat("b", 2).assigned("t") == ["t": [0, 1]])
        #expect(stage.group.epoch == 3)
    }

    @Test func `a silent member is removed after its session`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        stage.wait(.seconds(40))
        _ = stage.beat("a", 1)
        stage.wait(.seconds(44))
        #expect(stage.group.memberCount == 1)
        stage.wait(.seconds(1))
        #expect(stage.group.isEmpty)
        #expect(stage.group.stateName == "Empty")
        #expect(stage.timers.isEmpty)
        #expect(stage.group.target.members.isEmpty)
        #expect(stage.group.seenTopics.isEmpty)
    }

    @Test func `a member that leaves makes room`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        _ = stage.join("b")
        let left = stage.leave("a")
        #expect(left.error == .none)
        #expect(left.memberId == "a")
        #expect(left.memberEpoch == -1)
        #expect(stage.beat("b", 2).assigned("t") == ["t": [0, 1]])
        #expect(stage.leave("a").error == .unknownMemberID)
        #expect(stage.leave("a").errorMessage == "Member a is not a member of group g.")
    }

    @Test func `a member of another epoch is fenced`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        _ = stage.join("b")
        _ = stage.beat("a", 1)
        _ = stage.beat("a", 1, owned: ["t": [0]])
        #expect(stage.group.members["a"]?.epoch == 2)
        let ahead = stage.beat("a", 3)
        #expect(ahead.error == .fencedMemberEpoch)
        #expect(
            ahead.errorMessage
                == "The consumer group member has a greater member epoch (3) than the one known by the group "
                + "coordinator (2). The member must abandon all its partitions and rejoin.")
        #expect(stage.beat("a", 1).error == .fencedMemberEpoch, "it does not say what it has")
        #expect(stage.beat("a", 1, owned: ["t": [0, 1]]).error == .fencedMemberEpoch, "it has too much")
        let late = stage.beat("a", 1, owned: ["t": [0]])
        #expect(late.error == .none, "the answer with epoch 2 was lost")
        #expect(late.memberEpoch == 2)
    }

    @Test func `a fenced member joins again under its id`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        let again = stage.join("a")
        #expect(again.memberEpoch == 1)
        #expect(again.assigned("t") == ["t": [0, 1]])
    }

    @Test func `who is not in the group cannot begin in its middle`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        _ = stage.join("a")
        #expect(stage.beat("x", 1).error == .unknownMemberID)
    }

    @Test func `a full group takes nobody in`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        stage.settings.consumerMembersMax = 1
        _ = stage.join("a", instance: "i")
        let refused = stage.join("b")
        #expect(refused.error == .groupMaxSizeReached)
        #expect(refused.errorMessage == "The consumer group has reached its maximum capacity of 1 members.")
        #expect(stage.join("a", instance: "i").error == .unreleasedInstanceID)
        _ = stage.leave("a", epoch: -2, instance: "i")
        #expect(stage.join("c", instance: "i").error == .none)
    }
}

/// Members with `group.instance.id`.
@Suite struct ConsumerGroupStaticMemberTests {
    @Test func `a static member that comes back has what it had, without a new assignment`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        _ = stage.join("a", instance: "i")
        _ = stage.join("b", instance: "j")
        _ = stage.beat("a", 1, owned: ["t": [0, 1]], instance: "i")
        _ = stage.beat("b", 2, instance: "j")
        #expect(stage.group.state == .stable)

        let left = stage.leave("a", epoch: -2, instance: "i")
        #expect(left.memberEpoch == -2)
        #expect(stage.group.members["a"]?.epoch == -2)
        #expect(stage.beat("b", 2, instance: "j").assignment == nil)

        let back = stage.join("c", instance: "i")
        #expect(back.error == .none)
        #expect(back.memberEpoch == 2)
        #expect(back.assigned("t") == ["t": [0, 1]])
        #expect(stage.group.epoch == 2)
        #expect(stage.group.members.keys.sorted() == ["b", "c"])
        #expect(stage.group.staticMembers == ["i": "c", "j": "b"])
        #expect(stage.beat("b", 2, instance: "j").assignment == nil)
        #expect(stage.timers[.session(group: "g", member: "a")] == nil)
        #expect(stage.leave("a", epoch: -1, instance: "i").error == .fencedInstanceID)
        #expect(
            stage.beat("a", 2, instance: "i").errorMessage
                == "Static member a with instance id i was fenced by member c.")
    }

    @Test func `a static member that does not come back is removed after its session`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        _ = stage.join("a", instance: "i")
        _ = stage.leave("a", epoch: -2, instance: "i")
        stage.wait(.seconds(45))
        #expect(stage.group.isEmpty)
        #expect(stage.group.staticMembers.isEmpty)
    }

    @Test func `a static member that leaves for good is gone`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        _ = stage.join("a", instance: "i")
        #expect(stage.leave("a", epoch: -1, instance: "i").error == .none)
        #expect(stage.group.isEmpty)
        #expect(stage.leave("a", epoch: -2, instance: "i").error == .unknownMemberID)
        #expect(stage.beat("a", 1, instance: "i").errorMessage == "Instance id i is unknown.")
    }

    @Test func `an instance that is in use is not given away`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 4)
        _ = stage.join("a", instance: "i")
        let refused = stage.join("b", instance: "i")
        #expect(refused.error == .unreleasedInstanceID)
        #expect(
            refused.errorMessage
                == "Static member b with instance id i cannot join the group because the instance id is owned by a "
                + "member.")
        #expect(stage.group.memberCount == 1)
    }

    @Test func `a static member that comes back with another subscription starts an assignment`() throws {
        var stage = ConsumerGroupStage()
        try stage.topic("t", partitions: 2)
        try stage.topic("u", partitions: 2)
        _ = stage.join("a", instance: "i")
        _ = stage.leave("a", epoch: -2, instance: "i")
        let back = stage.join("b", ["u"], instance: "i")
        #expect(back.memberEpoch == 2)
        #expect(back.assigned("t", "u") == ["u": [0, 1]])
        #expect(try stage.rebuilt().hardPart == stage.group.hardPart)
    }
}
