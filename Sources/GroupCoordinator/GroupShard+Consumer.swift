public import Coordination
public import KafkaProtocol

/// The one request of members of the consumer protocol.
extension GroupShard {
    /// `newMemberID` is for a member that does not make its own.
    public mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, newMemberID: String, client: GroupClient, owed: Owed,
        _ context: GroupContext, into effects: inout GroupEffects
    ) {
        let id = request.groupId
        let isJoining = request.memberEpoch == 0
        if isJoining, case .classic(let empty) = groups[id], empty.isEmpty {
            effects.note(.info, "[GroupId \(id)] Converted the empty classic group to a consumer group.")
            end(id, into: &effects)
        }
        switch groups[id] {
        case .consumer(var group):
            group.heartbeat(request, newMemberID: newMemberID, client: client, owed: owed, context, into: &effects)
            put(Group(group), id)
        case .classic:
            effects.answer(owed, .consumerGroupHeartbeat(ConsumerGroup.notFound(id, isClassic: true)))
        case nil:
            guard isJoining else {
                return effects.answer(owed, .consumerGroupHeartbeat(ConsumerGroup.notFound(id, isClassic: false)))
            }
            var group = ConsumerGroup(id: id)
            group.heartbeat(request, newMemberID: newMemberID, client: client, owed: owed, context, into: &effects)
            // A member that was refused leaves no group behind.
            if !effects.records.isEmpty { put(Group(group), id) }
        }
    }
}
