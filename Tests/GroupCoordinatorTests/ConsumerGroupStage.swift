import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Timing

@testable import GroupCoordinator
@testable import Metadata

/// A consumer group on a stage: a clock, topics, the log and the timers around it.
struct ConsumerGroupStage {
    var group = ConsumerGroup(id: "g")
    var settings = GroupSettings()
    var image = ClusterImage(clusterID: "test")
    var now = Instant(nanoseconds: 1_000_000_000)
    var wall = Timestamp(milliseconds: 1_700_000_000_000)
    var log: [CoordinatorRecord] = []
    var timers: [GroupTimer: Instant] = [:]
    var answers: [UInt64: GroupAnswer] = [:]
    var notes: [String] = []
    private var owed: UInt64 = 0

    init() {
        // Tests that are not about it need no patience.
        settings.consumer.assignmentInterval = .zero
        settings.assignors = ["uniform", "range"]
    }

    var context: GroupContext { GroupContext(now: now, wall: wall, settings: settings, image: image) }

    static func id(_ topic: String) -> UUID {
        UUID(high: 7, low: topic.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    }

    /// Creates a topic, or gives it more partitions. The image moves on with each.
    mutating func topic(_ name: String, partitions: Int, racks: [String] = []) throws {
        var records: [MetadataRecord] = []
        if image.topic(name) == nil {
            var topic = TopicRecord()
            (topic.name, topic.topicId) = (name, Self.id(name))
            records.append(.topic(topic))
        }
        for index in (image.topic(name)?.partitions.count ?? 0)..<partitions {
            var partition = PartitionRecord()
            (partition.topicId, partition.partitionId) = (Self.id(name), Int32(index))
            (partition.replicas, partition.isr, partition.leader) = ([1], [1], 1)
            partition.directories = [.zero]
            records.append(.partition(partition))
        }
        try image.apply(records)
        image = image.at(image.offset + Int64(records.count))
    }

    mutating func delete(_ name: String) throws {
        var record = RemoveTopicRecord()
        record.topicId = Self.id(name)
        try image.apply(.removeTopic(record))
        image = image.at(image.offset + 1)
    }

    mutating func pass(_ duration: Duration) {
        now = now + duration
        wall.milliseconds += duration.wholeMilliseconds
    }

    /// Lets time go by and timers fire, in their order.
    mutating func wait(_ duration: Duration) {
        let end = now + duration
        while let next = timers.filter({ $0.value <= end }).min(by: { $0.value < $1.value }) {
            timers[next.key] = nil
            pass(max(next.value - now, .zero))
            perform { group, context, effects in group.fired(next.key, context, into: &effects) }
        }
        pass(end - now)
    }

    mutating func perform(
        _ event: (inout ConsumerGroup, GroupContext, inout GroupEffects) -> Void
    ) {
        var effects = GroupEffects()
        event(&group, context, &effects)
        log += effects.records
        for (timer, deadline) in effects.timers { timers[timer] = deadline }
        for (owed, answer) in effects.answers { answers[owed.number] = answer }
        notes += effects.notes.map(\.text)
    }

    mutating func ask(
        _ event: (inout ConsumerGroup, Owed, GroupContext, inout GroupEffects) -> Void
    ) -> GroupAnswer? {
        owed += 1
        let number = Owed(number: owed)
        perform { group, context, effects in event(&group, number, context, &effects) }
        return answers.removeValue(forKey: owed)
    }

    mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, client: GroupClient = GroupClient(id: "client", host: "/127.0.0.1")
    ) -> ConsumerGroupHeartbeatResponse {
        let answer = ask { group, owed, context, effects in
            group.heartbeat(
                request, newMemberID: "given", client: client, owed: owed, context, into: &effects)
        }
        guard case .consumerGroupHeartbeat(let response) = answer else { return ConsumerGroupHeartbeatResponse() }
        return response
    }

