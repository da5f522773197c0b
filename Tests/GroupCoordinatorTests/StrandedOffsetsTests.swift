import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Metadata
import Testing
import Timing

@testable import GroupCoordinator

/// Offsets have a group, or nobody finds them, and they never end.
@Suite struct StrandedOffsetsTests {
    private var shard = CoordinatorShard<GroupShard>()
    private var log: [CoordinatorRecord] = []
    private var context = GroupContext(
        now: Instant(nanoseconds: 0), wall: Timestamp(milliseconds: 1_700_000_000_000), settings: GroupSettings(),
        image: ClusterImage(clusterID: "c"))
    private let client = GroupClient(id: "c", host: "/h")
    private let owed = Owed(number: 1)

    init() { load([]) }

    private mutating func load(_ records: [LoadedRecord]) {
        shard.beginLoading()
        for record in records { #expect(shard.load(record) == .taken) }
        let effects = shard.finishLoading(context)
        shard.keep(effects)
    }

    /// As another broker reads it.
    private mutating func reload() { load(log.map { .record($0, producerID: nil) }) }

    @discardableResult
    private mutating func run(
        _ decide: (inout GroupShard, GroupContext, inout GroupEffects) -> Void
    ) -> GroupAnswer? {
        let context = context
        let effects = shard.decide { state, effects in decide(&state, context, &effects) }
        log += effects.records
        shard.keep(effects)
        return effects.answers.first?.answer
    }

    private mutating func commit(_ partition: Int32 = 0, _ offset: Int64 = 7) {
        var request = OffsetCommitRequest()
        request.groupId = "g"
        request.topics = [OffsetCommitRequest.OffsetCommitRequestTopic()]
        request.topics[0].name = "t"
        request.topics[0].partitions = [OffsetCommitRequest.OffsetCommitRequestPartition()]
        request.topics[0].partitions[0].partitionIndex = partition
        request.topics[0].partitions[0].committedOffset = offset
        let owed = owed
        run { shard, context, effects in
            shard.commit(request, version: 9, owed: owed, context, into: &effects)
        }
    }

    private var fetched: Int64? {
        var request = OffsetFetchRequest.OffsetFetchRequestGroup()
        request.groupId = "g"
        request.topics = nil
        return shard.state.fetch(request, requireStable: false).topics.first?.partitions.first?.committedOffset
    }

    private mutating func heartbeat(_ epoch: Int32, regex: String? = nil) -> ErrorCode? {
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", "m", epoch)
        request.rebalanceTimeoutMs = 1000
        (request.subscribedTopicNames, request.subscribedTopicRegex) = (["t"], regex)
        request.topicPartitions = []
        let (client, owed) = (client, owed)
        let answer = run { shard, context, effects in
            shard.heartbeat(request, newMemberID: "n", client: client, owed: owed, context, into: &effects)
        }
        guard case .consumerGroupHeartbeat(let response) = answer else { return nil }
        return ErrorCode(code: response.errorCode)
    }

    private mutating func join(_ memberID: String, version: Int16 = 9) -> ErrorCode? {
        var request = JoinGroupRequest()
        (request.groupId, request.memberId, request.protocolType) = ("g", memberID, "consumer")
        (request.sessionTimeoutMs, request.rebalanceTimeoutMs) = (10_000, 60_000)
        request.protocols = [JoinGroupRequest.JoinGroupRequestProtocol()]
        request.protocols[0].name = "range"
        let (client, owed) = (client, owed)
        let answer = run { shard, context, effects in
            shard.join(
                request, version: version, uuid: .random(), client: client, owed: owed, context, into: &effects)
        }
        guard case .joinGroup(let response) = answer else { return nil }
        return ErrorCode(code: response.errorCode)
    }

    // MARK: Empty groups that somebody calls

    @Test mutating func `a classic member of old that comes to an empty consumer group does not end it`() {
        #expect(heartbeat(0) == ErrorCode.none)
        #expect(heartbeat(-1) == ErrorCode.none)
        commit()
        let written = log.count
        #expect(join("old") == .unknownMemberID)
        #expect(log.count == written)
        #expect(shard.state.groups["g"]?.type == .consumer)
        #expect(fetched == 7)
        // One that is new does, and finds the offsets.
        #expect(join("") == .memberIDRequired)
        #expect(shard.state.groups["g"]?.type == .classic)
        #expect(fetched == 7)
        reload()
        #expect(shard.state.groups["g"]?.type == .classic)
        #expect(fetched == 7)
    }

    @Test mutating func `a consumer that is refused leaves an empty classic group what it is`() {
        commit()
        #expect(heartbeat(0, regex: "(") == .invalidRegularExpression)
        #expect(log.count == 1)
        #expect(shard.state.groups["g"]?.type == .classic)
        #expect(heartbeat(0) == ErrorCode.none)
        #expect(shard.state.groups["g"]?.type == .consumer)
        reload()
        #expect(shard.state.groups["g"]?.type == .consumer)
        #expect(heartbeat(-1) == ErrorCode.none)
        #expect(fetched == 7)
    }

    // MARK: Logs

    @Test mutating func `offsets behind which their group was ended have a group again`() {
        commit()
        var key = GroupMetadataKey()
        key.group = "g"
        log.append(.tombstone(key))
        reload()
        #expect(fetched == 7)
        #expect(shard.state.groups["g"]?.stateName == "Empty")
        context.wall.milliseconds += context.settings.offsetRetention.wholeMilliseconds
        run { shard, context, effects in _ = shard.expire(["g"], context, into: &effects) }
        #expect(shard.state.groups.isEmpty && shard.state.offsets.count == 0)
        reload()
        #expect(shard.state.groups.isEmpty && shard.state.offsets.count == 0)
    }

    @Test mutating func `a moment of commit from the beginning of time does not trap`() {
        var key = OffsetCommitKey()
        (key.group, key.topic) = ("g", "t")
        var value = OffsetCommitValue()
        value.commitTimestamp = .min
        log = [CoordinatorRecord(key, value, version: 3)]
        reload()
        run { shard, context, effects in _ = shard.expire(["g"], context, into: &effects) }
        #expect(shard.state.groups.isEmpty)
    }

    // MARK: Transactions

    private func open(_ partitions: Range<Int32>) -> [LoadedRecord] {
        partitions.map { partition in
            let offset = CommittedOffset(offset: 1, commitTimestamp: 1)
            return .record(offset.record("g", "t", partition), producerID: 5)
        }
    }

    @Test mutating func `offsets of an open transaction go with their group for good`() {
        load(open(0..<3))
        run { shard, context, effects in #expect(shard.delete("g", context, into: &effects) == .none) }
        #expect(shard.state.groups.isEmpty)
        #expect(!shard.state.offsets.hasOpen("g"))
        #expect(log.count == 4)
    }

    @Test mutating func `a topic with more open offsets than fit into a batch is done with at last`() {
        load(open(0..<2500))
        var rounds = 0
        var isDone = false
        while !isDone, rounds < 10 {
            run { shard, context, effects in isDone = shard.topicsDeleted(["t"], context, into: &effects) }
            rounds += 1
        }
        #expect(rounds == 3)
        #expect(log.count == 2500 && Set(log.map(\.key)).count == 2500)
    }

    // MARK: Expiry

    @Test mutating func `a look for what has expired does not look at everything at once`() {
        let offset = CommittedOffset(offset: 1, commitTimestamp: context.wall.milliseconds)
        load(
            (0..<10).flatMap { group in
                (0..<5000).map { partition in .record(offset.record("g\(group)", "t", partition), producerID: nil) }
            })
        let ids = Array(shard.state.groups.keys)
        var (done, rounds) = (0, 0)
        while done < ids.count, rounds < 100 {
            run { shard, context, effects in done += shard.expire(ids[done...], context, into: &effects) }
            rounds += 1
        }
        #expect(done == ids.count)
        #expect(rounds == 5)
        #expect(shard.state.groups.count == 10)
    }
}
