import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Metadata
import Testing
import Timing

@testable import GroupCoordinator

/// A shard whose records go into a list instead of a log, and whose clock is moved by hand.
struct ShardBench {
    var shard = CoordinatorShard<GroupShard>()
    /// All records that were appended.
    var log: [CoordinatorRecord] = []
    var answers: [Owed: GroupAnswer] = [:]
    var notes: [Note] = []
    var context: GroupContext
    private var lastOwed: UInt64 = 0
    /// The next append fails with this.
    var appendFailure: ErrorCode?

    init(_ settings: GroupSettings = GroupSettings(), topics: [String: Int] = [:]) {
        var settings = settings
        settings.initialRebalanceDelay = .zero
        context = GroupContext(
            now: Instant(nanoseconds: 0), wall: Timestamp(milliseconds: 1_700_000_000_000), settings: settings,
            image: Self.image(topics))
        shard.beginLoading()
        let effects = shard.finishLoading(context)
        shard.keep(effects)
    }

    /// What another broker would make of the log.
    init(reading log: [CoordinatorRecord], like other: ShardBench) {
        context = other.context
        self.log = log
        shard.beginLoading()
        for record in log { #expect(shard.load(.record(record, producerID: nil)) == .taken) }
        let effects = shard.finishLoading(context)
        carryOut(effects)
    }

    static func image(_ topics: [String: Int]) -> ClusterImage {
        var records: [MetadataRecord] = []
        for (name, count) in topics.sorted(by: { $0.key < $1.key }) {
            var topic = TopicRecord()
            topic.name = name
            topic.topicId = .random()
            records.append(.topic(topic))
            for index in 0..<count {
                var partition = PartitionRecord()
                partition.topicId = topic.topicId
                partition.partitionId = Int32(index)
                partition.replicas = [1]
                partition.isr = [1]
                partition.leader = 1
                records.append(.partition(partition))
            }
        }
        var image = ClusterImage(clusterID: "c")
        for record in records { try? image.apply(record) }
        return image
    }

    var groups: [String: Group] { shard.state.groups }

    mutating func carryOut(_ effects: GroupShard.Effects) {
        if !effects.records.isEmpty, let code = appendFailure {
            appendFailure = nil
            let aftermath = shard.takeBack(effects, code, context)
            for (owed, answer) in aftermath.answers { answers[owed] = answer }
            return
        }
        log += effects.records
        shard.keep(effects)
        notes += effects.notes
        for (owed, answer) in effects.answers { answers[owed] = answer }
    }

    @discardableResult
    mutating func run(
        _ decide: (inout GroupShard, Owed, GroupContext, inout GroupEffects) -> Void
    ) -> GroupAnswer? {
        lastOwed += 1
        let owed = Owed(number: lastOwed)
        let context = context
        let effects = shard.decide { state, effects in decide(&state, owed, context, &effects) }
        carryOut(effects)
        return answers[owed]
    }

    /// Lets the time pass, and what is due happen.
    mutating func pass(_ duration: Duration) {
        let end = context.now + duration
        while let next = shard.timers.nextWake, next <= end {
            move(to: max(next, context.now))
            guard let (_, effects) = shard.decideDue(context, now: context.now) else { continue }
            carryOut(effects)
        }
        move(to: end)
    }

    private mutating func move(to instant: Instant) {
        context.wall.milliseconds += (instant - context.now).wholeMilliseconds
        context.now = instant
    }

    // MARK: Requests

    mutating func commit(
        _ group: String, _ topic: String, _ partition: Int32, _ offset: Int64, version: Int16 = 9,
        _ change: (inout OffsetCommitRequest) -> Void = { _ in }
    ) -> ErrorCode? {
        var request = OffsetCommitRequest()
        request.groupId = group
        var one = OffsetCommitRequest.OffsetCommitRequestPartition()
        one.partitionIndex = partition
        one.committedOffset = offset
        var named = OffsetCommitRequest.OffsetCommitRequestTopic()
        named.name = topic
        named.topicId = context.image.topicID(topic) ?? .zero
        named.partitions = [one]
        request.topics = [named]
        change(&request)
        let answer = run { shard, owed, context, effects in
            shard.commit(request, version: version, owed: owed, context, into: &effects)
        }
        guard case .offsetCommit(let response) = answer else { return nil }
        return (response.topics.first?.partitions.first?.errorCode).flatMap(ErrorCode.init(rawValue:))
    }

    func offset(_ group: String, _ topic: String, _ partition: Int32) -> Int64? {
        shard.state.offsets.offset(group, topic, partition)?.offset
    }

    mutating func join(_ group: String, _ member: String, topics: [String] = ["t"]) -> JoinGroupResponse? {
        var subscription = ConsumerProtocolSubscription()
        subscription.topics = topics
        var request = JoinGroupRequest()
        request.groupId = group
        request.memberId = member
        request.sessionTimeoutMs = 10_000
        request.rebalanceTimeoutMs = 60_000
        request.protocolType = "consumer"
        var offer = JoinGroupRequest.JoinGroupRequestProtocol()
        offer.name = "range"
        offer.metadata = subscription.framed(version: 1)
        request.protocols = [offer]
        run { shard, owed, context, effects in
            shard.join(
                request, version: 3, uuid: .random(), client: GroupClient(id: "c", host: "/h"), owed: owed, context,
                into: &effects)
        }
        // The delay of the first generation is nothing, but it is a timer.
        pass(.zero)
        if case .joinGroup(let response) = answers[Owed(number: lastOwed)] { return response }
        return nil
    }

    /// A new member's answer, which is there as long as it need not wait for others.
    mutating func joined(_ group: String, topics: [String] = ["t"]) throws -> JoinGroupResponse {
        let answer = join(group, "", topics: topics)
        return try #require(answer)
    }

    mutating func sync(_ group: String, _ member: String, generation: Int32) -> ErrorCode? {
        var request = SyncGroupRequest()
        request.groupId = group
        request.memberId = member
        request.generationId = generation
        var assignment = SyncGroupRequest.SyncGroupRequestAssignment()
        assignment.memberId = member
        assignment.assignment = [1, 2]
        request.assignments = [assignment]
        let answer = run { shard, owed, context, effects in
            shard.sync(request, version: 3, owed: owed, context, into: &effects)
        }
        if case .syncGroup(let response) = answer { return ErrorCode(rawValue: response.errorCode) }
        return nil
    }

    mutating func expire() {
        var ids = ArraySlice(groups.keys.sorted())
        while !ids.isEmpty {
            var done = 0
            run { shard, _, context, effects in done = shard.expire(ids, context, into: &effects) }
            ids = ids.dropFirst(done)
        }
    }
}
