public import KafkaModel

/// How the leader of a group of the classic protocol shares the partitions: Kafka's own assignors, with its results to the
/// last tie, because any member of a group may become its leader.
public enum Assignor: String, CaseIterable, Sendable {
    /// Neighbouring partitions of each topic, the same of all topics with as many.
    case range
    /// All partitions in turn.
    case roundRobin = "roundrobin"
    /// As even as can be, and moving as little as can be.
    case sticky
    /// The same, taking away in one rebalance and giving in the next (KIP-429).
    case cooperativeSticky = "cooperative-sticky"

    /// Its name in the protocol.
    public var name: String { rawValue }

    /// - Parameter className: as `partition.assignment.strategy` has it, with or without the package.
    public init?(className: String) {
        let package = "org.apache.kafka.clients.consumer."
        switch className.hasPrefix(package) ? String(className.dropFirst(package.count)) : className {
        case "RangeAssignor": self = .range
        case "RoundRobinAssignor": self = .roundRobin
        case "StickyAssignor": self = .sticky
        case "CooperativeStickyAssignor": self = .cooperativeSticky
        default: return nil
        }
    }

    /// What happens to what a member has while the group rebalances.
    public enum Rebalancing: Sendable {
        /// It gives everything back first.
        case eager
        /// It keeps what it has, and gives back what the new assignment leaves out.
        case cooperative
    }

    /// The way that all of a member's assignors can go: the better one, if they can.
    public static func rebalancing(_ assignors: [Assignor]) -> Rebalancing {
        !assignors.isEmpty && assignors.allSatisfy { $0 == .cooperativeSticky } ? .cooperative : .eager
    }

    /// What each member gets. A topic that is not there is left out.
    public func assign(_ members: [AssignableMember], _ topics: AssignableTopics) -> [String: [TopicPartition]] {
        let members = Self.inHashOrder(members)
        let wanted = members.reduce(into: Set<String>()) { $0.formUnion($1.topics) }
        let topics = AssignableTopics(topics.racks.filter { wanted.contains($0.key) })
        switch self {
        case .range: return RangeAssignor.assign(members, topics)
        case .roundRobin: return RoundRobinAssignor.assign(members, topics)
        case .sticky:
            return StickyAssignor.assign(members, topics, claims: members.map(StickyClaim.init(eager:))).shares
        case .cooperativeSticky:
            let plan = StickyAssignor.assign(members, topics, claims: members.map(StickyClaim.init(cooperative:)))
            return CooperativeStickyAssignor.adjust(plan, members)
        }
    }

    /// As the map of subscriptions of Kafka's leader has them. Of two members with one id the later counts.
    private static func inHashOrder(_ members: [AssignableMember]) -> [AssignableMember] {
        var places: [String: Int] = [:]
        var unique: [AssignableMember] = []
        for member in members {
            if let place = places[member.id] {
                unique[place] = member
            } else {
                places[member.id] = unique.count
                unique.append(member)
            }
        }
        return JavaHashOrder.sorted(unique) { $0.id }
    }
}
