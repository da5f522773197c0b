import Bytes
import Coordination
import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import GroupCoordinator

/// Members of both protocols in one group, and groups that change over.
@Suite struct ConsumerGroupMigrationTests {
    @Test func `a consumer turns a classic group over, and the classic member joins again`() throws {
        var stage = try MigrationStage()
        stage.classicMember("c", owned: [0, 1, 2, 3])
        let joined = stage.consumerJoins("n")
        #expect(joined.error == .none)
        #expect(stage.group?.classicMembers == 1)
        #expect(stage.group?.epoch == 2)
        #expect(joined.memberEpoch == 2)
        #expect(joined.assigned("t") == [:])
        #expect(stage.kinds == [2, 5, 4, 3, 7, 6, 8, 5, 3, 7, 7, 6, 8])
        #expect(stage.log[0].value == nil, "the classic group ends")

        #expect(stage.heartbeat("c", 1) == .rebalanceInProgress)
        #expect(stage.sync("c", 1).error == .rebalanceInProgress)
        let first = stage.join("c", owned: [0, 1, 2, 3])
        #expect(first.errorCode == 0)
        #expect(first.generationId == 1, "it has to give up first")
        #expect(first.protocolName == "range")
        #expect(stage.sync("c", 1).partitions == [0, 1])
        #expect(stage.heartbeat("c", 1) == .rebalanceInProgress)
        #expect(stage.join("c", owned: [0, 1]).generationId == 2)
        #expect(stage.sync("c", 2).partitions == [0, 1])
        #expect(stage.heartbeat("c", 2) == ErrorCode.none)
        #expect(stage.consumerBeats("n", 2).assigned("t") == ["t": [2, 3]])
        #expect(stage.group?.state == .stable)
    }

    @Test func `a classic member waits for what the consumer gives up`() throws {
        var stage = try MigrationStage()
        _ = stage.consumerJoins("n")
        let asked = stage.join("", owned: [])
        #expect(asked.errorCode == ErrorCode.memberIDRequired.rawValue)
        #expect(asked.memberId == "given")
        let joined = stage.join("given", owned: [])
        #expect(joined.generationId == 2)
        #expect(stage.sync("given", 2).partitions == [])
        #expect(stage.heartbeat("given", 2) == ErrorCode.none, "nothing is free yet")
        _ = stage.consumerBeats("n", 1)
        _ = stage.consumerBeats("n", 1, owned: [0, 1])
        #expect(stage.heartbeat("given", 2) == .rebalanceInProgress)
        #expect(stage.join("given", owned: []).generationId == 2)
        #expect(stage.sync("given", 2).partitions == [2, 3])
    }

    @Test func `the last consumer turns the group back`() throws {
        var stage = try MigrationStage()
        stage.classicMember("c", owned: [0, 1, 2, 3])
        _ = stage.consumerJoins("n")
        _ = stage.join("c", owned: [0, 1, 2, 3])
        _ = stage.join("c", owned: [0, 1])
        _ = stage.sync("c", 2)
        let records = stage.log.count
        #expect(stage.consumerLeaves("n") == ErrorCode.none)
        guard let classic = stage.classic else {
            Issue.record("it is still a consumer group")
            return
        }
        #expect(stage.kinds[records...] == [8, 8, 7, 7, 6, 5, 5, 4, 3, 2])
        #expect(classic.generation == 2)
        #expect(classic.state == .preparingRebalance)
        #expect(classic.members.keys.sorted() == ["c"])
        #expect(classic.protocolName == "range")
        #expect(MigrationStage.partitions(classic.members["c"]?.assignment ?? []) == [0, 1])
        #expect(stage.timers[.session(group: "g", member: "n")] == nil)
        #expect(stage.timers[.session(group: "g", member: "c")] != nil)
        #expect(stage.timers.keys.filter { if case .classicSync = $0 { true } else { false } }.isEmpty)
    }

    @Test func `a static member goes back to the classic protocol with what it had`() throws {
        var stage = try MigrationStage()
        _ = stage.consumerJoins("n", instance: "i")
        let joined = stage.join("", owned: [], instance: "i")
        #expect(joined.errorCode == 0)
        #expect(joined.generationId == 1)
        #expect(stage.classic?.state == .stable)
        #expect(stage.classic?.members["given"]?.instanceID == "i")
        #expect(MigrationStage.partitions(stage.classic?.members["given"]?.assignment ?? []) == [0, 1, 2, 3])
    }