    mutating func join(
        _ member: String, _ topics: [String]? = ["t"], regex: String? = nil, instance: String? = nil,
        assignor: String? = nil, rebalanceTimeoutMs: Int32 = 10_000
    ) -> ConsumerGroupHeartbeatResponse {
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", member, 0)
        (request.instanceId, request.serverAssignor) = (instance, assignor)
        request.rebalanceTimeoutMs = rebalanceTimeoutMs
        (request.subscribedTopicNames, request.subscribedTopicRegex) = (topics, regex)
        request.topicPartitions = []
        return heartbeat(request)
    }

    /// A heartbeat that says nothing new, except what the member has if that is given.
    mutating func beat(
        _ member: String, _ epoch: Int32, owned: [String: [Int32]]? = nil, instance: String? = nil
    ) -> ConsumerGroupHeartbeatResponse {
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", member, epoch)
        request.instanceId = instance
        request.topicPartitions = owned.map { owned in
            owned.map { topic, partitions in
                var told = ConsumerGroupHeartbeatRequest.TopicPartitions()
                (told.topicId, told.partitions) = (Self.id(topic), partitions)
                return told
            }
        }
        return heartbeat(request)
    }

    mutating func leave(_ member: String, epoch: Int32 = -1, instance: String? = nil)
        -> ConsumerGroupHeartbeatResponse
    {
        beat(member, epoch, instance: instance)
    }

    /// The group as another broker would read it from the log.
    func rebuilt() throws -> ConsumerGroup { try Self.rebuilt(log) }

    static func rebuilt(_ log: [CoordinatorRecord]) throws -> ConsumerGroup {
        var group = ConsumerGroup(id: "g")
        for record in log {
            let type = Int16(bitPattern: UInt16(record.key[0]) << 8 | UInt16(record.key[1]))
            let decoded = try ConsumerGroupRecord.decode(
                type: type, key: record.key.span.bytes, value: record.value?.span.bytes)
            guard let decoded else { continue }
            if decoded.record.endsGroup { group = ConsumerGroup(id: "g") } else { group.replay(decoded.record) }
        }
        return group
    }

    /// The log after compaction: of each key the last record, where that stood; tombstones are gone.
    var compacted: [CoordinatorRecord] {
        var last: [[UInt8]: Int] = [:]
        for (index, record) in log.enumerated() { last[record.key] = index }
        return log.indices.filter { last[log[$0].key] == $0 && log[$0].value != nil }.map { log[$0] }
    }
}

extension ClusterImage {
    func at(_ offset: Int64) -> ClusterImage {
        var image = self
        image.offset = offset
        return image
    }
}

extension ConsumerGroupHeartbeatResponse {
    /// What it assigns, by names of topics: `t: 0 1 2`.
    func assigned(_ topics: String...) -> [String: [Int32]]? {
        guard let assignment else { return nil }
        var told: [String: [Int32]] = [:]
        for topic in topics {
            guard let found = assignment.topicPartitions.first(where: { $0.topicId == ConsumerGroupStage.id(topic) })
            else { continue }
            told[topic] = found.partitions
        }
        return told
    }

    var error: ErrorCode { ErrorCode(code: errorCode) }
}

extension ConsumerGroup {
    /// What must be the same after the log was read again.
    struct HardPart: Equatable {
        let epoch: Int32
        let members: [String: ConsumerGroupMember]
        let target: Target
        let seenTopics: [String: SeenTopic]
        let regexes: [String: ResolvedRegex]
        let staticMembers: [String: String]
        let topicSubscribers: [String: Int]
        let regexSubscribers: [String: Int]
        let assignorVotes: [String: Int]
        let classicMembers: Int
        let classicOffers: [String: Int]
        let holders: HeldPartitions
    }

    var hardPart: HardPart {
        HardPart(
            epoch: epoch, members: members, target: target, seenTopics: seenTopics, regexes: regexes,
            staticMembers: staticMembers, topicSubscribers: topicSubscribers, regexSubscribers: regexSubscribers,
            assignorVotes: assignorVotes, classicMembers: classicMembers, classicOffers: classicOffers,
            holders: holders)
    }
}
