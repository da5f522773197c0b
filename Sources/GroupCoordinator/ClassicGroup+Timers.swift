public import Coordination
import Timing

extension ClassicGroup {
    /// What the group waits for, by what it waits.
    enum Wait {
        case session(ClassicMember)
        case newMember(String)
        case pendingMember(String, Duration)
        /// All members to join again.
        case join
        /// Any member to join, when none has.
        case joinAgain
        case initialDelay(Duration)
        /// All members to sync.
        case sync
    }

    func schedule(_ wait: Wait, _ context: GroupContext, into effects: inout GroupEffects) {
        let (timer, timeout): (GroupTimer, Duration) =
            switch wait {
            case .session(let member): (.session(group: id, member: member.id), member.sessionTimeout)
            case .newMember(let member): (.session(group: id, member: member), Self.newMemberJoinTimeout)
            case .pendingMember(let member, let timeout): (.session(group: id, member: member), timeout)
            case .join: (.join(group: id), rebalanceTimeout)
            // Members choose their timeouts; none of them keeps the broker busy.
            case .joinAgain: (.join(group: id), max(rebalanceTimeout, .seconds(1)))
            case .initialDelay(let delay): (.join(group: id), delay)
            case .sync: (.sync(group: id), rebalanceTimeout)
            }
        effects.schedule(timer, at: context.now + timeout)
    }

    public mutating func fired(_ timer: GroupTimer, _ context: GroupContext, into effects: inout GroupEffects) {
        switch timer {
        case .session(_, let member): sessionEnded(member, context, into: &effects)
        case .join: joinTimeEnded(context, into: &effects)
        case .sync: syncTimeEnded(context, into: &effects)
        case .rebalance, .classicJoin, .classicSync: break  // Members of consumer groups.
        }
        checkInvariants()
    }

    public func cancelTimers(into effects: inout GroupEffects) {
        for member in members.keys { effects.cancel(.session(group: id, member: member)) }
        for member in pendingMembers { effects.cancel(.session(group: id, member: member)) }
        effects.cancel(.join(group: id))
        effects.cancel(.sync(group: id))
    }

    private mutating func sessionEnded(
        _ memberID: String, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        if pendingMembers.contains(memberID) {
            effects.note(
                .info, "Pending member \(memberID) in group \(id) has been removed after session timeout expiration.")
            remove([memberID], into: &effects)
            if state == .preparingRebalance, hasAllJoined { completeJoin(context, into: &effects) }
            return
        }
        guard let member = members[memberID], !member.isExcused else { return }
        effects.note(.info, "Member \(memberID) in group \(id) has failed, removing it from the group.")
        remove([memberID], into: &effects)
        switch state {
        case .stable, .completingRebalance:
            prepareRebalance(
                because: "removing member \(memberID) on heartbeat expiration.", context, into: &effects)
        case .preparingRebalance:
            if hasAllJoined { completeJoin(context, into: &effects) }
        case .empty, .dead: break
        }
    }

    /// The first rebalance waits on as long as members keep coming; any other goes on with those that are there.
    private mutating func joinTimeEnded(_ context: GroupContext, into effects: inout GroupEffects) {
        guard state == .preparingRebalance else { return }
        guard var delay = initialDelay, delay.hasNewMember, delay.remaining > .zero else {
            return completeJoin(context, into: &effects)
        }
        let next = min(context.settings.initialRebalanceDelay, delay.remaining)
        delay.remaining = max(delay.remaining - delay.current, .zero)
        delay.current = next
        delay.hasNewMember = false
        initialDelay = delay
        schedule(.initialDelay(next), context, into: &effects)
    }

    private mutating func syncTimeEnded(_ context: GroupContext, into effects: inout GroupEffects) {
        guard state == .completingRebalance || state == .stable, owedSyncs > 0 else { return }
        let silent = membersInOrder.filter(\.owesSync).map(\.id)
        remove(silent, into: &effects)
        prepareRebalance(
            because: "Removing [\(silent.joined(separator: ", "))] on pending sync request expiration", context,
            into: &effects)
    }
}
