import Bytes
public import Coordination
import KafkaModel
public import KafkaProtocol
import Metadata
import Timing

// How a group changes over between the protocols while it has members (KIP-848).
extension ConsumerGroup {
    /// A consumer's heartbeat comes to a classic group. Without members that group ends; with members it becomes one of
    /// the consumer protocol, in which they go on as they are. Answers nil when it stays what it is.
    public static func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, to classic: ClassicGroup, newMemberID: String, client: GroupClient,
        owed: Owed, _ context: GroupContext, into effects: inout GroupEffects
    ) -> ConsumerGroup? {
        guard request.memberEpoch == 0 else {
            let response = notFound(classic.id, isClassic: true)
            effects.answer(owed, .consumerGroupHeartbeat(response))
            return nil
        }
        do throws(GroupRefusal) {
            // What is refused leaves no trace.
            var tried = effects
            var group = ConsumerGroup(id: classic.id)
            if classic.isEmpty {
                classic.tombstones(into: &tried)
                classic.cancelTimers(into: &tried)
            } else {
                group = try ConsumerGroup(upgrading: classic, context, into: &tried)
            }
            let response = try group.beat(
                request, newMemberID: newMemberID, client: client, context, into: &tried)
            tried.answer(owed, .consumerGroupHeartbeat(response))
            effects = tried
            return group
        } catch {
            effects.answer(owed, .consumerGroupHeartbeat(ConsumerGroupHeartbeatResponse(refusal: error)))
            return nil
        }
    }

    /// The members keep what they have; whoever waits for a generation is told to join again.
    private init(
        upgrading classic: ClassicGroup, _ context: GroupContext, into effects: inout GroupEffects
    ) throws(GroupRefusal) {
        func refused(_ reason: String) -> GroupRefusal {
            GroupRefusal(
                .groupIDNotFound, "Cannot upgrade classic group \(classic.id) to consumer group because \(reason)")
        }
        if !context.settings.migrationPolicy.upgrades { throw refused("online upgrade is disabled.") }
        if !classic.usesConsumerProtocol { throw refused("the group does not use the consumer embedded protocol.") }
        if classic.members.count > context.settings.consumerMembersMax {
            throw refused("the group size exceeds the consumer group maximum size.")
        }
        self.init(id: classic.id)
        let name = classic.protocolName ?? classic.chosenProtocol()
        var taken: [ConsumerGroupMember] = []
        for member in classic.membersInOrder {
            guard let subscription = ConsumerProtocolSubscription(embedded: member.metadata(for: name)) else {
                throw refused("the embedded consumer protocol is malformed.")
            }
            var assignment = ConsumerProtocolAssignment()
            if !member.assignment.isEmpty {
                guard let told = ConsumerProtocolAssignment(embedded: member.assignment) else {
                    throw refused("the embedded consumer protocol is malformed.")
                }
                assignment = told
            }
            guard assignment.userData?.isEmpty ?? true else {
                throw refused(
                    "an unsupported custom assignor is in use. Please refer to the documentation or switch to a default "
                        + "assignor before re-attempting the upgrade.")
            }
            taken.append(ConsumerGroupMember(member, subscription, assignment, classic.generation, context.image))
        }
        take(taken, generation: classic.generation, of: classic, context, into: &effects)
    }

    private mutating func take(
        _ taken: [ConsumerGroupMember], generation: Int32, of classic: ClassicGroup, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        var ended = classic
        ended.handOver(into: &effects)
        for member in taken { write(.member(member.id, member.metadataValue), into: &effects) }
        let topics = topics(in: context.image)
        if !topics.isEmpty { write(.partitionMetadata(Self.value(topics)), into: &effects) }
        var metadata = ConsumerGroupMetadataValue()
        metadata.epoch = generation
        write(.metadata(metadata), into: &effects)

        // Two members cannot have the same partition here, whatever their assignor thought.
        var claimed: [UUID: Set<Int32>] = [:]
        let members = taken.map { member in
            var member = member
            for (topic, partitions) in member.assigned {
                let own = partitions.filter { claimed[topic, default: []].insert($0.key).inserted }
                member.assigned[topic] = own.isEmpty ? nil : own
            }
            return member
        }
        for member in members {
            let target = member.assigned.mapValues { $0.keys.sorted() }
            write(.target(member: member.id, Self.value(target)), into: &effects)
        }
        var value = ConsumerGroupTargetAssignmentMetadataValue()
        value.assignmentEpoch = generation
        write(.targetMetadata(value), into: &effects)
        for member in members {
            write(.current(member: member.id, member.currentValue), into: &effects)
            let timeout = Duration.milliseconds(Int64(member.classic?.sessionTimeoutMs ?? 0))
            effects.schedule(.session(group: id, member: member.id), at: context.now + timeout)
        }
        effects.note(.info, "[GroupId \(id)] Converted the classic group to a consumer group.")
    }

    /// Whether only members of the classic protocol remain, and may be one of their groups.
    func mayBecomeClassic(without leaving: [ConsumerGroupMember], _ context: GroupContext) -> Bool {
        let remaining = members.count - leaving.count
        let classic = classicMembers - leaving.count { $0.classic != nil }
        return remaining > 0 && classic == remaining && mayBecomeClassic(remaining, context)
    }

    /// The same when a classic incarnation of a static member replaces the last one of the consumer protocol.
    func mayBecomeClassic(replacing member: ConsumerGroupMember, _ context: GroupContext) -> Bool {
        member.classic == nil && classicMembers == members.count - 1 && mayBecomeClassic(members.count, context)
    }

    private func mayBecomeClassic(_ count: Int, _ context: GroupContext) -> Bool {
        guard context.settings.migrationPolicy.downgrades else { return false }
        return count <= context.settings.membersMax
    }

    /// Ends this group in the log and in its place begins a classic one, with the members that remain and what they
    /// shall have.
    mutating func becomeClassic(
        without leaving: [ConsumerGroupMember], rebalancing reason: String?, _ context: GroupContext,
        into effects: inout GroupEffects
    ) {
        tombstones(into: &effects)
        cancelTimers(into: &effects)
        let gone = Set(leaving.map(\.id))
        let staying = members.keys.sorted().filter { !gone.contains($0) }.compactMap { members[$0]?.asClassic }
        var classic = ClassicGroup(takingOver: id, epoch: epoch, members: staying, wall: context.wall) { member, name in
            ConsumerProtocolAssignment.embedded(
                target.members[member.id] ?? [:], asIn: member.metadata(for: name), context.image)
        }
        effects.note(.info, "[GroupId \(id)] Converted the consumer group to a classic group.")
        classic.tookOver(rebalancingBecause: reason, context, into: &effects)
        successor = classic
    }
}

