import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Testing
import Timing

@testable import GroupCoordinator

/// Consumers that do as they please: they come, go, crash, are slow to give up, miss answers and change their minds,
/// while topics come, grow and go. Whatever they do, no two have the same partition, and when all is quiet everybody has
/// a share.
@Suite struct ConsumerGroupWalkTests {
    /// In every other walk some members speak the classic protocol.
    @Test(arguments: 0..<30)
    func `no partition has two owners, and the log tells all`(seed: Int) throws {
        var walk = try ConsumerWalk(seed: UInt64(seed), hasClassic: seed % 2 == 1)
        for step in 0..<250 {
            try walk.step()
            try walk.check("seed \(seed) step \(step)")
            if step % 25 == 0 { try walk.checkLog("seed \(seed) step \(step)") }
        }
        try walk.checkLog("seed \(seed) at the end")
        try walk.quiet("seed \(seed)")
    }
}

/// One consumer as the group's other end sees itself.
private struct Consumer {
    let id: String
    var instance: String?
    var epoch: Int32 = 0
    var topics: [String]
    var regex: String?
    var owned: Set<Owned> = []
    var wanted: Set<Owned>?
    /// The last answer was lost: tell everything again.
    var isUnsure = false
    var isRunning = true
    var classic: Classic?

    /// Of the classic protocol: an eager one gives up everything before it joins again.
    struct Classic {
        var isEager: Bool
        var step = Step.out

        enum Step { case out, joined, synced }
    }

    struct Owned: Hashable {
        let topic: UUID
        let partition: Int32
    }
}

private struct ConsumerWalk {
    private var stage = ConsumerGroupStage()
    private var random: SplitMix
    private var consumers: [Consumer] = []
    private var count = 0
    private let hasClassic: Bool

    init(seed: UInt64, hasClassic: Bool) throws {
        random = SplitMix(seed)
        self.hasClassic = hasClassic
        // It stays a group of the consumer protocol, whoever is left.
        stage.settings.migrationPolicy = .upgrade
        if seed % 3 == 1 { stage.settings.consumer.assignmentInterval = .seconds(1) }
        for index in 0..<3 { try stage.topic("t\(index)", partitions: Int.random(in: 1...6, using: &random)) }
    }

    mutating func step() throws {
        let choice = Int.random(in: 0..<100, using: &random)
        switch choice {
        case 0..<55:
            guard let index = consumers.indices.filter({ consumers[$0].isRunning }).randomElement(using: &random) else {
                return join()
            }
            beat(index, losing: Int.random(in: 0..<10, using: &random) == 0)
        case 55..<70: for index in consumers.indices where Bool.random(using: &random) { giveUp(index) }
        case 70..<78: if consumers.count < 8 { join() }
        case 78..<82: leave()
        case 82..<84:
            guard let index = consumers.indices.randomElement(using: &random) else { return }
            consumers[index].isRunning.toggle()
        case 84..<88: changeMind()
        case 88..<91: try changeTopics()
        default: wait(.milliseconds(Int.random(in: 100...8000, using: &random)))
        }
    }

    private mutating func subscription() -> (topics: [String], regex: String?) {
        let topics = (0..<4).map { "t\($0)" }.filter { _ in Bool.random(using: &random) }
        let regex =
            Int.random(in: 0..<4, using: &random) == 0 ? ["t.*", "t[01]", "t2|t3"].randomElement(using: &random) : nil
        return (topics, regex)
    }

    private mutating func join() {
        count += 1
        let (topics, regex) = subscription()
        var consumer = Consumer(id: "m\(count)", topics: topics, regex: regex)
        if Int.random(in: 0..<3, using: &random) == 0 {
            consumer.instance = "i\(Int.random(in: 0..<3, using: &random))"
        }
        // A classic member can only join a group that is there.
        if hasClassic, !stage.group.isEmpty, Bool.random(using: &random) {
            (consumer.instance, consumer.regex) = (nil, nil)
            consumer.classic = .init(isEager: Bool.random(using: &random))
        }
        consumers.append(consumer)
        beat(consumers.count - 1, losing: false)
    }

