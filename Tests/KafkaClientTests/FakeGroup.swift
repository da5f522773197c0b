import Bytes
import KafkaModel
import KafkaProtocol
import Posix

@testable import KafkaClient

/// A coordinator of one group of one member, which writes down what it hears.
final class FakeGroup: Sendable {
    struct State {
        var log: [String] = []
        var generation: Int32 = 0
        var owned: [UInt8] = []
        var committed: [TopicPartition: Int64] = [:]
        /// What the next heartbeats are answered with.
        var heartbeats: [ErrorCode] = []
        /// The same for commits.
        var commits: [ErrorCode] = []
        /// How many lookups find an open transaction.
        var unstable = 0
        /// How many heartbeats came.
        var beats = 0
        /// What gets no answer for now.
        var parked: Set<APIKey> = []
        /// Of the newer protocol: what the member should have, when it is to hear of it.
        var target: [Int32]?
        var epoch: Int32 = 0
        /// It waits for others who never come.
        var holdsJoins = false
    }

    static let versions: [APIKey: ClosedRange<Int16>] = [
        .findCoordinator: 0...6, .joinGroup: 0...9, .syncGroup: 0...5, .heartbeat: 0...4, .leaveGroup: 0...5,
        .offsetCommit: 0...10, .offsetFetch: 0...10, .consumerGroupHeartbeat: 0...1,
    ]

    private let state = Monitor(State())

    func change(_ body: (inout State) -> Void) { state.update { body(&$0) } }
    var log: [String] { state.withLock { $0.log } }
    var committed: [TopicPartition: Int64] { state.withLock { $0.committed } }

    func waitFor(_ line: String) -> Bool {
        state.wait(milliseconds: 5000) { $0.log.contains(line) ? true : nil } ?? false
    }

    func waitForBeats(_ count: Int) -> Bool {
        state.wait(milliseconds: 5000) { $0.beats >= count ? true : nil } ?? false
    }

    private func park(_ api: APIKey) {
        state.update { if $0.parked.contains(api) { $0.log.append("parked \(api.name)") } }
        _ = state.wait(milliseconds: 5000) { $0.parked.contains(api) ? nil : true }
    }

    /// Whether it knows the question.
    func answer(_ header: RequestHeader, _ body: [UInt8], _ peer: ScriptedServer.Peer, _ port: UInt16) -> Bool {
        guard let api = APIKey(rawValue: header.apiKey) else { return false }
        park(api)
        switch api {
        case .findCoordinator:
            var response = FindCoordinatorResponse()
            var one = FindCoordinatorResponse.Coordinator()
            one.key = "g"
            one.nodeId = 1
            one.host = "127.0.0.1"
            one.port = Int32(port)
            response.coordinators = [one]
            peer.answer(response, to: header)
        case .joinGroup where state.withLock({ $0.holdsJoins && $0.generation > 0 }):
            state.update { $0.log.append("join held") }
            peer.waitForEnd()
        case .joinGroup: reply(JoinGroupRequest.self, header, body, peer) { self.join($0, &$1) }
        case .syncGroup: reply(SyncGroupRequest.self, header, body, peer) { self.sync($0, &$1) }
        case .heartbeat:
            reply(HeartbeatRequest.self, header, body, peer) { _, state in
                var response = HeartbeatResponse()
                state.beats += 1
                if !state.heartbeats.isEmpty { response.errorCode = state.heartbeats.removeFirst().rawValue }
                return response
            }
        case .leaveGroup:
            reply(LeaveGroupRequest.self, header, body, peer) { request, state in
                state.log.append("leave \(request.members.first?.memberId ?? request.memberId)")
                return LeaveGroupResponse()
            }
        case .offsetCommit: reply(OffsetCommitRequest.self, header, body, peer) { self.commit($0, &$1) }
        case .offsetFetch: reply(OffsetFetchRequest.self, header, body, peer) { self.fetch($0, &$1) }
        case .consumerGroupHeartbeat:
            reply(ConsumerGroupHeartbeatRequest.self, header, body, peer) { self.heartbeat($0, &$1) }
        default: return false
        }
        return true
    }

    private func reply<Request: RequestMessage>(
        _: Request.Type, _ header: RequestHeader, _ body: [UInt8], _ peer: ScriptedServer.Peer,
        _ answer: (Request, inout State) -> Request.Response
    ) {
        guard let request = try? Request.decode(body.span.bytes, version: header.apiVersion) else { return }
        peer.answer(state.update { answer(request, &$0) }, to: header)
    }

