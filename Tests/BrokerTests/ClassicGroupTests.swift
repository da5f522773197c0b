import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import TestSupport
import Testing
import Timing

@testable import Broker

/// Classic groups over connections, with real timers and a real log.
@Suite struct ClassicGroupTests {
    private static let settings = [
        "group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "1",
        "group.min.session.timeout.ms": "100",
    ]
    let directory = TemporaryDirectory()
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker(Self.settings, in: directory)
        client = try server.client()
        var request = FindCoordinatorRequest()
        request.key = "g"
        #expect(try client.call(request, version: 3).errorCode == 0)
        try Self.waitForLoading(client)
    }

    private static func waitForLoading(_ client: TestClient) throws {
        var request = LeaveGroupRequest()
        request.groupId = "nobody's"
        try eventually("the coordinator has read its log") { try client.call(request).errorCode == 0 }
    }

    private func restarted() throws -> (TestBroker, TestClient) {
        server.stop()
        let restarted = try TestBroker(Self.settings, in: directory)
        let asker = try restarted.client()
        try Self.waitForLoading(asker)
        return (restarted, asker)
    }

    private func joining(
        _ group: String = "g", _ member: String = "", instance: String? = nil, session: Int32 = 10_000
    ) -> JoinGroupRequest {
        var request = JoinGroupRequest()
        request.groupId = group
        request.memberId = member
        request.groupInstanceId = instance
        request.sessionTimeoutMs = session
        request.rebalanceTimeoutMs = 20_000
        request.protocolType = "consumer"
        var range = JoinGroupRequest.JoinGroupRequestProtocol()
        range.name = "range"
        range.metadata = [1, 2, 3]
        request.protocols = [range]
        return request
    }

    private func syncing(
        _ joined: JoinGroupResponse, _ group: String = "g", instance: String? = nil,
        assigning assignments: [String: [UInt8]] = [:]
    ) -> SyncGroupRequest {
        var request = SyncGroupRequest()
        request.groupId = group
        request.generationId = joined.generationId
        request.memberId = joined.memberId
        request.groupInstanceId = instance
        request.protocolType = "consumer"
        request.protocolName = "range"
        request.assignments = assignments.map { member, bytes in
            var assignment = SyncGroupRequest.SyncGroupRequestAssignment()
            assignment.memberId = member
            assignment.assignment = bytes
            return assignment
        }
        return request
    }

    private func heartbeat(
        _ joined: JoinGroupResponse, _ group: String = "g", instance: String? = nil, by asker: TestClient? = nil,
        version: Int16 = 4
    ) throws -> ErrorCode {
        var request = HeartbeatRequest()
        request.groupId = group
        request.generationId = joined.generationId
        request.memberId = joined.memberId
        request.groupInstanceId = instance
        return try code((asker ?? client).call(request, version: version).errorCode)
    }

    private func described(_ group: String = "g", version: Int16 = 6) throws -> DescribeGroupsResponse.DescribedGroup {
        var request = DescribeGroupsRequest()
        request.groups = [group]
        return try #require(try client.call(request, version: version).groups.first)
    }

    /// Alone in its group, with the assignment [7].
    private func stable(_ group: String = "g", instance: String? = nil, session: Int32 = 10_000) throws
        -> JoinGroupResponse
    {
        let version: Int16 = instance == nil ? 3 : 9
        let joined = try client.call(joining(group, instance: instance, session: session), version: version)
        #expect(joined.errorCode == 0)
        let synced = try client.call(syncing(joined, group, instance: instance, assigning: [joined.memberId: [7]]))
        #expect(synced.errorCode == 0)
        return joined
    }

    @Test(arguments: Int16(0)...9) func `a group lives in every version of its requests`(version: Int16) throws {
        let group = "g\(version)"
        var joined = try client.call(joining(group), version: version)
        if version >= 4 {
            #expect(code(joined.errorCode) == .memberIDRequired)
            #expect(joined.memberId.hasPrefix("test-"))
            #expect(joined.memberId.count == 5 + 36)
            joined = try client.call(joining(group, joined.memberId), version: version)
        }
        #expect(joined.errorCode == 0)
        #expect(joined.generationId == 1)
        #expect(joined.protocolName == "range")
        #expect(joined.protocolType == (version >= 7 ? "consumer" : nil))
        #expect(joined.leader == joined.memberId)
        #expect(joined.members.map(\.memberId) == [joined.memberId])
        #expect(joined.members.map(\.metadata) == [[1, 2, 3]])
        let syncVersion = min(version, 5)
        let synced = try client.call(syncing(joined, group, assigning: [joined.memberId: [7]]), version: syncVersion)
        #expect(synced.errorCode == 0)
        #expect(synced.assignment == [7])
        #expect(synced.protocolName == (syncVersion >= 5 ? "range" : nil))
        #expect(try heartbeat(joined, group, version: min(version, 4)) == .none)

        let description = try described(group, version: min(version, 6))
        #expect(description.groupState == "Stable")
        #expect(description.protocolData == "range")
        #expect(description.members.map(\.memberAssignment) == [[7]])
        #expect(description.members.map(\.clientHost) == ["/127.0.0.1"])
        #expect(description.members.map(\.clientId) == ["test"])
        let listed = try client.call(ListGroupsRequest(), version: min(version, 5)).groups.first { $0.groupId == group }
        #expect(listed?.protocolType == "consumer")
        #expect(listed?.groupState == (version >= 4 ? "Stable" : ""))

        var leaving = LeaveGroupRequest()
        leaving.groupId = group
        leaving.memberId = joined.memberId
        var one = LeaveGroupRequest.MemberIdentity()
        one.memberId = joined.memberId
        leaving.members = [one]
        let left = try client.call(leaving, version: min(version, 5))
        #expect(left.errorCode == 0)
        #expect(left.members.map(\.errorCode) == (version >= 3 ? [0] : []))
        #expect(try described(group).groupState == "Empty")
        #expect(try heartbeat(joined, group) == .unknownMemberID)
    }

    @Test func `what can be refused without a look at the group is refused at once`() throws {
        #expect(try code(client.call(joining("")).errorCode) == .invalidGroupID)
        #expect(try code(client.call(joining(session: 99)).errorCode) == .invalidSessionTimeout)
        #expect(try code(client.call(joining(session: 1_800_001)).errorCode) == .invalidSessionTimeout)
        #expect(try code(client.call(joining(session: -1)).errorCode) == .invalidSessionTimeout)
        #expect(try code(client.call(joining("g", "nobody")).errorCode) == .unknownMemberID)
        #expect(try code(client.call(SyncGroupRequest()).errorCode) == .inconsistentGroupProtocol)
        #expect(try code(client.call(SyncGroupRequest(), version: 4).errorCode) == .invalidGroupID)
        #expect(try code(client.call(HeartbeatRequest()).errorCode) == .invalidGroupID)
        #expect(try code(client.call(LeaveGroupRequest()).errorCode) == .invalidGroupID)
        var leaving = LeaveGroupRequest()
        leaving.groupId = "none"
        leaving.members = [LeaveGroupRequest.MemberIdentity()]
        let left = try client.call(leaving)
        #expect(left.errorCode == 0)
        #expect(left.members.map { code($0.errorCode) } == [.unknownMemberID])
        #expect(try described("none").groupState == "Dead")
        #expect(try code(described("none").errorCode) == .groupIDNotFound)
        #expect(try code(described("none", version: 5).errorCode) == .none)
    }

    @Test func `a join and a sync that wait hold nobody up but their own connection`() throws {
        let first = try stable()
        let other = try server.client()
        try other.send(joining(), version: 3)
        try eventually("the group is told to join again") { try heartbeat(first) == .rebalanceInProgress }
        #expect(!other.hasNews(within: 0))
        let joined = try client.call(joining("g", first.memberId))
        #expect(joined.generationId == 2)
        #expect(joined.members.count == 2)
        let follower = try other.receive(JoinGroupRequest.self, version: 3)
        #expect(follower.generationId == 2)
        #expect(follower.leader == joined.memberId)
        #expect(follower.members.isEmpty)
        try other.send(syncing(follower))
        #expect(!other.hasNews(within: 50))
        let assignments: [String: [UInt8]] = [joined.memberId: [1], follower.memberId: [2]]
        #expect(try client.call(syncing(joined, assigning: assignments)).assignment == [1])
        #expect(try other.receive(SyncGroupRequest.self).assignment == [2])
    }

    @Test func `a member that falls silent is out when its session ends`() throws {
        let joined = try stable(session: 100)
        try eventually("the session ends") { try described().groupState == "Empty" }
        #expect(try heartbeat(joined) == .unknownMemberID)
    }

    @Test func `a static member that comes back is written, and fences who it was`() throws {
        let before = try stable("g", instance: "one")
        let again = try client.call(joining("g", instance: "one"))
        #expect(again.generationId == before.generationId)
        #expect(again.memberId != before.memberId)
        #expect(again.leader == again.memberId)
        #expect(again.skipAssignment)
        #expect(try client.call(syncing(again, "g", instance: "one")).assignment == [7])
        #expect(try heartbeat(before, instance: "one") == .fencedInstanceID)
        let (restarted, asker) = try restarted()
        defer { restarted.stop() }
        #expect(try heartbeat(again, instance: "one", by: asker) == .none)
        #expect(try heartbeat(before, instance: "one", by: asker) == .fencedInstanceID)
    }

    @Test func `a group outlives its broker`() throws {
        let joined = try stable()
        let (restarted, asker) = try restarted()
        defer { restarted.stop() }
        #expect(try heartbeat(joined, by: asker) == .none)
        #expect(try asker.call(syncing(joined)).assignment == [7])
    }

    @Test func `an assignment too large for a record makes the members join again`() throws {
        let joined = try client.call(joining(), version: 3)
        let large = [UInt8](repeating: 7, count: 2 << 20)
        let synced = try client.call(syncing(joined, assigning: [joined.memberId: large]))
        #expect(code(synced.errorCode) == .unknownServerError)
        #expect(try heartbeat(joined) == .rebalanceInProgress)
        let again = try client.call(joining("g", joined.memberId))
        #expect(again.generationId == 2)
        #expect(try client.call(syncing(again, assigning: [joined.memberId: [7]])).assignment == [7])
    }

    @Test func `a member that hangs up while its join waits is a member until its time is over`() throws {
        let first = try stable()
        let other = try server.client()
        try other.send(joining(), version: 3)
        try eventually("the group is told to join again") { try heartbeat(first) == .rebalanceInProgress }
        other.hangUp()
        let joined = try client.call(joining("g", first.memberId))
        #expect(joined.members.count == 2)
        #expect(try heartbeat(joined) == .none)
    }

    @Test func `whoever waits when the broker ends is not left without a word`() throws {
        let first = try stable()
        let other = try server.client()
        try other.send(joining(), version: 3)
        try eventually("the group is told to join again") { try heartbeat(first) == .rebalanceInProgress }
        server.stop()
        #expect(other.hasNews(within: 5000))
    }
}
