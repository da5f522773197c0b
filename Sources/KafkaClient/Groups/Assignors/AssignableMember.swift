public import KafkaModel

/// A member of a group as its leader sees it.
public struct AssignableMember: Sendable {
    public let id: String
    /// `group.instance.id`.
    public var instanceID: String?
    /// `client.rack`.
    public var rack: String?
    public var topics: [String]
    /// What it says it has.
    public var owned: [TopicPartition]
    /// The generation in which it got that; nil where it does not say.
    public var generation: Int32?
    /// What the assignor of the member says to that of the leader.
    public var userData: [UInt8]?

    public init(
        _ id: String, topics: [String], owned: [TopicPartition] = [], generation: Int32? = nil,
        instanceID: String? = nil, rack: String? = nil, userData: [UInt8]? = nil
    ) {
        self.id = id
        self.topics = topics
        self.owned = owned
        self.generation = generation.flatMap { $0 < 0 ? nil : $0 }
        self.instanceID = instanceID
        self.rack = rack.flatMap { $0.isEmpty ? nil : $0 }
        self.userData = userData
    }

    /// The order in which partitions are dealt out: members with a lasting name first, by that name, so that they get the
    /// same under a new id.
    static func precedes(_ left: AssignableMember, _ right: AssignableMember) -> Bool {
        switch (left.instanceID, right.instanceID) {
        case (let left?, let right?): comesBefore(left, right)
        case (.some, nil): true
        case (nil, .some): false
        case (nil, nil): comesBefore(left.id, right.id)
        }
    }

    /// Java compares strings by their UTF-16 units.
    static func comesBefore(_ left: String, _ right: String) -> Bool {
        left.utf16.lexicographicallyPrecedes(right.utf16)
    }
}

/// The topics that can be assigned: for each partition, in the order of numbers, the racks of its replicas.
public struct AssignableTopics: Sendable, Equatable {
    public var racks: [String: [Set<String>]]

    public init(_ racks: [String: [Set<String>]]) { self.racks = racks.filter { !$0.value.isEmpty } }

    public init(counts: [String: Int]) {
        self.init(counts.mapValues { Array(repeating: [], count: max(0, $0)) })
    }

    func has(_ partition: TopicPartition) -> Bool {
        racks[partition.topic]?.indices.contains(Int(partition.partition)) ?? false
    }

    /// Whether to look at racks at all: not when no replica is where a member is, and not when every partition is
    /// everywhere (KIP-881).
    static func racksMatter(_ members: Set<String>, _ partitions: [Set<String>]) -> Bool {
        let all = partitions.reduce(into: Set<String>()) { $0.formUnion($1) }
        guard !members.isDisjoint(with: all) else { return false }
        return !partitions.allSatisfy { $0 == all }
    }
}
