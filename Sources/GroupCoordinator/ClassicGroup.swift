public import Timing

/// A group of the classic protocol, as a value: its members join, one of them assigns, all of them sync. Events change
/// it and say in the effects what to write, whom to answer and what to wait for; it knows no clock and no log.
///
/// What survives a broker is the record that is written when a generation has its assignment, when the last member
/// goes, and when a static member comes back under a new id. All the rest the clients bring back.
///
/// A group does not remember when a member was last heard of: that is the deadline of the member's session timer, so
/// that a heartbeat changes nothing here.
public struct ClassicGroup: Sendable {
    public let id: String
    public internal(set) var state: ClassicGroupState
    /// A group that was empty before it prepares gives its first members time to come together.
    var previousState: ClassicGroupState = .dead
    public internal(set) var stateSince: Timestamp?
    public internal(set) var generation: Int32 = 0
    /// `consumer` for consumers. A group that only commits has none.
    public internal(set) var groupProtocolType: String?
    public internal(set) var protocolName: String?
    public internal(set) var leaderID: String?
    public internal(set) var members: [String: ClassicMember] = [:]
    /// Member ids by `group.instance.id`.
    public internal(set) var staticMembers: [String: String] = [:]
    /// Ids that were given out and whose owners have not joined with them yet (KIP-394).
    public internal(set) var pendingMembers: Set<String> = []
    /// What the members of this generation read, where the group consumes and its metadata can be read.
    public internal(set) var subscribedTopics: Set<String>?

    /// How many members support a protocol.
    var supporters: [String: Int] = [:]
    var parkedJoins = 0
    var owedSyncs = 0
    var nextPosition: UInt64 = 0
    /// Set while the join timer counts the delay of the first rebalance, which grows as members come.
    var initialDelay: InitialDelay?
    /// There is no record of this group yet, so that its first join has to leave one.
    var isUnwritten = false

    struct InitialDelay: Hashable, Sendable {
        var current: Duration
        var remaining: Duration
        var hasNewMember = false
    }

    /// A group of which the log has no record: somebody joins or commits who is the first of it.
    public init(id: String, wall: Timestamp) {
        self.id = id
        state = .empty
        stateSince = wall
        isUnwritten = true
    }

    public var isEmpty: Bool { state == .empty }

    /// It exists for its offsets only.
    public var isSimple: Bool { groupProtocolType == nil && isEmpty && pendingMembers.isEmpty }

    public var usesConsumerProtocol: Bool { groupProtocolType == Self.consumerProtocolType }

    public static let consumerProtocolType = "consumer"

    /// How long a new member may wait for the answer to its first join. It does not know its id yet, so it cannot send
    /// heartbeats; without a limit, clients that give up and try again would pile up in a long rebalance.
    static let newMemberJoinTimeout = Duration.seconds(300)

    /// In the order in which they came.
    public var membersInOrder: [ClassicMember] { members.values.sorted { $0.position < $1.position } }

    /// The longest that a member asks for.
    var rebalanceTimeout: Duration { members.values.reduce(.zero) { max($0, $1.rebalanceTimeout) } }

    var hasAllJoined: Bool { parkedJoins == members.count && pendingMembers.isEmpty }

    mutating func transition(to next: ClassicGroupState, _ context: GroupContext) {
        previousState = state
        state = next
        stateSince = context.wall
    }
}
