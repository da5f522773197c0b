import Bytes
import KafkaModel
import Timing

/// A group of the consumer protocol (KIP-848), as a value. Its members tell with every heartbeat what they want and what
/// they have; the group decides who shall have what (the target), and leads each member there at its own pace: it first
/// gives up what it shall not have, and gets nothing before the one who had it gave it up.
///
/// Three epochs keep this in order. The group's rises whenever members, subscriptions or topics change. The target's
/// is the group's for which it was computed. A member's is the target's it has begun to reconcile with.
///
/// All that is hard changes by `replay` of records alone, those a decision writes and those of the log at loading. What
/// is soft comes back by itself: it says what has been looked at already, and what is being waited for.
public struct ConsumerGroup: Sendable {
    public let id: String

    /// 0 before the first record of the group.
    public internal(set) var epoch: Int32 = 0
    public internal(set) var members: [String: ConsumerGroupMember] = [:]
    public internal(set) var target = Target()
    /// What the topics were when the epoch was last raised, by name.
    var seenTopics: [String: SeenTopic] = [:]
    public internal(set) var regexes: [String: ResolvedRegex] = [:]

    // Follows from the members.
    /// Member ids by `group.instance.id`.
    var staticMembers: [String: String] = [:]
    /// How many members name a topic, use a regular expression, ask for an assignor.
    var topicSubscribers: [String: Int] = [:]
    var regexSubscribers: [String: Int] = [:]
    var assignorVotes: [String: Int] = [:]
    var classicMembers = 0
    /// How many of the classic members offer a protocol.
    var classicOffers: [String: Int] = [:]
    /// In which epoch its holder got each partition that somebody has, even if only to give it up.
    var holders: HeldPartitions = [:]

    // Soft.
    /// The image of the cluster in which the topics were last looked at, and the regular expressions.
    var lookedAt: Int64?
    var lookedForRegexes: RegexLook?
    /// The search that is under way.
    var regexSearch: RegexSearch?
    /// The classic members that have been told to join again and are being waited for.
    var joinsAwaited: Set<String> = []
    /// What the group has become, when the last member of its own protocol is gone.
    public internal(set) var successor: ClassicGroup?

    public init(id: String) { self.id = id }

    /// Who shall have what.
    public struct Target: Equatable, Sendable {
        public var epoch: Int32 = 0
        /// When it was computed, in milliseconds; 0 when that is not known.
        public var timestamp: Int64 = 0
        public var members: [String: PartitionsByTopic] = [:]
    }

    /// A topic as far as an assignment depends on it.
    struct SeenTopic: Equatable, Sendable {
        var id: UUID
        var partitionCount: Int32
        /// Where the replicas of a partition are, of those of which it is known.
        var racks: [Int32: [String]] = [:]
    }

    /// The topics that match, in order.
    public struct ResolvedRegex: Equatable, Sendable {
        public var topics: [String]
        /// The offset of the image that was searched, and when, in milliseconds.
        public var version: Int64
        public var timestamp: Int64
    }

    struct RegexLook: Equatable, Sendable {
        var version: Int64
        var timestamp: Int64
    }

    public enum State: String, Sendable {
        case empty = "Empty"
        case assigning = "Assigning"
        case reconciling = "Reconciling"
        case stable = "Stable"
    }

    public var state: State {
        if members.isEmpty { return .empty }
        if epoch > target.epoch { return .assigning }
        return members.values.allSatisfy { $0.isReconciled(to: target.epoch) } ? .stable : .reconciling
    }

    public var isEmpty: Bool { members.isEmpty }

    func staticMember(_ instanceID: String?) -> ConsumerGroupMember? {
        instanceID.flatMap { staticMembers[$0] }.flatMap { members[$0] }
    }

    /// All names that members name or match.
    var subscribedTopics: Set<String> {
        var names = Set(topicSubscribers.keys)
        for regex in regexes.values { names.formUnion(regex.topics) }
        return names
    }

    func isHeld(_ topic: UUID, _ partition: Int32) -> Bool { holders[topic]?[partition] != nil }

    /// Whether all members subscribe to the same topics.
    var isHomogeneous: Bool {
        guard let regex = regexSubscribers.first else {
            return topicSubscribers.values.allSatisfy { $0 == members.count }
        }
        return regex.value == members.count && topicSubscribers.isEmpty
    }
}
