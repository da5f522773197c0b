import KafkaModel

/// Gives each member a range of each topic's partitions, the first members one more where it does not come out even. Racks
/// come first where they matter: then topics that the same members want and that have as many partitions are assigned
/// alike, so that they can still be joined.
enum RangeAssignor {
    static func assign(_ members: [AssignableMember], _ topics: AssignableTopics) -> [String: [TopicPartition]] {
        let sorted = members.sorted(by: AssignableMember.precedes)
        let wishes = sorted.map { Set($0.topics) }
        var states = topics.racks.sorted { $0.key < $1.key }.map { topic, racks in
            TopicState(topic, racks, sorted.indices.filter { wishes[$0].contains(topic) }, sorted)
        }
        var shares = [[TopicPartition]](repeating: [], count: sorted.count)
        let minds = states.contains(where: \.mindsRacks)
        if minds { matchRacks(&states, &shares) }
        for place in states.indices { states[place].assignRanges(&shares) { _, _ in true } }
        if minds { for place in shares.indices { shares[place].sort() } }
        return Dictionary(zip(sorted.map(\.id), shares), uniquingKeysWith: { first, _ in first })
    }

    private static func matchRacks(_ states: inout [TopicState], _ shares: inout [[TopicPartition]]) {
        struct Kind: Hashable {
            let members: [Int]
            let partitions: Int
        }
        let kinds = Dictionary(grouping: states.indices) {
            Kind(members: states[$0].members, partitions: states[$0].racks.count)
        }
        for (kind, places) in kinds {
            if places.count > 1 {
                assignAlike(places, kind.partitions, &states, &shares)
            } else if let place = places.first, states[place].mindsRacks {
                let state = states[place]
                states[place].assignRanges(&shares) { member, number in state.isNear(member, number) }
            }
        }
    }

    /// A partition goes, in all these topics, to the first member that is near to all of them.
    private static func assignAlike(
        _ places: [Int], _ count: Int, _ states: inout [TopicState], _ shares: inout [[TopicPartition]]
    ) {
        guard let first = places.first else { return }
        var members = states[first].members
        for number in 0..<count {
            let near = members.first { member in
                places.allSatisfy { states[$0].isNear(member, number) && states[$0].room(for: member) > 0 }
            }
            guard let near else { continue }
            for place in places { states[place].assign([number], to: near, &shares) }
            if places.allSatisfy({ states[$0].room(for: near) == 0 }) {
                members.removeAll { $0 == near }
                if members.isEmpty { return }
            }
        }
    }

    private struct TopicState {
        let topic: String
        let racks: [Set<String>]
        /// Those who want it, in order.
        let members: [Int]
        let mindsRacks: Bool
        private let memberRacks: [String?]
        private let perMember: Int
        /// How many members may still get one more than the others.
        private var extra: Int
        private var counts: [Int: Int] = [:]
        private var left: [Int]

        init(_ topic: String, _ racks: [Set<String>], _ members: [Int], _ all: [AssignableMember]) {
            self.topic = topic
            self.racks = racks
            self.members = members
            memberRacks = all.map(\.rack)
            left = Array(racks.indices)
            perMember = members.isEmpty ? 0 : racks.count / members.count
            extra = members.isEmpty ? 0 : racks.count % members.count
            let known = Set(members.compactMap { all[$0].rack })
            mindsRacks = !known.isEmpty && AssignableTopics.racksMatter(known, racks)
        }

        /// A member that does not say where it is is near to everything.
        func isNear(_ member: Int, _ number: Int) -> Bool { memberRacks[member].map(racks[number].contains) ?? true }

        func room(for member: Int) -> Int { max(0, perMember + (extra > 0 ? 1 : 0) - counts[member, default: 0]) }

        mutating func assign(_ numbers: [Int], to member: Int, _ shares: inout [[TopicPartition]]) {
            shares[member] += numbers.map { TopicPartition(topic, Int32($0)) }
            counts[member, default: 0] += numbers.count
            if counts[member, default: 0] > perMember { extra -= 1 }
            let gone = Set(numbers)
            left.removeAll(where: gone.contains)
        }

        mutating func assignRanges(_ shares: inout [[TopicPartition]], _ may: (_ member: Int, _ number: Int) -> Bool) {
            for member in members where !left.isEmpty {
                let numbers = Array(left.filter { may(member, $0) }.prefix(room(for: member)))
                if !numbers.isEmpty { assign(numbers, to: member, &shares) }
            }
        }
    }
}
