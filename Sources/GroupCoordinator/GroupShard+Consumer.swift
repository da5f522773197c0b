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
        switch groups[id] {
        case .consumer(var group):
            group.heartbeat(request, newMemberID: newMemberID, client: client, owed: owed, context, into: &effects)
            put(Group(group), id)
        case .classic(let classic):
            let successor = ConsumerGroup.heartbeat(
                request, to: classic, newMemberID: newMemberID, client: client, owed: owed, context, into: &effects)
            if let successor { put(Group(successor), id) }
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
