import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Testing
import Timing

@testable import KafkaClient

/// What the tools ask of the coordinators of groups, of all ages.
@Suite struct AdminGroupsTests {
    private static let modern: [APIKey: ClosedRange<Int16>] = [
        .findCoordinator: 0...6, .listGroups: 0...5, .describeGroups: 0...6, .consumerGroupDescribe: 0...1,
        .offsetFetch: 0...10, .offsetCommit: 0...10, .offsetDelete: 0...0, .deleteGroups: 0...2, .leaveGroup: 0...5,
    ]
    private static let old: [APIKey: ClosedRange<Int16>] = [
        .findCoordinator: 0...2, .listGroups: 0...2, .describeGroups: 0...2, .offsetFetch: 0...5, .offsetCommit: 0...6,
        .deleteGroups: 0...1, .leaveGroup: 0...2,
    ]

    /// What was asked, a line each, and the answers to give.
    private final class Log: Sendable {
        private let lines = Guarded<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private static func decode<Message: WireMessage>(_ body: [UInt8], _ version: Int16) -> Message {
        var reader = ByteReader(body.span.bytes)
        do { return try Message.decode(&reader, version: version) } catch { return Message() }
    }

    /// Broker 1 coordinates everything and listens where the server does.
    private static func coordinates(
        _ peer: ScriptedServer.Peer, _ header: RequestHeader, _ body: [UInt8], _ log: Log,
        code: (Int) -> ErrorCode = { _ in .none }
    ) -> Bool {
        guard header.apiKey == APIKey.findCoordinator.rawValue else { return false }
        let request: FindCoordinatorRequest = decode(body, header.apiVersion)
        log.add("find \(header.apiVersion) \(request.key)\(request.coordinatorKeys)")
        let error = code(log.all.filter { $0.hasPrefix("find") }.count).rawValue
        var response = FindCoordinatorResponse()
        response.errorCode = error
        response.nodeId = 1
        response.host = "127.0.0.1"
        response.port = 9
        response.coordinators = request.coordinatorKeys.map { key in
            var answer = FindCoordinatorResponse.Coordinator()
            answer.key = key
            answer.nodeId = 1
            answer.host = "127.0.0.1"
            answer.port = 9
            answer.errorCode = error
            return answer
        }
        peer.answer(response, to: header)
        return true
    }

    private let patient = ["retries": "10", "retry.backoff.ms": "1"]

    private static func assignment(_ topic: String, _ partitions: [Int32]) -> [UInt8] {
        var assignment = ConsumerProtocolAssignment()
        var one = ConsumerProtocolAssignment.TopicPartition()
        one.topic = topic
        one.partitions = partitions
        assignment.assignedPartitions = [one]
        return assignment.framed(version: 1)
    }

