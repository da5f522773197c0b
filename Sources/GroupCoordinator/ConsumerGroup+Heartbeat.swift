import Bytes
public import Coordination
import KafkaModel
public import KafkaProtocol
import Metadata
import Timing

extension ConsumerGroup {
    /// A member tells what it wants and has. A new one of version 0 is given its id.
    public mutating func heartbeat(
        _ request: ConsumerGroupHeartbeatRequest, newMemberID: String, client: GroupClient, owed: Owed,
        _ context: GroupContext, into effects: inout GroupEffects
    ) {
        do throws(GroupRefusal) {
            let response =
                request.memberEpoch < 0
                ? try left(request, context, into: &effects)
                : try beat(request, newMemberID: newMemberID, client: client, context, into: &effects)
            effects.answer(owed, .consumerGroupHeartbeat(response))
        } catch {
            effects.answer(owed, .consumerGroupHeartbeat(ConsumerGroupHeartbeatResponse(refusal: error)))
        }
    }

    /// Refuses before it changes anything.
    mutating func beat(
        _ request: ConsumerGroupHeartbeatRequest, newMemberID: String, client: GroupClient, _ context: GroupContext,
        into effects: inout GroupEffects
    ) throws(GroupRefusal) -> ConsumerGroupHeartbeatResponse {
        let memberID = request.memberId.isEmpty ? newMemberID : request.memberId
        let isJoining = request.memberEpoch == 0
        try checkRoom(for: memberID, instanceID: request.instanceId, context)
        let place = try place(of: request, memberID: memberID)
        var member = place.member
        member.take(request, client)
        if let regex = member.regex, regex != place.member.regex, regexSubscribers[regex] == nil {
            try Self.check(regex: regex)
        }
        if member.state == .unknown, request.topicPartitions?.isEmpty != true {
            throw GroupRefusal(
                .fencedMemberEpoch,
                "The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin."
            )
        }

        if let replaced = place.replaced { replace(replaced, with: place.member, into: &effects) }
        let change = subscribe(member, before: place.member, context, into: &effects)
        renewTarget(context, into: &effects)
        reconcile(
            memberID, subscriptionChanged: change, owned: request.topicPartitions, context,
            into: &effects)
        let settings = settings(context)
        effects.schedule(.session(group: id, member: memberID), at: context.now + settings.sessionTimeout)

        let now = members[memberID] ?? member
        var response = ConsumerGroupHeartbeatResponse()
        response.memberId = memberID
        response.memberEpoch = now.epoch
        response.heartbeatIntervalMs = Int32(clamping: settings.heartbeatInterval.wholeMilliseconds)
        let isFull =
            request.rebalanceTimeoutMs != -1 && request.topicPartitions != nil
            && (request.subscribedTopicNames != nil || request.subscribedTopicRegex != nil)
        if isJoining || isFull || now.assigned != place.member.assigned {
            response.assignment = ConsumerGroupHeartbeatResponse.Assignment(now.assigned)
        }
        return response
    }

    /// An instance that is in the group takes its own place, or is refused for another reason.
    func checkRoom(for memberID: String, instanceID: String?, _ context: GroupContext) throws(GroupRefusal) {
        if let instanceID, staticMembers[instanceID] != nil { return }
        let most = context.settings.consumerMembersMax
        guard members.count < most || members[memberID] != nil else {
            throw GroupRefusal(
                .groupMaxSizeReached, "The consumer group has reached its maximum capacity of \(most) members.")
        }
    }

    /// Where a member stands: its own place, a new one, or that of the static member whose instance it is now.
    struct Place {
        var member: ConsumerGroupMember
        var replaced: ConsumerGroupMember?
    }

    private func place(
        of request: ConsumerGroupHeartbeatRequest, memberID: String
    ) throws(GroupRefusal) -> Place {
        let isJoining = request.memberEpoch == 0
        guard let instanceID = request.instanceId else {
            guard let member = members[memberID] else {
                guard isJoining else { throw unknown(memberID) }
                return Place(member: ConsumerGroupMember(id: memberID))
            }
            try check(epochOf: request, member)
            return Place(member: member)
        }
        let member = staticMember(instanceID)
        guard isJoining else {
            guard let member else {
                throw GroupRefusal(.unknownMemberID, "Instance id \(instanceID) is unknown.")
            }
            try check(instance: instanceID, of: member, memberID: memberID)
            try check(epochOf: request, member)
            return Place(member: member)
        }
        guard let member else { return Place(member: members[memberID] ?? ConsumerGroupMember(id: memberID)) }
        guard member.epoch == ConsumerGroupMember.leftEpoch || member.classic != nil else {
            throw GroupRefusal(
                .unreleasedInstanceID,
                "Static member \(memberID) with instance id \(instanceID) cannot join the group because the instance "
                    + "id is owned by \(member.id) member.")
        }
        return Place(member: member.returning(as: memberID), replaced: member)
    }