    /// A heartbeat, with what the consumer has if that is news or if it is not sure what the group knows.
    private mutating func beat(_ index: Int, losing isLost: Bool) {
        let consumer = consumers[index]
        guard consumer.classic == nil else { return goOn(index) }
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", consumer.id, consumer.epoch)
        request.instanceId = consumer.instance
        if consumer.epoch == 0 || consumer.isUnsure {
            request.rebalanceTimeoutMs = 20_000
            request.subscribedTopicNames = consumer.topics
            request.subscribedTopicRegex = consumer.regex ?? ""
        }
        if consumer.epoch == 0 || consumer.isUnsure || Bool.random(using: &random) {
            request.topicPartitions = Dictionary(grouping: consumer.owned, by: \.topic).map { topic, owned in
                var told = ConsumerGroupHeartbeatRequest.TopicPartitions()
                (told.topicId, told.partitions) = (topic, owned.map(\.partition))
                return told
            }
        }
        let response = stage.heartbeat(request)
        if isLost {
            consumers[index].isUnsure = consumer.epoch != 0
            if consumer.epoch == 0 { return }
            return
        }
        consumers[index].isUnsure = false
        guard response.error == .none else {
            consumers[index].owned = []
            consumers[index].wanted = nil
            consumers[index].epoch = 0
            if response.error == .unreleasedInstanceID || response.error == .fencedInstanceID {
                consumers.remove(at: index)
            }
            return
        }
        consumers[index].epoch = response.memberEpoch
        if let assignment = response.assignment {
            consumers[index].wanted = Set(
                assignment.topicPartitions.flatMap { topic in
                    topic.partitions.map { Consumer.Owned(topic: topic.topicId, partition: $0) }
                })
            take(index)
        }
    }

    /// It gives up one after the other what it shall not have, and begins with the new when that is done.
    private mutating func giveUp(_ index: Int) {
        guard consumers[index].classic == nil, let wanted = consumers[index].wanted else { return }
        let excess = consumers[index].owned.subtracting(wanted)
        if let one = excess.randomElement(using: &random) { consumers[index].owned.remove(one) }
        take(index)
    }

    private mutating func take(_ index: Int) {
        guard let wanted = consumers[index].wanted, consumers[index].owned.isSubset(of: wanted) else { return }
        consumers[index].owned = wanted
    }

    private mutating func leave() {
        guard let index = consumers.indices.randomElement(using: &random) else { return }
        let consumer = consumers.remove(at: index)
        let isBack = consumer.instance != nil && Bool.random(using: &random)
        if consumer.classic == nil {
            _ = stage.leave(consumer.id, epoch: isBack ? -2 : -1, instance: consumer.instance)
        } else {
            stage.leaveClassic(consumer.id)
        }
        guard isBack else { return }
        count += 1
        var next = Consumer(id: "m\(count)", topics: consumer.topics, regex: consumer.regex)
        next.instance = consumer.instance
        consumers.append(next)
    }

    private mutating func changeMind() {
        guard let index = consumers.indices.randomElement(using: &random), consumers[index].epoch > 0 else { return }
        (consumers[index].topics, consumers[index].regex) = subscription()
        guard consumers[index].classic == nil else { return call(index) }
        consumers[index].isUnsure = true
    }

    private mutating func changeTopics() throws {
        let name = "t\(Int.random(in: 0..<4, using: &random))"
        if let topic = stage.image.topic(name) {
            // A topic that is created again would have another id.
            guard name != "t0", Int.random(in: 0..<3, using: &random) == 0 else {
                try stage.topic(name, partitions: min(topic.partitions.count + 1, 9))
                return
            }
            try stage.delete(name)
        } else {
            try stage.topic(name, partitions: 2)
        }
    }

    /// Time goes by; who was removed meanwhile has lost what it had, in the eyes of the group.
    private mutating func wait(_ duration: Duration) { stage.wait(duration) }