    private func join(_ request: JoinGroupRequest, _ state: inout State) -> JoinGroupResponse {
        var response = JoinGroupResponse()
        guard !request.memberId.isEmpty else {
            response.errorCode = ErrorCode.memberIDRequired.rawValue
            response.memberId = "m"
            return response
        }
        state.generation += 1
        state.log.append("join \(state.generation)")
        response.generationId = state.generation
        response.protocolType = request.protocolType
        response.protocolName = request.protocols.first?.name
        response.leader = "m"
        response.memberId = "m"
        var member = JoinGroupResponse.JoinGroupResponseMember()
        member.memberId = "m"
        member.metadata = request.protocols.first?.metadata ?? []
        response.members = [member]
        return response
    }

    private func sync(_ request: SyncGroupRequest, _ state: inout State) -> SyncGroupResponse {
        var response = SyncGroupResponse()
        response.protocolType = request.protocolType
        response.protocolName = request.protocolName
        response.assignment = request.assignments.first?.assignment ?? []
        return response
    }

    private func commit(_ request: OffsetCommitRequest, _ state: inout State) -> OffsetCommitResponse {
        let code = state.commits.isEmpty ? ErrorCode.none : state.commits.removeFirst()
        var response = OffsetCommitResponse()
        response.topics = request.topics.map { topic in
            var answer = OffsetCommitResponse.OffsetCommitResponseTopic()
            answer.name = topic.name
            answer.partitions = topic.partitions.map { partition in
                var one = OffsetCommitResponse.OffsetCommitResponsePartition()
                one.partitionIndex = partition.partitionIndex
                one.errorCode = code.rawValue
                if code == .none {
                    state.committed[TopicPartition(topic.name, partition.partitionIndex)] = partition.committedOffset
                }
                state.log.append("commit \(partition.committedOffset) in \(request.generationIdOrMemberEpoch)")
                return one
            }
            return answer
        }
        return response
    }

    private func fetch(_ request: OffsetFetchRequest, _ state: inout State) -> OffsetFetchResponse {
        var group = OffsetFetchResponse.OffsetFetchResponseGroup()
        group.groupId = "g"
        let isUnstable = state.unstable > 0
        if isUnstable { state.unstable -= 1 }
        for topic in request.groups.first?.topics ?? [] {
            var answer = OffsetFetchResponse.OffsetFetchResponseTopics()
            answer.name = topic.name
            for index in topic.partitionIndexes {
                var one = OffsetFetchResponse.OffsetFetchResponsePartitions()
                one.partitionIndex = index
                one.committedOffset = state.committed[TopicPartition(topic.name, index)] ?? -1
                one.errorCode = isUnstable ? ErrorCode.unstableOffsetCommit.rawValue : 0
                answer.partitions.append(one)
            }
            group.topics.append(answer)
        }
        var response = OffsetFetchResponse()
        response.groups = [group]
        return response
    }

    private func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, _ state: inout State
    ) -> ConsumerGroupHeartbeatResponse {
        var response = ConsumerGroupHeartbeatResponse()
        response.memberId = request.memberId
        response.heartbeatIntervalMs = 20
        state.beats += 1
        if request.memberEpoch < 0 {
            state.log.append("leave \(request.memberEpoch)")
            response.memberEpoch = request.memberEpoch
            return response
        }
        if let owned = request.topicPartitions {
            state.log.append("has \(owned.flatMap(\.partitions)) in \(request.memberEpoch)")
        }
        if !state.heartbeats.isEmpty {
            response.errorCode = state.heartbeats.removeFirst().rawValue
            return response
        }
        if request.memberEpoch == 0 { state.epoch += 1 }
        response.memberEpoch = state.epoch
        if request.memberEpoch == 0 || state.target != nil {
            var topic = ConsumerGroupHeartbeatResponse.TopicPartitions()
            topic.topicId = FakeLeader.id
            topic.partitions = state.target ?? [0]
            var assignment = ConsumerGroupHeartbeatResponse.Assignment()
            assignment.topicPartitions = topic.partitions.isEmpty ? [] : [topic]
            response.assignment = assignment
            state.target = nil
        }
        return response
    }
}