    @Test func `a policy that forbids it is kept`() throws {
        var stage = try MigrationStage()
        stage.settings.migrationPolicy = .disabled
        stage.classicMember("c", owned: [0])
        let refused = stage.consumerJoins("n")
        #expect(refused.error == .groupIDNotFound)
        #expect(
            refused.errorMessage
                == "Cannot upgrade classic group g to consumer group because online upgrade is disabled.")
        #expect(stage.classic?.members.count == 1)
        #expect(stage.log.isEmpty)

        stage = try MigrationStage()
        stage.settings.migrationPolicy = .upgrade
        stage.classicMember("c", owned: [0])
        _ = stage.consumerJoins("n")
        _ = stage.consumerLeaves("n")
        #expect(stage.group?.members.keys.sorted() == ["c"], "it may not go back")

        stage = try MigrationStage()
        stage.settings.migrationPolicy = .disabled
        _ = stage.consumerJoins("n")
        #expect(stage.join("", owned: []).errorCode == ErrorCode.inconsistentGroupProtocol.rawValue)
    }

    @Test func `a refused consumer leaves the classic group as it is`() throws {
        var stage = try MigrationStage()
        stage.classicMember("c", owned: [0])
        #expect(stage.consumerJoins("n", regex: "[").error == .invalidRegularExpression)
        #expect(stage.classic?.members.count == 1)
        #expect(stage.log.isEmpty)
        #expect(stage.timers.isEmpty)
        #expect(stage.consumerBeats("n", 4).error == .groupIDNotFound)
    }

    @Test func `a group of other words or a custom assignor does not change over`() throws {
        var stage = try MigrationStage()
        stage.classicMember("c", owned: [0], userData: [1])
        #expect(stage.consumerJoins("n").errorMessage?.contains("an unsupported custom assignor is in use") == true)
        stage = try MigrationStage()
        stage.classicMember("c", owned: [0], type: "connect")
        #expect(stage.consumerJoins("n").errorMessage?.contains("consumer embedded protocol") == true)
        stage = try MigrationStage()
        stage.classicMember("c", metadata: [0])
        #expect(stage.consumerJoins("n").errorMessage?.contains("is malformed") == true)
    }

    @Test func `a classic member that does not join when it is called is removed`() throws {
        var stage = try MigrationStage()
        stage.classicMember("c", owned: [0, 1, 2, 3])
        _ = stage.consumerJoins("n")
        for _ in 0..<4 {
            #expect(stage.heartbeat("c", 1) == .rebalanceInProgress)
            stage.wait(.seconds(14))
            _ = stage.consumerBeats("n", 2)
        }
        stage.wait(.seconds(5))
        #expect(stage.group?.members.keys.sorted() == ["n"])
        #expect(stage.consumerBeats("n", 2).assigned("t") == ["t": [0, 1, 2, 3]])
    }

    @Test func `a classic member that does not sync is removed`() throws {
        var stage = try MigrationStage()
        _ = stage.consumerJoins("n")
        _ = stage.join("c", owned: [])
        for _ in 0..<4 {
            stage.wait(.seconds(14))
            _ = stage.heartbeat("c", 2)
            _ = stage.consumerBeats("n", 1)
        }
        stage.wait(.seconds(5))
        #expect(stage.group?.members.keys.sorted() == ["n"])
    }

    @Test func `members that leave by LeaveGroup are named each`() throws {
        var stage = try MigrationStage()
        _ = stage.consumerJoins("n", instance: "i")
        _ = stage.join("c", owned: [])
        let left = stage.leave([("c", nil), ("x", nil), ("", "i"), ("y", "i"), ("", "j")])
        #expect(left == [.none, .unknownMemberID, .none, .fencedInstanceID, .unknownMemberID])
        #expect(stage.group?.isEmpty == true)
    }

    @Test func `two members that had the same partition do not both keep it`() throws {
        var stage = try MigrationStage()
        stage.classicMember("c", owned: [0, 1])
        stage.classicMember("d", owned: [1, 2])
        _ = stage.consumerJoins("n")
        #expect(stage.group?.members["c"]?.assigned == [ConsumerGroupStage.id("t"): [0: 1, 1: 1]])
        #expect(stage.group?.members["d"]?.assigned == [ConsumerGroupStage.id("t"): [2: 1]])
    }
}

