import Bytes

/// What an assignor is asked: who subscribes to what, who was to have what until now. Topics and members go by their
/// place in the lists; topics are in the order of their ids, members of theirs, so that the same question has the same
/// answer on every broker.
struct AssignmentProblem {
    struct Topic {
        let id: UUID
        let partitionCount: Int
    }

    struct Member {
        let id: String
        let instanceID: String?
        /// The topics it subscribes to, in order.
        let topics: [Int]
        /// The last target, topics in order, of topics that anybody subscribes to and partitions that there are.
        let current: [(topic: Int, partitions: [Int32])]
    }

    let topics: [Topic]
    private(set) var members: [Member] = []
    /// Whether all members subscribe to the same topics.
    let isHomogeneous: Bool
    private let indices: [UUID: Int]

    init(topics: [Topic], isHomogeneous: Bool) {
        self.topics = topics.sorted { $0.id < $1.id }
        self.isHomogeneous = isHomogeneous
        indices = Dictionary(zip(self.topics.map(\.id), self.topics.indices), uniquingKeysWith: { first, _ in first })
    }

    func index(of id: UUID) -> Int? { indices[id] }

    /// Members are added in the order of their ids.
    mutating func add(id: String, instanceID: String?, topics: [Int], current: PartitionsByTopic) {
        var known: [(topic: Int, partitions: [Int32])] = []
        for (topic, partitions) in current {
            guard let index = indices[topic] else { continue }
            let count = self.topics[index].partitionCount
            let isWhole = partitions.allSatisfy { $0 >= 0 && Int($0) < count }
            known.append((index, isWhole ? partitions : partitions.filter { $0 >= 0 && Int($0) < count }))
        }
        known.sort { $0.topic < $1.topic }
        members.append(Member(id: id, instanceID: instanceID, topics: topics, current: known))
    }

    /// An answer for one member, with ids in place of indices.
    func partitions(_ assigned: [Int: [Int32]]) -> PartitionsByTopic {
        var partitions: PartitionsByTopic = [:]
        for (topic, list) in assigned where !list.isEmpty { partitions[topics[topic].id] = list.sorted() }
        return partitions
    }
}

/// For each member the partitions of each topic, by their places in the problem.
typealias AssignmentAnswer = [[Int: [Int32]]]

/// The assignors of the broker, by the names in which members ask for them.
enum ServerAssignor: String, CaseIterable {
    /// Everybody gets as much as everybody else, as far as subscriptions allow, and keeps what it has.
    case uniform
    /// Of every topic a stretch for everybody, so that equal partitions of equal topics come together.
    case range

    /// By its name, or by the name of Kafka's class.
    init?(_ name: String) {
        switch name {
        case "org.apache.kafka.coordinator.group.assignor.UniformAssignor": self = .uniform
        case "org.apache.kafka.coordinator.group.assignor.RangeAssignor": self = .range
        default: self.init(rawValue: name)
        }
    }

    func assign(_ problem: AssignmentProblem) -> AssignmentAnswer {
        switch self {
        case .uniform: problem.isHomogeneous ? UniformAssignor.assign(problem) : MixedUniformAssignor.assign(problem)
        case .range: RangeAssignor.assign(problem)
        }
    }
}
