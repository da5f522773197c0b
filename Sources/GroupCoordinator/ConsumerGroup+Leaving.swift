import Bytes
public import Coordination
import KafkaModel
import KafkaProtocol
import Timing

// How members go: by their own word, or because they were not heard of.
extension ConsumerGroup {
    mutating func left(
        _ request: ConsumerGroupHeartbeatRequest, _ context: GroupContext, into effects: inout GroupEffects
    ) throws(GroupRefusal) -> ConsumerGroupHeartbeatResponse {
        let member: ConsumerGroupMember
        if let instanceID = request.instanceId {
            guard let found = staticMember(instanceID) else {
                throw GroupRefusal(.unknownMemberID, "Instance id \(instanceID) is unknown.")
            }
            try check(instance: instanceID, of: found, memberID: request.memberId)
            member = found
        } else {
            guard let found = members[request.memberId] else { throw unknown(request.memberId) }
            member = found
        }
        var response = ConsumerGroupHeartbeatResponse()
        response.memberId = request.memberId
        response.memberEpoch = request.memberEpoch
        if request.instanceId != nil, request.memberEpoch == ConsumerGroupMember.leftEpoch {
            suspend(member, into: &effects)
        } else {
            fence([member], context, into: &effects)
        }
        return response
    }

    /// A static member goes and will be back: its place waits until its session is over.
    private mutating func suspend(_ member: ConsumerGroupMember, into effects: inout GroupEffects) {
        var left = member
        left.epoch = ConsumerGroupMember.leftEpoch
        // Its next incarnation has them from the beginning.
        left.assigned = member.assigned.mapValues { $0.mapValues { _ in 0 } }
        left.revoking = [:]
        write(.current(member: member.id, left.currentValue), into: &effects)
        effects.cancel(.rebalance(group: id, member: member.id))
    }

    /// Removes members for good. When only members of the classic protocol remain, the group becomes one of theirs.
    mutating func fence(
        _ leaving: [ConsumerGroupMember], _ context: GroupContext, into effects: inout GroupEffects
    ) {
        guard !leaving.isEmpty else { return }
        if mayBecomeClassic(without: leaving, context) {
            becomeClassic(
                without: leaving, rebalancing: "Downgrade group \(id) from consumer to classic for member leaving.",
                context, into: &effects)
            return
        }
        for member in leaving { remove(member.id, into: &effects) }
        dropIfUnused(Set(leaving.compactMap(\.regex)).sorted(), into: &effects)
        raiseEpoch(isDue: true, context, into: &effects)
        guard members.isEmpty else { return }
        // Nobody has anything, which needs no computing; whoever comes next does not wait for the interval to pass.
        var value = ConsumerGroupTargetAssignmentMetadataValue()
        value.assignmentEpoch = epoch
        write(.targetMetadata(value), into: &effects)
    }

    mutating func remove(_ memberID: String, into effects: inout GroupEffects) {
        write(.current(member: memberID, nil), into: &effects)
        write(.target(member: memberID, nil), into: &effects)
        write(.member(memberID, nil), into: &effects)
        cancelTimers(of: memberID, into: &effects)
    }

    private func cancelTimers(of memberID: String, into effects: inout GroupEffects) {
        effects.cancel(.session(group: id, member: memberID))
        effects.cancel(.rebalance(group: id, member: memberID))
        effects.cancel(.classicJoin(group: id, member: memberID))
        effects.cancel(.classicSync(group: id, member: memberID))
    }

    public func cancelTimers(into effects: inout GroupEffects) {
        for member in members.keys { cancelTimers(of: member, into: &effects) }
    }

    public mutating func fired(_ timer: GroupTimer, _ context: GroupContext, into effects: inout GroupEffects) {
        let member: ConsumerGroupMember
        let reason: String
        switch timer {
        case .session(_, let memberID):
            guard let found = members[memberID] else { return }
            (member, reason) = (found, "its session expired")
        case .rebalance(_, let memberID):
            guard let found = members[memberID], found.state == .unrevokedPartitions, found.epoch >= 0 else { return }
            (member, reason) = (found, "it did not give up its partitions in \(found.rebalanceTimeoutMs) ms")
        case .classicJoin(_, let memberID):
            guard let found = members[memberID], found.classic != nil, joinsAwaited.contains(memberID) else { return }
            (member, reason) = (found, "it did not join again in \(found.rebalanceTimeoutMs) ms")
        case .classicSync(_, let memberID):
            guard let found = members[memberID], found.classic != nil else { return }
            (member, reason) = (found, "it did not sync in \(found.rebalanceTimeoutMs) ms")
        case .join, .sync: return
        }
        effects.note(.info, "Group \(id): member \(member.id) is removed, as \(reason).")
        fence([member], context, into: &effects)
    }

    public mutating func loaded(_ context: GroupContext, into effects: inout GroupEffects) {
        let timeout = settings(context).sessionTimeout
        for member in members.values {
            effects.schedule(.session(group: id, member: member.id), at: context.now + timeout)
            guard member.state == .unrevokedPartitions, member.epoch >= 0 else { continue }
            let deadline = context.now + .milliseconds(Int64(member.rebalanceTimeoutMs))
            effects.schedule(.rebalance(group: id, member: member.id), at: deadline)
        }
    }

    public func tombstones(into effects: inout GroupEffects) {
        let ids = members.keys.sorted()
        func write(_ record: ConsumerGroupRecord) { effects.append(record.encoded(group: id)) }
        for member in ids { write(.current(member: member, nil)) }
        for member in ids { write(.target(member: member, nil)) }
        write(.targetMetadata(nil))
        for member in ids { write(.member(member, nil)) }
        for regex in regexes.keys.sorted() { write(.regex(regex, nil)) }
        write(.partitionMetadata(nil))
        write(.metadata(nil))
    }
}
