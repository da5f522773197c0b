public import Bytes
public import Coordination
public import KafkaModel
public import Metadata
public import Timing

/// What a decision about a group is given beside its request: the time on both clocks, and the rules of the moment.
public struct GroupContext: Sendable {
    public var now: Instant
    public var wall: Timestamp
    public var settings: GroupSettings
    /// The topics, and the settings of groups.
    public var image: ClusterImage

    public init(now: Instant, wall: Timestamp, settings: GroupSettings, image: ClusterImage) {
        self.now = now
        self.wall = wall
        self.settings = settings
        self.image = image
    }
}

/// Kafka's kinds of groups that this coordinator has.
public enum GroupType: String, Sendable {
    case classic, consumer
}

/// Who commits offsets, as the request tells it.
public struct CommitClaim: Sendable {
    public var memberID: String
    public var instanceID: String?
    /// The generation of a classic member or the epoch of a consumer group's; -1 for who is no member.
    public var generation: Int32
    public var isTransactional: Bool
    public var version: Int16

    public init(
        memberID: String, instanceID: String? = nil, generation: Int32, isTransactional: Bool = false, version: Int16
    ) {
        self.memberID = memberID
        self.instanceID = instanceID
        self.generation = generation
        self.isTransactional = isTransactional
        self.version = version
    }
}

/// Whether a commit is taken.
public enum CommitAdmission: Equatable, Sendable {
    case admitted
    case refused(ErrorCode)
    /// It depends on the partition: a member of an older epoch may commit what it has had since that epoch.
    case byPartition
}

/// From when on the retention of a group's offsets counts (KIP-211).
public enum OffsetRetention: Equatable, Sendable {
    /// No offset of the group expires.
    case forever
    /// From each commit.
    case sinceCommit
    /// From the moment the group became empty.
    case since(Timestamp)
}

/// What a shard asks of a group, whichever protocol its members speak. A group is a value: it knows no offsets, no log and
/// no clock. What its events change is its own, what they want of the world goes into the effects.
public protocol CoordinatedGroup: Sendable {
    static var type: GroupType { get }
    var id: String { get }
    /// As ListGroups tells them.
    var protocolType: String { get }
    var stateName: String { get }
    var isEmpty: Bool { get }
    var memberCount: Int { get }

    /// Whether offsets of the topic are in use, so that they neither expire nor may be deleted one by one.
    func isSubscribed(to topic: String) -> Bool

    func admission(of claim: CommitClaim) -> CommitAdmission
    /// Asked for each partition after `byPartition`; one refusal refuses the whole commit.
    func refusal(of claim: CommitClaim, topic: UUID, partition: Int32) -> ErrorCode?
    /// A commit was taken: for classic members a sign of life.
    func committed(by claim: CommitClaim, _ context: GroupContext, into effects: inout GroupEffects)

    /// Why a member may not read offsets; OffsetFetch tells a member from version 9 on.
    func refusalOfOffsetFetch(memberID: String?, epoch: Int32) -> ErrorCode?
    func refusalOfOffsetDelete() -> ErrorCode?
    func refusalOfDelete() -> ErrorCode?
    var offsetRetention: OffsetRetention { get }

    /// What removes the group from the log; its offsets are the shard's business.
    func tombstones(into effects: inout GroupEffects)
    /// Takes back all timers, before the group is forgotten.
    func cancelTimers(into effects: inout GroupEffects)

    /// After the log was read: members have to be heard of from now on.
    mutating func loaded(_ context: GroupContext, into effects: inout GroupEffects)
    mutating func fired(_ timer: GroupTimer, _ context: GroupContext, into effects: inout GroupEffects)
}

extension CoordinatedGroup {
    public func refusal(of claim: CommitClaim, topic: UUID, partition: Int32) -> ErrorCode? { nil }
    public func committed(by claim: CommitClaim, _ context: GroupContext, into effects: inout GroupEffects) {}
}