/// A group of either protocol, as a shard would run it.
private struct MigrationStage {
    var settings = GroupSettings()
    var stage = ConsumerGroupStage()
    var classic: ClassicGroup?
    var group: ConsumerGroup?
    var log: [CoordinatorRecord] = []
    var timers: [GroupTimer: Instant] = [:]
    private var number: UInt64 = 0

    init() throws {
        settings.consumer.assignmentInterval = .zero
        try stage.topic("t", partitions: 4)
    }

    private var context: GroupContext {
        GroupContext(now: stage.now, wall: stage.wall, settings: settings, image: stage.image)
    }

    var kinds: [UInt8] { log.map { $0.key[1] } }
    private let client = GroupClient(id: "client", host: "/::1")

    mutating func classicMember(_ id: String, owned: [Int32], userData: [UInt8]? = nil, type: String = "consumer") {
        var assignment = ConsumerProtocolAssignment()
        var topic = ConsumerProtocolAssignment.TopicPartition()
        (topic.topic, topic.partitions) = ("t", owned)
        assignment.assignedPartitions = [topic]
        assignment.userData = userData
        classicMember(
            id, metadata: Self.subscription(owned), assignment: assignment.framed(version: 1), type: type)
    }

    mutating func classicMember(
        _ id: String, metadata: [UInt8], assignment: [UInt8] = [], type: String = "consumer"
    ) {
        var told = classic?.membersInOrder.map(Self.told) ?? []
        var member = GroupMetadataValue.MemberMetadata()
        (member.memberId, member.clientId, member.clientHost) = (id, "client", "/::1")
        (member.rebalanceTimeout, member.sessionTimeout) = (60_000, 15_000)
        (member.subscription, member.assignment) = (metadata, assignment)
        told.append(member)
        var value = GroupMetadataValue()
        (value.protocolType, value.protocolName, value.generation) = (type, "range", 1)
        value.leader = told[0].memberId
        value.members = told
        classic = ClassicGroup(id: "g", loading: value, version: 3)
    }

    private static func told(_ member: ClassicMember) -> GroupMetadataValue.MemberMetadata {
        var told = GroupMetadataValue.MemberMetadata()
        (told.memberId, told.clientId, told.clientHost) = (member.id, "client", "/::1")
        (told.rebalanceTimeout, told.sessionTimeout) = (60_000, 15_000)
        (told.subscription, told.assignment) = (member.metadata(for: "range"), member.assignment)
        return told
    }

    static func subscription(_ owned: [Int32]) -> [UInt8] {
        var subscription = ConsumerProtocolSubscription()
        subscription.topics = ["t"]
        var topic = ConsumerProtocolSubscription.TopicPartition()
        (topic.topic, topic.partitions) = ("t", owned)
        subscription.ownedPartitions = [topic]
        return subscription.framed(version: 1)
    }

    static func partitions(_ assignment: [UInt8]) -> [Int32]? {
        ConsumerProtocolAssignment(embedded: assignment)?.assignedPartitions.flatMap(\.partitions)
    }

    private mutating func perform(
        _ event: (inout ConsumerGroup?, inout ClassicGroup?, Owed, GroupContext, inout GroupEffects) -> Void
    ) -> GroupAnswer? {
        number += 1
        var effects = GroupEffects()
        event(&group, &classic, Owed(number: number), context, &effects)
        if let successor = group?.successor { (classic, group) = (successor, nil) }
        log += effects.records
        for (timer, deadline) in effects.timers { timers[timer] = deadline }
        return effects.answers.last { $0.owed.number == number }?.answer
    }

    mutating func wait(_ duration: Duration) {
        let end = stage.now + duration
        while let next = timers.filter({ $0.value <= end }).min(by: { $0.value < $1.value }) {
            timers[next.key] = nil
            stage.pass(max(next.value - stage.now, .zero))
            _ = perform { group, classic, _, context, effects in
                group?.fired(next.key, context, into: &effects)
                classic?.fired(next.key, context, into: &effects)
            }
        }
        stage.pass(end - stage.now)
    }

