public import Coordination
public import KafkaModel
public import KafkaProtocol
import Timing

/// What of a group is in the log, and what becomes of it when a coordinator reads it or gives it up.
extension ClassicGroup {
    /// The version that brokers of 2.3 and later write and read.
    static let recordVersion: Int16 = 3

    var recordKey: GroupMetadataKey {
        var key = GroupMetadataKey()
        key.group = id
        return key
    }

    /// The group as its record tells it now.
    public var record: CoordinatorRecord {
        var value = GroupMetadataValue()
        value.protocolType = groupProtocolType ?? ""
        value.generation = generation
        value.protocolName = protocolName
        value.leader = leaderID
        value.currentStateTimestamp = (stateSince ?? .none).milliseconds
        value.members = membersInOrder.map { member in
            var told = GroupMetadataValue.MemberMetadata()
            told.memberId = member.id
            told.groupInstanceId = member.instanceID
            told.clientId = member.client.id
            told.clientHost = member.client.host
            told.rebalanceTimeout = Int32(clamping: member.rebalanceTimeout.wholeMilliseconds)
            told.sessionTimeout = Int32(clamping: member.sessionTimeout.wholeMilliseconds)
            told.subscription = member.metadata(for: protocolName)
            told.assignment = member.assignment
            return told
        }
        return CoordinatorRecord(recordKey, value, version: Self.recordVersion)
    }

    mutating func write(into effects: inout GroupEffects) {
        isUnwritten = false
        effects.append(record)
    }

    /// That the group exists, before it has a generation.
    mutating func writeEmpty(into effects: inout GroupEffects) {
        isUnwritten = false
        var value = GroupMetadataValue()
        value.currentStateTimestamp = (stateSince ?? .none).milliseconds
        effects.append(CoordinatorRecord(recordKey, value, version: Self.recordVersion))
    }

    public func tombstones(into effects: inout GroupEffects) { effects.append(.tombstone(recordKey)) }

    /// From its record. A member of a record that names an id or an instance id twice is there once.
    public init(id: String, loading value: GroupMetadataValue, version: Int16) {
        self.init(id: id, wall: .none)
        isUnwritten = false
        state = value.members.isEmpty ? .empty : .stable
        stateSince = value.currentStateTimestamp == -1 ? nil : Timestamp(milliseconds: value.currentStateTimestamp)
        generation = value.generation
        groupProtocolType = value.protocolType.isEmpty ? nil : value.protocolType
        protocolName = value.protocolName
        for told in value.members {
            guard members[told.memberId] == nil, told.groupInstanceId.map({ staticMembers[$0] == nil }) ?? true
            else { continue }
            let rebalanceTimeout = told.rebalanceTimeout == -1 ? told.sessionTimeout : told.rebalanceTimeout
            add(
                ClassicMember(
                    id: told.memberId, instanceID: told.groupInstanceId,
                    client: GroupClient(id: told.clientId, host: told.clientHost),
                    rebalanceTimeout: .milliseconds(rebalanceTimeout),
                    sessionTimeout: .milliseconds(told.sessionTimeout),
                    protocols: [.init(name: value.protocolName ?? "", metadata: told.subscription)],
                    assignment: told.assignment))
        }
        if let leader = value.leader, members[leader] != nil { leaderID = leader }
        subscribedTopics = topicsOfMembers()
    }

    /// The log has been read: the members have a session each to show that they are there.
    public mutating func loaded(_ context: GroupContext, into effects: inout GroupEffects) {
        effects.note(.info, "Loaded classic group \(id) with \(members.count) members.")
        for member in members.values { schedule(.session(member), context, into: &effects) }
        guard members.count > context.settings.membersMax else { return }
        prepareRebalance(
            because: """
                Freshly-loaded group \(id) (size \(members.count)) is over capacity \(context.settings.membersMax). \
                Rebalancing in order to give a chance for consumers to commit offsets
                """, context, into: &effects)
        checkInvariants()
    }

    /// Another broker leads the group from now on: whoever waits has to look for it.
    public mutating func unloaded(into effects: inout GroupEffects) {
        effects.note(.info, "[GroupId=\(id)] Unloading group metadata for generation \(generation).")
        refuseParked(.notCoordinator, into: &effects)
        cancelTimers(into: &effects)
        state = .dead
    }

    /// Answers everybody who waits, and lets them join again.
    mutating func refuseParked(_ code: ErrorCode, into effects: inout GroupEffects) {
        for member in membersInOrder {
            if let owed = member.parkedJoin { effects.answer(owed, .joinGroup(.refusing(code, memberID: member.id))) }
            if let owed = member.parkedSync { effects.answer(owed, .syncGroup(.refusing(code))) }
            members[member.id]?.parkedJoin = nil
            members[member.id]?.parkedSync = nil
        }
        parkedJoins = 0
    }

    /// What the group decided could not be written, so it is as it was before; but the requests of the decision, which
    /// this group still holds parked, have been refused. They wait no more. The timer of a decision is tried again by
    /// whoever runs it.
    public mutating func appendFailed(
        _ code: ErrorCode, refusing refused: Set<Owed>, _ context: GroupContext, into effects: inout GroupEffects
    ) {
        for member in members.values {
            let joinIsRefused = member.parkedJoin.map(refused.contains) ?? false
            let syncIsRefused = member.parkedSync.map(refused.contains) ?? false
            guard joinIsRefused || syncIsRefused else { continue }
            if joinIsRefused {
                members[member.id]?.parkedJoin = nil
                parkedJoins -= 1
            }
            if syncIsRefused { members[member.id]?.parkedSync = nil }
            schedule(.session(member), context, into: &effects)
        }
        // The leader's assignment is lost; all have to come again.
        if state == .completingRebalance {
            prepareRebalance(
                because: "Error \(code.name) when storing group assignment during SyncGroup.", context,
                into: &effects)
        }
        checkInvariants()
    }
}
