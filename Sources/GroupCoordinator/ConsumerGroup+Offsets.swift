public import Bytes
public import KafkaModel
import KafkaProtocol

// Who may do what with the offsets of the group.
extension ConsumerGroup: CoordinatedGroup {
    public static var type: GroupType { .consumer }
    public var protocolType: String { "consumer" }
    public var stateName: String { state.rawValue }
    public var memberCount: Int { members.count }

    public func isSubscribed(to topic: String) -> Bool {
        topicSubscribers[topic] != nil || regexes.values.contains { $0.topics.contains(topic) }
    }

    public func admission(of claim: CommitClaim) -> CommitAdmission {
        // Who assigns itself, or resets offsets with a tool, has no epoch: it may while there are no members.
        if claim.generation < 0, members.isEmpty { return .admitted }
        // A transactional producer need not know the member it works for.
        if claim.isTransactional, claim.generation == -1, claim.memberID.isEmpty, claim.instanceID == nil {
            return .admitted
        }
        guard let member = members[claim.memberID] else { return .refused(.unknownMemberID) }
        // Before that version a commit cannot be told that the epoch is stale.
        if !claim.isTransactional, member.classic == nil, claim.version < 9 { return .refused(.unsupportedVersion) }
        if claim.generation == member.epoch { return .admitted }
        return claim.generation > member.epoch ? .refused(staleness(of: member)) : .byPartition
    }

    /// What a member has had since an epoch, it may commit with that epoch and every later one.
    public func refusal(of claim: CommitClaim, topic: UUID, partition: Int32) -> ErrorCode? {
        guard let member = members[claim.memberID] else { return .unknownMemberID }
        let since = member.assigned[topic]?[partition] ?? member.revoking[topic]?[partition]
        guard let since, claim.generation >= since else { return staleness(of: member) }
        return nil
    }

    private func staleness(of member: ConsumerGroupMember) -> ErrorCode {
        member.classic == nil ? .staleMemberEpoch : .illegalGeneration
    }

    public func refusalOfOffsetFetch(memberID: String?, epoch: Int32) -> ErrorCode? {
        guard memberID != nil || epoch >= 0 else { return nil }
        guard let member = memberID.flatMap({ members[$0] }) else { return .unknownMemberID }
        return member.epoch == epoch ? nil : staleness(of: member)
    }

    public func refusalOfOffsetDelete() -> ErrorCode? { nil }
    public func refusalOfDelete() -> ErrorCode? { isEmpty ? nil : .nonEmptyGroup }
    public var offsetRetention: OffsetRetention { .sinceCommit }
}
