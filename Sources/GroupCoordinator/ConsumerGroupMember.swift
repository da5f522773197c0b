public import Bytes

/// Partitions by the id of their topic, in order and without empty lists.
public typealias PartitionsByTopic = [UUID: [Int32]]

/// Partitions in somebody's hands, with the epoch in which he got each.
public typealias HeldPartitions = [UUID: [Int32: Int32]]

/// A member of a group of the consumer protocol: what it said about itself, and how far it is on the way to what it
/// shall have.
public struct ConsumerGroupMember: Equatable, Sendable {
    public let id: String
    /// The last target assignment it has begun to reconcile with; `leftEpoch` for a static member that is away.
    public internal(set) var epoch: Int32 = 0
    /// Its epoch before. A member that missed the answer with the new one still tells this.
    public internal(set) var previousEpoch: Int32 = -1
    public internal(set) var state = State.stable

    public internal(set) var instanceID: String?
    public internal(set) var rackID: String?
    public internal(set) var rebalanceTimeoutMs: Int32 = -1
    public internal(set) var client = GroupClient(id: "", host: "")
    /// The topics it names, in order and each once.
    public internal(set) var topics: [String] = []
    /// What it matches topics with, or nothing.
    public internal(set) var regex: String?
    public internal(set) var assignor: String?
    /// Set while the member speaks the classic protocol.
    public internal(set) var classic: Classic?

    /// What it may read.
    public internal(set) var assigned: HeldPartitions = [:]
    /// What it has been told to give up and nobody else may have before it did.
    public internal(set) var revoking: HeldPartitions = [:]

    public init(id: String) { self.id = id }

    /// The raw values are those of the stored records.
    public enum State: Int8, Sendable {
        /// It has what it shall have, as far as its epoch goes.
        case stable = 0
        /// It has to give up partitions before it may go on.
        case unrevokedPartitions = 1
        /// It is in the newest epoch, but some of its partitions are still in other hands.
        case unreleasedPartitions = 2
        /// A newer broker wrote a state that this one does not know.
        case unknown = 127
    }

    /// What a member of the classic protocol says beside its subscription (KIP-848's online migration).
    public struct Classic: Equatable, Sendable {
        public var sessionTimeoutMs: Int32
        /// By preference.
        public var protocols: [ClassicMember.SupportedProtocol]
    }

    /// The epoch with which a member leaves, and in which a static one waits that will come back.
    static let leaveEpoch: Int32 = -1
    static let leftEpoch: Int32 = -2

    func isReconciled(to target: Int32) -> Bool { state == .stable && epoch == target }

    /// The same place under another member id: a static member that came back.
    func renamed(_ id: String) -> ConsumerGroupMember {
        var member = ConsumerGroupMember(id: id)
        member.state = state
        member.instanceID = instanceID
        member.rackID = rackID
        member.rebalanceTimeoutMs = rebalanceTimeoutMs
        member.client = client
        member.topics = topics
        member.regex = regex
        member.assignor = assignor
        member.classic = classic
        member.assigned = assigned
        member.revoking = revoking
        return member
    }

    mutating func advance(to epoch: Int32) {
        previousEpoch = self.epoch
        self.epoch = epoch
    }
}
