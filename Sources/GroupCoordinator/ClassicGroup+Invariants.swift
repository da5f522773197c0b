extension ClassicGroup {
    /// What holds between events. Only debug builds look, and not at every member of a crowd.
    func checkInvariants() {
        assert(members.count > 64 || violation == nil, violation ?? "")
    }

    var violation: String? {
        if members.isEmpty != (leaderID == nil) { return "a group has a leader if it has members" }
        if let leaderID, members[leaderID] == nil { return "the leader is a member" }
        if state == .empty, !members.isEmpty { return "an empty group has no members" }
        if members.isEmpty, state == .stable || state == .completingRebalance { return "a generation has members" }
        if parkedJoins != members.values.count(where: { $0.parkedJoin != nil }) { return "parked joins are counted" }
        if owedSyncs != members.values.count(where: \.owesSync) { return "owed syncs are counted" }
        if parkedJoins > 0, state != .preparingRebalance { return "joins wait only while the group prepares" }
        if state != .completingRebalance, members.values.contains(where: { $0.parkedSync != nil }) {
            return "syncs wait only for an assignment"
        }
        if initialDelay != nil, state != .preparingRebalance { return "the first delay ends with the first generation" }
        if members.values.contains(where: { pendingMembers.contains($0.id) }) { return "who has joined is not pending" }
        for (instance, member) in staticMembers where members[member]?.instanceID != instance {
            return "static members are members"
        }
        var counted: [String: Int] = [:]
        for member in members.values {
            for supported in member.protocols { counted[supported.name, default: 0] += 1 }
        }
        if counted != supporters { return "supporters are counted" }
        if !members.isEmpty, !counted.values.contains(members.count) { return "one protocol is known to all" }
        return nil
    }
}