    private mutating func consumer(_ request: ConsumerGroupHeartbeatRequest) -> ConsumerGroupHeartbeatResponse {
        let client = client
        let answer = perform { group, classic, owed, context, effects in
            if let found = classic {
                group = ConsumerGroup.heartbeat(
                    request, to: found, newMemberID: "given", client: client, owed: owed, context, into: &effects)
                if group != nil { classic = nil }
            } else {
                if group == nil { group = ConsumerGroup(id: "g") }
                group?.heartbeat(
                    request, newMemberID: "given", client: client, owed: owed, context, into: &effects)
            }
        }
        guard case .consumerGroupHeartbeat(let response) = answer else { return ConsumerGroupHeartbeatResponse() }
        return response
    }

    mutating func consumerJoins(
        _ id: String, instance: String? = nil, regex: String? = nil
    ) -> ConsumerGroupHeartbeatResponse {
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.instanceId) = ("g", id, instance)
        request.rebalanceTimeoutMs = 60_000
        (request.subscribedTopicNames, request.subscribedTopicRegex) = (["t"], regex)
        request.topicPartitions = []
        return consumer(request)
    }

    mutating func consumerBeats(
        _ id: String, _ epoch: Int32, owned: [Int32]? = nil
    ) -> ConsumerGroupHeartbeatResponse {
        var request = ConsumerGroupHeartbeatRequest()
        (request.groupId, request.memberId, request.memberEpoch) = ("g", id, epoch)
        request.topicPartitions = owned.map { owned in
            var told = ConsumerGroupHeartbeatRequest.TopicPartitions()
            (told.topicId, told.partitions) = (ConsumerGroupStage.id("t"), owned)
            return [told]
        }
        return consumer(request)
    }

    mutating func consumerLeaves(_ id: String) -> ErrorCode { consumerBeats(id, -1).error }

    mutating func join(_ id: String, owned: [Int32], instance: String? = nil) -> JoinGroupResponse {
        var request = JoinGroupRequest()
        (request.groupId, request.memberId, request.groupInstanceId) = ("g", id, instance)
        (request.sessionTimeoutMs, request.rebalanceTimeoutMs) = (15_000, 60_000)
        request.protocolType = "consumer"
        var offered = JoinGroupRequest.JoinGroupRequestProtocol()
        (offered.name, offered.metadata) = ("range", Self.subscription(owned))
        request.protocols = [offered]
        let client = client
        let answer = perform { group, _, owed, context, effects in
            group?.join(
                request, version: 9, newMemberID: "given", client: client, owed: owed, context, into: &effects)
        }
        guard case .joinGroup(let response) = answer else { return .refusing(.unknownServerError, memberID: "") }
        return response
    }

    mutating func sync(_ id: String, _ generation: Int32) -> (error: ErrorCode, partitions: [Int32]) {
        var request = SyncGroupRequest()
        (request.groupId, request.memberId, request.generationId) = ("g", id, generation)
        (request.protocolType, request.protocolName) = ("consumer", "range")
        let answer = perform { group, _, owed, context, effects in
            group?.sync(request, version: 5, owed: owed, context, into: &effects)
        }
        guard case .syncGroup(let response) = answer else { return (.unknownServerError, []) }
        return (ErrorCode(code: response.errorCode), Self.partitions(response.assignment) ?? [])
    }

    mutating func heartbeat(_ id: String, _ generation: Int32) -> ErrorCode {
        var request = HeartbeatRequest()
        (request.groupId, request.memberId, request.generationId) = ("g", id, generation)
        let answer = perform { group, _, owed, context, effects in
            group?.heartbeat(request, owed: owed, context, into: &effects)
        }
        guard case .heartbeat(let response) = answer else { return .unknownServerError }
        return ErrorCode(code: response.errorCode)
    }

    mutating func leave(_ members: [(id: String, instance: String?)]) -> [ErrorCode] {
        var request = LeaveGroupRequest()
        request.groupId = "g"
        request.members = members.map { member in
            var told = LeaveGroupRequest.MemberIdentity()
            (told.memberId, told.groupInstanceId) = (member.id, member.instance)
            return told
        }
        let answer = perform { group, _, owed, context, effects in
            group?.leave(request, version: 5, owed: owed, context, into: &effects)
        }
        guard case .leaveGroup(let response) = answer else { return [] }
        return response.members.map { ErrorCode(code: $0.errorCode) }
    }
}