    func unknown(_ memberID: String) -> GroupRefusal {
        GroupRefusal(.unknownMemberID, "Member \(memberID) is not a member of group \(id).")
    }

    func check(instance: String, of member: ConsumerGroupMember, memberID: String) throws(GroupRefusal) {
        guard member.id != memberID else { return }
        throw GroupRefusal(
            .fencedInstanceID,
            "Static member \(memberID) with instance id \(instance) was fenced by member \(member.id).")
    }

    /// A member that missed its last answer comes with the epoch before. It is heard, as long as it holds nothing that
    /// it should not.
    private func check(
        epochOf request: ConsumerGroupHeartbeatRequest, _ member: ConsumerGroupMember
    ) throws(GroupRefusal) {
        let told = request.memberEpoch
        guard told != 0, told != member.epoch else { return }
        if told < member.epoch, told == member.previousEpoch, member.isAssigned(all: request.topicPartitions) { return }
        throw GroupRefusal(
            .fencedMemberEpoch,
            "The consumer group member has a \(told > member.epoch ? "greater" : "smaller") member epoch (\(told)) than "
                + "the one known by the group coordinator (\(member.epoch)). The member must abandon all its partitions "
                + "and rejoin.")
    }

    /// The place of a static member under its new id. Its regular expression is the new member's business.
    mutating func replace(
        _ member: ConsumerGroupMember, with returned: ConsumerGroupMember, into effects: inout GroupEffects
    ) {
        let target = target.members[member.id] ?? [:]
        remove(member.id, into: &effects)
        write(.member(returned.id, returned.metadataValue), into: &effects)
        write(.target(member: returned.id, Self.value(target)), into: &effects)
        write(.current(member: returned.id, returned.currentValue), into: &effects)
    }

    /// The broker's settings, with what the group has set for itself.
    func settings(_ context: GroupContext) -> ConsumerGroupSettings {
        var settings = context.settings.consumer
        let own = context.image.config(ConfigResource(.group, id))
        guard !own.isEmpty else { return settings }
        func duration(_ name: String) -> Duration? { own[name].flatMap { Int64($0) }.map { .milliseconds($0) } }
        if let timeout = duration("consumer.session.timeout.ms") { settings.sessionTimeout = timeout }
        if let interval = duration("consumer.heartbeat.interval.ms") { settings.heartbeatInterval = interval }
        if let interval = duration("consumer.assignment.interval.ms") { settings.assignmentInterval = interval }
        return settings
    }
}

extension ConsumerGroupMember {
    /// What is null in a request is as before.
    fileprivate mutating func take(_ request: ConsumerGroupHeartbeatRequest, _ client: GroupClient) {
        if let instance = request.instanceId { instanceID = instance }
        if let rack = request.rackId { rackID = rack }
        if request.rebalanceTimeoutMs != -1 { rebalanceTimeoutMs = request.rebalanceTimeoutMs }
        if let name = request.serverAssignor { assignor = name }
        if let names = request.subscribedTopicNames { topics = Self.ordered(names) }
        if let text = request.subscribedTopicRegex { regex = text.isEmpty ? nil : text }
        self.client = client
        classic = nil
    }

    fileprivate func isAssigned(all told: [ConsumerGroupHeartbeatRequest.TopicPartitions]?) -> Bool {
        guard let told else { return false }
        return told.allSatisfy { topic in
            guard let held = assigned[topic.topicId] else { return false }
            return topic.partitions.allSatisfy { held[$0] != nil }
        }
    }

    /// It begins in epoch 0 with what it had.
    func returning(as id: String) -> ConsumerGroupMember {
        var member = renamed(id)
        member.epoch = 0
        member.previousEpoch = 0
        return member
    }
}

extension ConsumerGroupHeartbeatResponse {
    init(refusal: GroupRefusal) {
        self.init()
        errorCode = refusal.code.rawValue
        errorMessage = refusal.message ?? refusal.code.message
    }
}

extension ConsumerGroupHeartbeatResponse.Assignment {
    init(_ partitions: HeldPartitions) {
        self.init()
        topicPartitions = partitions.keys.sorted().map { topic in
            var told = ConsumerGroupHeartbeatResponse.TopicPartitions()
            told.topicId = topic
            told.partitions = (partitions[topic] ?? [:]).keys.sorted()
            return told
        }
    }
}