    @Test func `a group is looked for as one of the new protocol, then as a classic one`() throws {
        let log = Log()
        let server = try ScriptedServer.cluster(Self.modern) { peer, header, body in
            if Self.coordinates(peer, header, body, log) { return true }
            switch APIKey(rawValue: header.apiKey) {
            case .consumerGroupDescribe:
                let request: ConsumerGroupDescribeRequest = Self.decode(body, header.apiVersion)
                log.add("new \(request.groupIds)")
                var member = ConsumerGroupDescribeResponse.Member()
                member.memberId = "m"
                member.memberEpoch = 3
                member.memberType = 1
                var part = ConsumerGroupDescribeResponse.TopicPartitions()
                part.topicName = "t"
                part.partitions = [1, 0]
                member.assignment.topicPartitions = [part]
                var response = ConsumerGroupDescribeResponse()
                response.groups = request.groupIds.map { id in
                    var group = ConsumerGroupDescribeResponse.DescribedGroup()
                    group.groupId = id
                    group.groupState = "Stable"
                    group.assignorName = "uniform"
                    group.groupEpoch = 4
                    group.assignmentEpoch = 5
                    group.members = [member]
                    if id != "new" {
                        group.errorCode = ErrorCode.groupIDNotFound.rawValue
                        group.errorMessage = "Group \(id) is not a consumer group."
                    }
                    return group
                }
                peer.answer(response, to: header)
            case .describeGroups:
                let request: DescribeGroupsRequest = Self.decode(body, header.apiVersion)
                log.add("classic \(request.groups)")
                var member = DescribeGroupsResponse.DescribedGroupMember()
                member.memberId = "c"
                member.memberAssignment = Self.assignment("t", [2, 1])
                var response = DescribeGroupsResponse()
                response.groups = request.groups.map { id in
                    var group = DescribeGroupsResponse.DescribedGroup()
                    group.groupId = id
                    group.groupState = "PreparingRebalance"
                    group.protocolType = id == "sink" ? "connect" : "consumer"
                    group.protocolData = "range"
                    group.members = [member]
                    if id == "none" { group.errorCode = ErrorCode.groupIDNotFound.rawValue }
                    return group
                }
                peer.answer(response, to: header)
            default: return false
            }
            return true
        }
        let admin = Admin(try server.configuration(patient))
        let groups = try admin.describeGroups(["new", "old", "sink", "none"])
        #expect(
            log.all == [
                #"find 6 ["new", "none", "old", "sink"]"#, #"new ["new", "none", "old", "sink"]"#,
                #"classic ["none", "old", "sink"]"#,
            ])
        let new = try #require(try groups["new"]?.get())
        #expect(new.type == .consumer && new.state == .stable && new.epoch == 4 && new.targetAssignmentEpoch == 5)
        #expect(new.members.first?.assignment == [TopicPartition("t", 0), TopicPartition("t", 1)])
        #expect(new.members.first?.isUpgraded == true && new.members.first?.epoch == 3)
        let old = try #require(try groups["old"]?.get())
        #expect(old.type == .classic && old.state == .preparingRebalance && old.epoch == nil)
        #expect(old.members.first?.assignment == [TopicPartition("t", 1), TopicPartition("t", 2)])
        #expect(old.coordinator.id == 1 && old.coordinator.address.description == "127.0.0.1:9")
        #expect(reason(groups["sink"]) == "GroupId sink is not a consumer group (connect).")
        #expect(reason(groups["none"]) == "Group none is not a consumer group. (GROUP_ID_NOT_FOUND)")
    }

    private func reason<Value>(_ result: Result<Value, ClientError>?) -> String? {
        if case .failure(let error)? = result { error.cause } else { nil }
    }