    /// The next thing that a member of the classic protocol does.
    private mutating func goOn(_ index: Int) {
        let consumer = consumers[index]
        switch consumer.classic?.step {
        case .out, nil:
            guard !stage.group.isEmpty else {
                consumers.remove(at: index)
                return
            }
            let (code, generation) = stage.joinClassic(consumer.id, consumer.topics, owned: told(consumer.owned))
            guard code == .none else { return reset(index) }
            consumers[index].epoch = generation
            consumers[index].classic?.step = .joined
        case .joined:
            let (code, assigned) = stage.syncClassic(consumer.id, consumer.epoch)
            guard code == .none else { return code == .rebalanceInProgress ? call(index) : reset(index) }
            let wanted = Set(
                assigned.flatMap { topic, partitions in
                    partitions.map { Consumer.Owned(topic: ConsumerGroupStage.id(topic), partition: $0) }
                })
            let isGivingUp = !consumer.owned.isSubset(of: wanted)
            consumers[index].owned = wanted
            consumers[index].classic?.step = .synced
            // Who gives something up says so at once.
            if isGivingUp { call(index) }
        case .synced:
            let code = stage.heartbeatClassic(consumer.id, consumer.epoch)
            if code == .rebalanceInProgress { call(index) } else if code != .none { reset(index) }
        }
    }

    private mutating func call(_ index: Int) {
        if consumers[index].classic?.isEager == true { consumers[index].owned = [] }
        consumers[index].classic?.step = .out
    }

    private mutating func reset(_ index: Int) {
        consumers[index].owned = []
        consumers[index].epoch = 0
        consumers[index].classic?.step = .out
    }

    private func told(_ owned: Set<Consumer.Owned>) -> [String: [Int32]] {
        var told: [String: [Int32]] = [:]
        for one in owned {
            guard let name = stage.image.topic(id: one.topic)?.name else { continue }
            told[name, default: []].append(one.partition)
        }
        return told
    }

    func check(_ place: String) throws {
        var owners: [Consumer.Owned: String] = [:]
        for consumer in consumers where stage.group.members[consumer.id]?.epoch ?? -1 > 0 {
            guard consumer.epoch > 0 else { continue }
            for owned in consumer.owned {
                #expect(owners[owned] == nil, "\(place): \(owned) is with \(owners[owned] ?? "") and \(consumer.id)")
                owners[owned] = consumer.id
            }
        }
        var held: HeldPartitions = [:]
        for member in stage.group.members.values {
            for (topic, partitions) in member.assigned.merging(
                member.revoking, uniquingKeysWith: { $0.merging($1) { a, _ in a } })
            {
                for partition in partitions.keys {
                    #expect(held[topic]?[partition] == nil, "\(place): two members hold a partition")
                    held[topic, default: [:]][partition] = member.epoch
                }
            }
        }
        #expect(held == stage.group.holders, "\(place)")
    }

    func checkLog(_ place: String) throws {
        #expect(try stage.rebuilt().hardPart == stage.group.hardPart, "\(place)")
        #expect(try ConsumerGroupStage.rebuilt(stage.compacted).hardPart == stage.group.hardPart, "\(place), compacted")
    }

    /// When nobody disturbs them, all get where they shall be.
    mutating func quiet(_ place: String) throws {
        for _ in 0..<40 {
            for index in consumers.indices.reversed() {
                consumers[index].isRunning = true
                guard index < consumers.count else { continue }
                for _ in 0..<(consumers[index].classic == nil ? 1 : 3) where index < consumers.count {
                    beat(index, losing: false)
                }
            }
            for index in consumers.indices {
                for _ in 0..<12 { giveUp(index) }
                consumers[index].isUnsure = true
            }
            try check(place)
            stage.wait(.seconds(3))
        }
        guard !stage.group.isEmpty else { return }
        #expect(stage.group.state == .stable, "\(place)")
        var all: [Consumer.Owned] = []
        for consumer in consumers {
            let assigned = stage.group.members[consumer.id]?.assigned ?? [:]
            let owned = assigned.flatMap { topic, partitions in
                partitions.keys.map { Consumer.Owned(topic: topic, partition: $0) }
            }
            #expect(consumer.owned == Set(owned), "\(place): \(consumer.id)")
            all += owned
        }
        let topics = stage.group.topics(in: stage.image)
        #expect(all.count == topics.values.reduce(0) { $0 + Int($1.partitionCount) }, "\(place)")
    }
}
