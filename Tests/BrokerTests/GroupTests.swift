import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Metadata
import Telemetry
import TestSupport
import Testing
import Timing

@testable import Broker

/// Groups, from the connection to the log and back.
@Suite struct GroupTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker(["group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "3"])
        client = try server.client()
    }

    private func commit(
        _ offset: Int64, group: String = "g", topic: String = "t", partition: Int32 = 0, version: Int16 = 9,
        _ change: (inout OffsetCommitRequest) -> Void = { _ in }
    ) throws -> OffsetCommitResponse {
        var request = OffsetCommitRequest()
        request.groupId = group
        var one = OffsetCommitRequest.OffsetCommitRequestPartition()
        one.partitionIndex = partition
        one.committedOffset = offset
        var named = OffsetCommitRequest.OffsetCommitRequestTopic()
        named.name = topic
        named.partitions = [one]
        request.topics = [named]
        change(&request)
        return try client.call(request, version: version)
    }

    private func committed(_ group: String = "g", _ topic: String = "t", _ partition: Int32 = 0) throws -> Int64 {
        var asked = OffsetFetchRequest.OffsetFetchRequestTopics()
        asked.name = topic
        asked.partitionIndexes = [partition]
        var one = OffsetFetchRequest.OffsetFetchRequestGroup()
        one.groupId = group
        one.topics = [asked]
        var request = OffsetFetchRequest()
        request.groups = [one]
        let answer = try client.call(request, version: 9)
        let told = try #require(answer.groups.first)
        #expect(told.errorCode == 0)
        return try #require(told.topics.first?.partitions.first).committedOffset
    }

    private func findCoordinator(_ group: String = "g", version: Int16 = 6) throws -> Int32 {
        var request = FindCoordinatorRequest()
        request.key = group
        request.coordinatorKeys = [group]
        let answer = try client.call(request, version: version)
        return version >= 4 ? try #require(answer.coordinators.first).nodeId : answer.nodeId
    }

    @Test func `the first question for a coordinator makes the topic, and is answered`() throws {
        for version in 0...client.newest(.findCoordinator) {
            #expect(try findCoordinator(version: version) == 1)
        }
        let topic = try #require(try client.metadata(["__consumer_offsets"]).topics.first)
        #expect(topic.isInternal)
        #expect(topic.partitions.count == 3)
        #expect(
            server.broker.cluster.image.config(.topic("__consumer_offsets")) == [
                "cleanup.policy": "compact", "segment.bytes": "104857600", "compression.type": "producer",
            ])
    }

    @Test func `before there is a topic nobody coordinates a group`() throws {
        var request = HeartbeatRequest()
        request.groupId = "g"
        #expect(try code(client.call(request).errorCode) == .notCoordinator)
        #expect(try client.call(ListGroupsRequest()).groups.isEmpty)
    }

    // MARK: Offsets

    @Test func `a commit is read again, in every version`() throws {
        try client.createTopic("t", partitions: 2)
        _ = try findCoordinator()
        let id = try #require(server.broker.cluster.image.topicID("t"))
        for version in 0...client.newest(.offsetCommit) {
            let answer = try commit(Int64(version), version: version) { $0.topics[0].topicId = id }
            #expect(answer.topics[0].partitions[0].errorCode == 0)
            #expect(try committed() == Int64(version))
        }
        for version in 0...client.newest(.offsetFetch) {
            var request = OffsetFetchRequest()
            if version < 8 {
                request.groupId = "g"
                var topic = OffsetFetchRequest.OffsetFetchRequestTopic()
                topic.name = "t"
                topic.partitionIndexes = [0, 1]
                request.topics = [topic]
            } else {
                var topic = OffsetFetchRequest.OffsetFetchRequestTopics()
                topic.name = "t"
                topic.topicId = id
                topic.partitionIndexes = [0, 1]
                var group = OffsetFetchRequest.OffsetFetchRequestGroup()
                group.groupId = "g"
                group.topics = [topic]
                request.groups = [group]
            }
            let answer = try client.call(request, version: version)
            let offsets =
                version < 8
                ? answer.topics[0].partitions.map(\.committedOffset)
                : answer.groups[0].topics[0].partitions.map(\.committedOffset)
            #expect(offsets == [10, -1])
        }
    }

    @Test func `a commit to a topic or partition that is not there is refused before the member is looked at`() throws {
        try client.createTopic("t")
        _ = try findCoordinator()
        let answer = try commit(1, partition: 0) { request in
            request.memberId = "nobody"
            request.generationIdOrMemberEpoch = 3
            var missing = request.topics[0]
            missing.name = "missing"
            request.topics.append(missing)
            var beyond = request.topics[0].partitions[0]
            beyond.partitionIndex = 5
            request.topics[0].partitions.append(beyond)
        }
        #expect(answer.topics.map(\.name).sorted() == ["missing", "t"])
        let known = try #require(answer.topics.first { $0.name == "t" })
        #expect(known.partitions.map { code($0.errorCode) } == [.unknownTopicOrPartition, .groupIDNotFound])
        let missing = try #require(answer.topics.first { $0.name == "missing" })
        #expect(missing.partitions.map { code($0.errorCode) } == [.unknownTopicOrPartition])
        let unknownID = try commit(1, version: 10) { $0.topics[0].topicId = .random() }
        #expect(code(unknownID.topics[0].partitions[0].errorCode) == .unknownTopicID)
    }

    @Test func `all offsets of several groups come in one answer`() throws {
        try client.createTopic("t", partitions: 2)
        _ = try findCoordinator()
        for group in ["g1", "g2", "g3"] { _ = try commit(Int64(group.utf8.last ?? 0), group: group) }
        var request = OffsetFetchRequest()
        request.groups = ["g1", "g2", "g3", "nobody"].map { id in
            var group = OffsetFetchRequest.OffsetFetchRequestGroup()
            group.groupId = id
            group.topics = nil
            return group
        }
        for version in 8...client.newest(.offsetFetch) {
            let answer = try client.call(request, version: version)
            #expect(answer.groups.map(\.groupId) == ["g1", "g2", "g3", "nobody"])
            let offsets = answer.groups.map { $0.topics.first?.partitions.map(\.committedOffset) ?? [] }
            #expect(offsets == [[49], [50], [51], []])
        }
    }

    @Test func `offsets go with their topic`() throws {
        try client.createTopic("t")
        _ = try findCoordinator()
        _ = try commit(7)
        var deletion = DeleteTopicsRequest()
        deletion.topicNames = ["t"]
        _ = try client.call(deletion, version: 5)
        try client.createTopic("t")
        #expect(try committed() == -1)
    }

    @Test func `groups are listed, described and deleted`() throws {
        try client.createTopic("t")
        _ = try findCoordinator()
        _ = try commit(1, group: "a")
        _ = try commit(1, group: "b")
        for version in 0...client.newest(.listGroups) {
            let listed = try client.call(ListGroupsRequest(), version: version).groups
            #expect(listed.map(\.groupId).sorted() == ["a", "b"])
            if version >= 5 { #expect(Set(listed.map(\.groupType)) == ["classic"]) }
        }
        var describing = DescribeGroupsRequest()
        describing.groups = ["b", "nobody", "a"]
        describing.includeAuthorizedOperations = true
        let described = try client.call(describing).groups
        #expect(described.map(\.groupId) == ["b", "nobody", "a"])
        #expect(described.map(\.groupState) == ["Empty", "Dead", "Empty"])
        #expect(described.map { code($0.errorCode) } == [.none, .groupIDNotFound, .none])
        #expect(described[0].authorizedOperations == 3400)

        var deletion = DeleteGroupsRequest()
        deletion.groupsNames = ["a", "nobody", "a"]
        let results = try client.call(deletion).results
        #expect(results.map(\.groupId) == ["a", "nobody"])
        #expect(results.map { code($0.errorCode) } == [.none, .groupIDNotFound])
        #expect(try client.call(ListGroupsRequest()).groups.map(\.groupId) == ["b"])
        #expect(try committed("a") == -1)
    }

    @Test func `deleting offsets wants a group, a topic and a partition`() throws {
        try client.createTopic("t")
        _ = try findCoordinator()
        _ = try commit(1)
        func delete(_ group: String, _ topic: String, _ partitions: [Int32]) throws -> OffsetDeleteResponse {
            var request = OffsetDeleteRequest()
            request.groupId = group
            var named = OffsetDeleteRequest.OffsetDeleteRequestTopic()
            named.name = topic
            named.partitions = partitions.map { index in
                var partition = OffsetDeleteRequest.OffsetDeleteRequestPartition()
                partition.partitionIndex = index
                return partition
            }
            request.topics = [named]
            return try client.call(request)
        }
        #expect(try code(delete("", "t", [0]).errorCode) == .invalidGroupID)
        #expect(try code(delete("nobody", "t", [0]).errorCode) == .groupIDNotFound)
        let answer = try delete("g", "t", [0, 4])
        #expect(answer.errorCode == 0)
        let codes = answer.topics[0].partitions.map { [$0.partitionIndex: code($0.errorCode)] }
        #expect(codes == [[4: .unknownTopicOrPartition], [0: .none]])
        #expect(try committed() == -1)
    }

    // MARK: The topic

    @Test func `clients do not write the topic of the groups, but for Kafka's admin client`() throws {
        _ = try findCoordinator()
        let refused = try client.produce("__consumer_offsets", batch(["x"]))
        #expect(code(refused.errorCode) == .invalidTopicException)
    }

    @Test func `an unknown group id is no reason to look elsewhere, an empty one is an error`() throws {
        _ = try findCoordinator()
        var heartbeat = HeartbeatRequest()
        #expect(try code(client.call(heartbeat).errorCode) == .invalidGroupID)
        heartbeat.groupId = "nobody"
        #expect(try code(client.call(heartbeat).errorCode) == .unknownMemberID)
        var join = JoinGroupRequest()
        join.groupId = "g"
        join.sessionTimeoutMs = 5999
        #expect(try code(client.call(join).errorCode) == .invalidSessionTimeout)
        join.groupId = ""
        #expect(try code(client.call(join).errorCode) == .invalidGroupID)
        var sync = SyncGroupRequest()
        sync.groupId = "g"
        #expect(try code(client.call(sync, version: 5).errorCode) == .inconsistentGroupProtocol)
        #expect(try code(client.call(sync, version: 4).errorCode) == .unknownMemberID)
        var leave = LeaveGroupRequest()
        leave.groupId = "nobody"
        leave.memberId = "m"
        #expect(try code(client.call(leave, version: 2).errorCode) == .unknownMemberID)
    }

    // MARK: Members

    /// A member of one connection.
    private func joinRequest(_ member: String = "", group: String = "g") -> JoinGroupRequest {
        var request = JoinGroupRequest()
        request.groupId = group
        request.memberId = member
        request.sessionTimeoutMs = 10_000
        request.rebalanceTimeoutMs = 10_000
        request.protocolType = "consumer"
        var offer = JoinGroupRequest.JoinGroupRequestProtocol()
        offer.name = "range"
        offer.metadata = ConsumerProtocolSubscription().framed(version: 1)
        request.protocols = [offer]
        return request
    }

    @Test func `a join waits for those who are to join again, and is answered with theirs`() throws {
        _ = try findCoordinator()
        let second = try server.client()
        let first = try client.call(joinRequest(), version: 3)
        #expect(first.generationId == 1)
        #expect(first.leader == first.memberId)
        var sync = SyncGroupRequest()
        sync.groupId = "g"
        sync.memberId = first.memberId
        sync.generationId = 1
        #expect(try client.call(sync, version: 3).errorCode == 0)

        try second.send(joinRequest(), version: 3)
        var heartbeat = HeartbeatRequest()
        heartbeat.groupId = "g"
        heartbeat.memberId = first.memberId
        heartbeat.generationId = 1
        try eventually("the first member is told to join again") {
            try code(client.call(heartbeat).errorCode) == .rebalanceInProgress
        }
        #expect(!second.hasNews(within: 50))
        let again = try client.call(joinRequest(first.memberId), version: 3)
        let other = try second.receive(JoinGroupRequest.self, version: 3)
        #expect(again.generationId == 2 && other.generationId == 2)
        #expect(again.members.count == 2 && other.members.isEmpty)
    }

    @Test func `whoever waits when the broker stops is sent away`() throws {
        _ = try findCoordinator()
        let first = try client.call(joinRequest(), version: 3)
        var sync = SyncGroupRequest()
        sync.groupId = "g"
        sync.memberId = first.memberId
        sync.generationId = 1
        _ = try client.call(sync, version: 3)
        let second = try server.client()
        try second.send(joinRequest(), version: 3)
        #expect(!second.hasNews(within: 50))
        server.stop()
        #expect(try code(second.receive(JoinGroupRequest.self, version: 3).errorCode) == .notCoordinator)
    }

    @Test func `a consumer of the new protocol gets partitions, and commits in its epoch`() throws {
        try client.createTopic("t", partitions: 3)
        _ = try findCoordinator()
        var request = ConsumerGroupHeartbeatRequest()
        request.groupId = "g"
        request.memberId = "m"
        request.rebalanceTimeoutMs = 1000
        request.subscribedTopicNames = ["t"]
        request.topicPartitions = []
        let joined = try client.call(request)
        #expect(joined.errorCode == 0)
        #expect(joined.memberEpoch >= 1)
        #expect(joined.assignment?.topicPartitions.first?.partitions == [0, 1, 2])
        let good = try commit(5) {
            $0.memberId = "m"
            $0.generationIdOrMemberEpoch = joined.memberEpoch
        }
        #expect(good.topics[0].partitions[0].errorCode == 0)
        let early = try commit(5) {
            $0.memberId = "m"
            $0.generationIdOrMemberEpoch = joined.memberEpoch + 1
        }
        #expect(code(early.topics[0].partitions[0].errorCode) == .staleMemberEpoch)
        var describing = ConsumerGroupDescribeRequest()
        describing.groupIds = ["g", "nobody"]
        let described = try client.call(describing).groups
        #expect(described.map { code($0.errorCode) } == [.none, .groupIDNotFound])
        #expect(described[0].members.map(\.memberId) == ["m"])
        var listing = ListGroupsRequest()
        listing.typesFilter = ["consumer"]
        #expect(try client.call(listing).groups.map(\.groupId) == ["g"])
    }

    // MARK: Life and death

    @Test(arguments: [false, true]) func `groups and offsets are there again after a stop or a crash`(
        isCrash: Bool
    ) throws {
        try client.createTopic("t")
        _ = try findCoordinator()
        _ = try commit(41)
        _ = try commit(42)
        let member = try client.call(joinRequest(group: "members"), version: 3)
        var sync = SyncGroupRequest()
        sync.groupId = "members"
        sync.memberId = member.memberId
        sync.generationId = 1
        _ = try client.call(sync, version: 3)
        var directory = server.directory
        if isCrash {
            directory = TemporaryDirectory()
            try copy(server.directory.file("data"), to: directory.file("data"))
        } else {
            server.stop()
        }
        let next = try TestBroker(in: directory, unformatted: .refuse)
        let other = try next.client()
        var request = OffsetFetchRequest()
        request.groupId = "g"
        request.topics = nil
        try eventually("the groups are loaded") { try other.call(request, version: 7).errorCode == 0 }
        #expect(try other.call(request, version: 7).topics[0].partitions[0].committedOffset == 42)
        var heartbeat = HeartbeatRequest()
        heartbeat.groupId = "members"
        heartbeat.memberId = member.memberId
        heartbeat.generationId = 1
        #expect(try other.call(heartbeat).errorCode == 0)
    }

    @Test func `offsets expire when the clock says so, and their group with them`() throws {
        let time = ManualTime()
        let server = try TestBroker(["offsets.topic.num.partitions": "1"], clock: .manual(time))
        let client = try server.client()
        try client.createTopic("t")
        var request = FindCoordinatorRequest()
        request.coordinatorKeys = ["g"]
        _ = try client.call(request)
        var commit = OffsetCommitRequest()
        commit.groupId = "g"
        var partition = OffsetCommitRequest.OffsetCommitRequestPartition()
        partition.committedOffset = 3
        var topic = OffsetCommitRequest.OffsetCommitRequestTopic()
        topic.name = "t"
        topic.partitions = [partition]
        commit.topics = [topic]
        _ = try client.call(commit, version: 9)
        server.broker.groups.expire()
        #expect(try client.call(ListGroupsRequest()).groups.count == 1)
        time.advance(by: .seconds(7 * 86_400))
        server.broker.groups.expire()
        #expect(try client.call(ListGroupsRequest()).groups.isEmpty)
        let text = server.broker.metrics.prometheusText()
        #expect(text.contains("skafka_group_offset_expirations_total 1"))
    }

    @Test func `a member that is silent is removed when its session is over`() throws {
        let time = ManualTime()
        let server = try TestBroker(["group.initial.rebalance.delay.ms": "0"], clock: .manual(time))
        let client = try server.client()
        var request = FindCoordinatorRequest()
        request.coordinatorKeys = ["g"]
        _ = try client.call(request)
        let member = try client.call(joinRequest(), version: 3)
        var sync = SyncGroupRequest()
        sync.groupId = "g"
        sync.memberId = member.memberId
        sync.generationId = 1
        _ = try client.call(sync, version: 3)
        time.advance(by: .seconds(11))
        server.broker.groups.clockMoved()
        try eventually("the group is empty") {
            time.advance(by: .seconds(11))
            server.broker.groups.clockMoved()
            return try client.call(ListGroupsRequest()).groups.map(\.groupState) == ["Empty"]
        }
    }

    @Test func `commits to a topic that flushes wait for the device and are answered`() throws {
        try client.createTopic("t")
        _ = try findCoordinator()
        var change = IncrementalAlterConfigsRequest.AlterableConfig()
        change.name = "flush.messages"
        change.value = "1"
        var resource = IncrementalAlterConfigsRequest.AlterConfigsResource()
        resource.resourceType = 2
        resource.resourceName = "__consumer_offsets"
        resource.configs = [change]
        var request = IncrementalAlterConfigsRequest()
        request.resources = [resource]
        #expect(try client.call(request).responses[0].errorCode == 0)
        for offset in 0..<Int64(20) {
            #expect(try commit(offset).topics[0].partitions[0].errorCode == 0)
            #expect(try committed() == offset)
        }
    }
}
