/// One partition of `__consumer_offsets`: the groups whose ids fall on it, and their offsets.
///
/// A shard calls a group, whichever it is, through `CoordinatedGroup`. Beside that it expects of `ClassicGroup`
///
///     init(id: String)                                  an empty group, not known to the log
///     init(id: String, loading: GroupMetadataValue, version: Int16)
///     mutating func join(_: JoinGroupRequest, version: Int16, newMemberID: String, client: GroupClient,
///                        owed: Owed, _: GroupContext, into: inout GroupEffects)
///     mutating func sync(_: SyncGroupRequest, version: Int16, owed: Owed, _: GroupContext, into:)
///     mutating func heartbeat(_: HeartbeatRequest, owed: Owed, _: GroupContext, into:)
///     mutating func leave(_: LeaveGroupRequest, version: Int16, owed: Owed, _: GroupContext, into:)
///     func described() -> DescribeGroupsResponse.DescribedGroup
///     var isSimple: Bool                                only commits, no protocol type
///
/// and of `ConsumerGroup`
///
///     init(id: String)
///     mutating func heartbeat(_: ConsumerGroupHeartbeatRequest, newMemberID: String, client: GroupClient,
///                             owed: Owed, _: GroupContext, into:)
///     mutating func replay(_ record: ConsumerGroupRecord)    a decoded record of the kinds 3 to 8 and 16
///     func described(_: GroupContext) -> ConsumerGroupDescribeResponse.DescribedGroup
///
/// Checks that need no group (an empty id, a session timeout out of bounds, a group that is not there) are the shard's.
public struct GroupShard: Sendable {
    public init() {}
}
