public import Coordination
import KafkaModel
public import Timing

/// How a group changes over between the classic protocol and that of consumer groups while it has members (KIP-848).
/// Sessions go on: they are the members' under either protocol.
extension ClassicGroup {
    /// A consumer group takes over. Nobody waits for a generation any more, and the log forgets this group.
    public mutating func handOver(into effects: inout GroupEffects) {
        refuseParked(.rebalanceInProgress, into: &effects)
        for member in pendingMembers { effects.cancel(.session(group: id, member: member)) }
        effects.cancel(.join(group: id))
        effects.cancel(.sync(group: id))
        tombstones(into: &effects)
    }

    /// What a consumer group becomes whose members all speak the classic protocol: stable, in the generation of the
    /// group's epoch. `assignment` tells what a member has, in the words of the protocol that wins.
    public init(
        takingOver id: String, epoch: Int32, members: [ClassicMember], wall: Timestamp,
        assignment: (_ member: ClassicMember, _ protocolName: String) -> [UInt8]
    ) {
        self.init(id: id, wall: wall)
        state = .stable
        generation = epoch
        groupProtocolType = Self.consumerProtocolType
        for member in members { add(member) }
        protocolName = chosenProtocol()
        subscribedTopics = topicsOfMembers()
        for member in members { self.members[member.id]?.assignment = assignment(member, protocolName ?? "") }
    }

    /// The group has taken over: the log says so, and its members are heard of here. A reason makes them join again.
    public mutating func tookOver(
        rebalancingBecause reason: String? = nil, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        write(into: &effects)
        for member in members.values { schedule(.session(member), context, into: &effects) }
        if let reason { prepareRebalance(because: reason, context, into: &effects) }
        checkInvariants()
    }
}
