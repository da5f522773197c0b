import KafkaModel
import KafkaProtocol

@testable import GroupCoordinator

/// What members of the classic protocol say to the group on the stage.
extension ConsumerGroupStage {
    mutating func joinClassic(
        _ member: String, _ topics: [String], owned: [String: [Int32]]
    ) -> (code: ErrorCode, generation: Int32) {
        var subscription = ConsumerProtocolSubscription()
        subscription.topics = topics
        subscription.ownedPartitions = owned.map { topic, partitions in
            var told = ConsumerProtocolSubscription.TopicPartition()
            (told.topic, told.partitions) = (topic, partitions)
            return told
        }
        var offered = JoinGroupRequest.JoinGroupRequestProtocol()
        (offered.name, offered.metadata) = ("range", subscription.framed(version: 3))
        var request = JoinGroupRequest()
        (request.groupId, request.memberId, request.protocolType) = ("g", member, "consumer")
        (request.sessionTimeoutMs, request.rebalanceTimeoutMs) = (30_000, 20_000)
        request.protocols = [offered]
        let answer = ask { group, owed, context, effects in
            group.join(
                request, version: 9, newMemberID: "given", client: GroupClient(id: "old", host: "/127.0.0.1"),
                owed: owed, context, into: &effects)
        }
        guard case .joinGroup(let response) = answer else { return (.unknownServerError, -1) }
        return (ErrorCode(code: response.errorCode), response.generationId)
    }

    mutating func syncClassic(
        _ member: String, _ generation: Int32
    ) -> (code: ErrorCode, assigned: [String: [Int32]]) {
        var request = SyncGroupRequest()
        (request.groupId, request.memberId, request.generationId) = ("g", member, generation)
        let answer = ask { group, owed, context, effects in
            group.sync(request, version: 5, owed: owed, context, into: &effects)
        }
        guard case .syncGroup(let response) = answer else { return (.unknownServerError, [:]) }
        var assigned: [String: [Int32]] = [:]
        for told in ConsumerProtocolAssignment(embedded: response.assignment)?.assignedPartitions ?? [] {
            assigned[told.topic] = told.partitions
        }
        return (ErrorCode(code: response.errorCode), assigned)
    }

    mutating func heartbeatClassic(_ member: String, _ generation: Int32) -> ErrorCode {
        var request = HeartbeatRequest()
        (request.groupId, request.memberId, request.generationId) = ("g", member, generation)
        let answer = ask { group, owed, context, effects in
            group.heartbeat(request, owed: owed, context, into: &effects)
        }
        guard case .heartbeat(let response) = answer else { return .unknownServerError }
        return ErrorCode(code: response.errorCode)
    }

    mutating func leaveClassic(_ member: String) {
        var identity = LeaveGroupRequest.MemberIdentity()
        identity.memberId = member
        var request = LeaveGroupRequest()
        (request.groupId, request.members) = ("g", [identity])
        _ = ask { group, owed, context, effects in
            group.leave(request, version: 5, owed: owed, context, into: &effects)
        }
    }
}