    @Test func `a broker of Kafka 2_1 is asked key by key, group by group`() throws {
        let log = Log()
        let server = try ScriptedServer.cluster(Self.old) { peer, header, body in
            if Self.coordinates(peer, header, body, log) { return true }
            switch APIKey(rawValue: header.apiKey) {
            case .describeGroups:
                let request: DescribeGroupsRequest = Self.decode(body, header.apiVersion)
                var response = DescribeGroupsResponse()
                response.groups = request.groups.map { id in
                    var group = DescribeGroupsResponse.DescribedGroup()
                    group.groupId = id
                    group.groupState = "Dead"
                    return group
                }
                peer.answer(response, to: header)
            case .offsetFetch:
                let request: OffsetFetchRequest = Self.decode(body, header.apiVersion)
                log.add("fetch \(header.apiVersion) \(request.groupId) \(request.topics == nil)")
                var partition = OffsetFetchResponse.OffsetFetchResponsePartition()
                partition.partitionIndex = 3
                partition.committedOffset = 8
                partition.committedLeaderEpoch = 2
                var topic = OffsetFetchResponse.OffsetFetchResponseTopic()
                topic.name = "t"
                topic.partitions = [partition]
                var response = OffsetFetchResponse()
                response.topics = [topic]
                peer.answer(response, to: header)
            case .leaveGroup:
                let request: LeaveGroupRequest = Self.decode(body, header.apiVersion)
                log.add("leave \(request.memberId)")
                var response = LeaveGroupResponse()
                if request.memberId == "b" { response.errorCode = ErrorCode.unknownMemberID.rawValue }
                peer.answer(response, to: header)
            case .listGroups: peer.answer(ListGroupsResponse(), to: header)
            default: return false
            }
            return true
        }
        let admin = Admin(try server.configuration(patient))
        #expect(try admin.describeGroups(["g"])["g"]?.get().state == .dead)
        let offsets = try admin.listGroupOffsets(["g", "h"])
        #expect(try offsets["h"]?.get() == [TopicPartition("t", 3): CommittedOffset(8, leaderEpoch: 2)])
        #expect(
            try admin.removeMembers([.id("a"), .id("b")], from: "g")
                == [.id("a"): .none, .id("b"): .unknownMemberID])
        #expect(
            log.all == [
                "find 2 g[]", "find 2 g[]", "find 2 h[]", "fetch 5 g true", "fetch 5 h true", "find 2 g[]", "leave a",
                "leave b",
            ])
        #expect(throws: ClientError.self) { try admin.removeMembers([.instance("i")], from: "g") }
        #expect(throws: ClientError.self) { try admin.deleteGroupOffsets("g", [TopicPartition("t", 0)]) }
        // It has classic groups only, so asking for those of consumers is asking for all.
        #expect(try admin.listGroups(.consumers).failures.isEmpty)
        let byType = try admin.listGroups(.init(types: [.consumer])).failures.map(\.cause)
        #expect(
            byType == [
                "The broker only supports ListGroups v2, but we need v5 or newer to request groups by type. Requested "
                    + "group types: [Consumer]. (UNSUPPORTED_VERSION)"
            ])
        let byState = try admin.listGroups(.init(states: [.stable])).failures.map(\.cause)
        #expect(
            byState == [
                "The broker only supports ListGroups v2, but we need v4 or newer to request groups by states. "
                    + "(UNSUPPORTED_VERSION)"
            ])
    }

    @Test func `a coordinator that loads or moves is asked again`() throws {
        let log = Log()
        let server = try ScriptedServer.cluster(Self.modern) { peer, header, body in
            if Self.coordinates(
                peer, header, body, log, code: { $0 < 3 ? ErrorCode.coordinatorNotAvailable : ErrorCode.none })
            {
                return true
            }
            guard header.apiKey == APIKey.offsetFetch.rawValue else { return false }
            let request: OffsetFetchRequest = Self.decode(body, header.apiVersion)
            log.add("fetch \(header.apiVersion) \(request.groups.map(\.groupId))")
            let round = log.all.filter { $0.hasPrefix("fetch") }.count
            var response = OffsetFetchResponse()
            response.groups = request.groups.map { asked in
                var group = OffsetFetchResponse.OffsetFetchResponseGroup()
                group.groupId = asked.groupId
                if asked.groupId == "g" {
                    group.errorCode = [ErrorCode.coordinatorLoadInProgress, .notCoordinator, .none][round - 1].rawValue
                }
                if asked.groupId == "h" { group.errorCode = ErrorCode.groupAuthorizationFailed.rawValue }
                return group
            }
            peer.answer(response, to: header)
            return true
        }
        let admin = Admin(try server.configuration(patient))
        let results = try admin.listGroupOffsets(["g", "h"])
        #expect(try results["g"]?.get().isEmpty == true)
        #expect(reason(results["h"])?.hasSuffix("(GROUP_AUTHORIZATION_FAILED)") == true)
        // Topics go by name, which the newest version does not do.
        #expect(
            log.all == [
                #"find 6 ["g", "h"]"#, #"find 6 ["g", "h"]"#, #"find 6 ["g", "h"]"#, #"fetch 9 ["g", "h"]"#,
                #"find 6 ["g"]"#, #"fetch 9 ["g"]"#, #"find 6 ["g"]"#, #"fetch 9 ["g"]"#,
            ])
    }

    @Test func `a coordinator that never comes is not waited for longer than there is time`() throws {
        let log = Log()
        let server = try ScriptedServer.cluster(Self.modern) { peer, header, body in
            Self.coordinates(peer, header, body, log, code: { _ in ErrorCode.coordinatorNotAvailable })
        }
        let admin = Admin(
            try server.configuration([
                "retries": "1000000", "retry.backoff.ms": "20", "retry.backoff.max.ms": "20",
                "request.timeout.ms": "300", "default.api.timeout.ms": "400",
            ]))
        let began = Clock.system.now
        let results = try admin.coordinators(of: ["g"])
        #expect(Clock.system.now - began < .seconds(3))
        #expect(log.all.count > 2)
        #expect(reason(results["g"])?.hasSuffix("(COORDINATOR_NOT_AVAILABLE)") == true)
    }

    @Test func `what becomes of offsets, groups and members`() throws {
        let log = Log()
        let server = try ScriptedServer.cluster(Self.modern) { peer, header, body in
            if Self.coordinates(peer, header, body, log) { return true }
            switch APIKey(rawValue: header.apiKey) {
            case .offsetCommit:
                let request: OffsetCommitRequest = Self.decode(body, header.apiVersion)
                log.add(
                    "commit \(header.apiVersion) \(request.generationIdOrMemberEpoch) '\(request.memberId)' "
                        + request.topics.map { topic in
                            "\(topic.name) "
                                + topic.partitions.map { "\($0.partitionIndex)=\($0.committedOffset)" }
                                .joined(separator: ",")
                        }.joined(separator: ";"))
                var response = OffsetCommitResponse()
                response.topics = request.topics.map { asked in
                    var topic = OffsetCommitResponse.OffsetCommitResponseTopic()
                    topic.name = asked.name
                    topic.partitions = asked.partitions.map { asked in
                        var partition = OffsetCommitResponse.OffsetCommitResponsePartition()
                        partition.partitionIndex = asked.partitionIndex
                        partition.errorCode = asked.partitionIndex == 1 ? ErrorCode.unknownMemberID.rawValue : 0
                        return partition
                    }
                    return topic
                }
                peer.answer(response, to: header)
            case .offsetDelete:
                let request: OffsetDeleteRequest = Self.decode(body, header.apiVersion)
                var response = OffsetDeleteResponse()
                if request.groupId == "busy" { response.errorCode = ErrorCode.nonEmptyGroup.rawValue }
                response.topics = request.topics.map { asked in
                    var topic = OffsetDeleteResponse.OffsetDeleteResponseTopic()
                    topic.name = asked.name
                    topic.partitions = asked.partitions.map { asked in
                        var partition = OffsetDeleteResponse.OffsetDeleteResponsePartition()
                        partition.partitionIndex = asked.partitionIndex
                        partition.errorCode =
                            asked.partitionIndex == 1 ? ErrorCode.groupSubscribedToTopic.rawValue : 0
                        return partition
                    }
                    return topic
                }
                peer.answer(response, to: header)
            case .deleteGroups:
                let request: DeleteGroupsRequest = Self.decode(body, header.apiVersion)
                var response = DeleteGroupsResponse()
                response.results = request.groupsNames.map { id in
                    var result = DeleteGroupsResponse.DeletableGroupResult()
                    result.groupId = id
                    if id == "busy" { result.errorCode = ErrorCode.nonEmptyGroup.rawValue }
                    return result
                }
                peer.answer(response, to: header)
            case .leaveGroup:
                let request: LeaveGroupRequest = Self.decode(body, header.apiVersion)
                log.add("leave \(request.members.map { "\($0.memberId)/\($0.groupInstanceId ?? "-")" })")
                var response = LeaveGroupResponse()
                response.members = request.members.map { asked in
                    var member = LeaveGroupResponse.MemberResponse()
                    member.memberId = asked.memberId
                    member.groupInstanceId = asked.groupInstanceId
                    return member
                }
                peer.answer(response, to: header)
            default: return false
            }
            return true
        }
        let admin = Admin(try server.configuration(patient))
        let partitions = [TopicPartition("t", 0), TopicPartition("t", 1)]
        #expect(
            try admin.alterGroupOffsets("g", [partitions[0]: CommittedOffset(5), partitions[1]: CommittedOffset(6)])
                == [partitions[0]: .none, partitions[1]: .unknownMemberID])
        #expect(
            try admin.deleteGroupOffsets("g", partitions)
                == [partitions[0]: .none, partitions[1]: .groupSubscribedToTopic])
        do throws(ClientError) {
            _ = try admin.deleteGroupOffsets("busy", partitions)
            Issue.record("the group has members")
        } catch {
            #expect(error.code == .nonEmptyGroup)
        }
        let deleted = try admin.deleteGroups(["idle", "busy"])
        #expect(reason(deleted["idle"]) == nil && deleted["idle"] != nil)
        #expect(reason(deleted["busy"]) == "The group is not empty. (NON_EMPTY_GROUP)")
        #expect(
            try admin.removeMembers([.id("a"), .instance("i")], from: "g")
                == [.id("a"): .none, .instance("i"): .none])
        #expect(
            log.all.filter { !$0.hasPrefix("find") } == [
                "commit 9 -1 '' t 0=5,1=6", #"leave ["a/-", "/i"]"#,
            ])
    }

    @Test func `an assignment that is none is told as such, and a listing gives words for all types`() throws {
        let log = Log()
        let server = try ScriptedServer.cluster(Self.modern) { peer, header, body in
            if Self.coordinates(peer, header, body, log) { return true }
            switch APIKey(rawValue: header.apiKey) {
            case .consumerGroupDescribe:
                // As a broker without the new protocol.
                var group = ConsumerGroupDescribeResponse.DescribedGroup()
                group.groupId = "g"
                group.errorCode = ErrorCode.unsupportedVersion.rawValue
                var response = ConsumerGroupDescribeResponse()
                response.groups = [group]
                peer.answer(response, to: header)
            case .describeGroups:
                var member = DescribeGroupsResponse.DescribedGroupMember()
                member.memberAssignment = [0, 1, 0x7f, 0xff, 0xff, 0xff]
                var group = DescribeGroupsResponse.DescribedGroup()
                group.groupId = "g"
                group.protocolType = "consumer"
                group.members = [member]
                var response = DescribeGroupsResponse()
                response.groups = [group]
                peer.answer(response, to: header)
            case .listGroups:
                let request: ListGroupsRequest = Self.decode(body, header.apiVersion)
                log.add("list \(request.statesFilter) \(request.typesFilter)")
                var response = ListGroupsResponse()
                response.groups = [
                    ("b", "connect", "Stable", "Classic"), ("a", "consumer", "Odd", "Consumer"),
                    ("c", "", "", ""), ("d", "share", "Empty", "Share"),
                ].map { id, kind, state, type in
                    var group = ListGroupsResponse.ListedGroup()
                    group.groupId = id
                    group.protocolType = kind
                    group.groupState = state
                    group.groupType = type
                    return group
                }
                peer.answer(response, to: header)
            default: return false
            }
            return true
        }
        let admin = Admin(try server.configuration(patient))
        #expect(reason(try admin.describeGroups(["g"])["g"])?.contains("it is no such answer") == true)
        let listing = try admin.listGroups(
            .init(states: [.stable], types: [.classic], protocolTypes: ["", "consumer"]))
        #expect(
            listing.groups == [
                GroupListing(id: "a", protocolType: "consumer", state: .unknown, type: .consumer),
                GroupListing(id: "c", protocolType: "", state: nil, type: nil),
            ])
        #expect(log.all.last == #"list ["Stable"] ["Classic"]"#)
        #expect(try admin.groupNames() == ["a", "b", "c", "d"])
    }
}