extension ConsumerGroupMember {
    /// The member as a group of the classic protocol has it, if it speaks that.
    fileprivate var asClassic: ClassicMember? {
        classic.map { classic in
            ClassicMember(
                id: id, instanceID: instanceID, client: client,
                rebalanceTimeout: .milliseconds(Int64(rebalanceTimeoutMs)),
                sessionTimeout: .milliseconds(Int64(classic.sessionTimeoutMs)), protocols: classic.protocols)
        }
    }

    fileprivate init(
        _ member: ClassicMember, _ subscription: ConsumerProtocolSubscription,
        _ assignment: ConsumerProtocolAssignment, _ generation: Int32, _ image: ClusterImage
    ) {
        self.init(id: member.id)
        epoch = generation
        previousEpoch = generation
        instanceID = member.instanceID
        rackID = subscription.rackId.flatMap { $0.isEmpty ? nil : $0 }
        rebalanceTimeoutMs = Int32(clamping: member.rebalanceTimeout.wholeMilliseconds)
        client = member.client
        topics = Self.ordered(subscription.topics)
        classic = Classic(
            sessionTimeoutMs: Int32(clamping: member.sessionTimeout.wholeMilliseconds), protocols: member.protocols)
        for told in assignment.assignedPartitions {
            guard let topic = image.topicID(told.topic), !told.partitions.isEmpty else { continue }
            for partition in told.partitions { assigned[topic, default: [:]][partition] = generation }
        }
    }
}
