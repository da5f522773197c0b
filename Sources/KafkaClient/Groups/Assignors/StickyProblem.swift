import KafkaModel

/// What the sticky assignors start from, in numbers.
struct StickyProblem {
    let members: [AssignableMember]
    /// Of each member, its place in the order of ids.
    let ranks: [Int]
    let partitions: [TopicPartition]
    /// Of each partition, the number of its topic.
    let topicOf: [Int]
    let topicNames: [String]
    /// The partitions of each topic.
    let ranges: [Range<Int>]
    /// The topics that a member wants and that are there.
    let wishes: [Set<Int>]
    /// All members want the same topics.
    let wishesAreEqual: Bool
    /// Where members are; nil for all where racks do not matter.
    let memberRacks: [String?]
    let partitionRacks: [Set<String>]
    /// Racks play a part.
    let mindsRacks: Bool
    /// What each had, as far as it is still there, wanted or not. Nobody else has it too.
    private(set) var owned: [[Int]]
    /// What two members of the same generation say they have.
    private(set) var disputed: Set<Int> = []
    /// Who had a partition in an older generation.
    private(set) var former: [Int: Int] = [:]

    init(_ members: [AssignableMember], _ topics: AssignableTopics, _ claims: [StickyClaim]) {
        self.members = members
        let byID = members.indices.sorted { AssignableMember.comesBefore(members[$0].id, members[$1].id) }
        var ranks = [Int](repeating: 0, count: members.count)
        for (rank, member) in byID.enumerated() { ranks[member] = rank }
        self.ranks = ranks
        var partitions: [TopicPartition] = []
        var topicOf: [Int] = []
        var ranges: [Range<Int>] = []
        var racks: [Set<String>] = []
        let sorted = topics.racks.sorted { $0.key < $1.key }
        for (number, (name, own)) in sorted.enumerated() {
            ranges.append(partitions.count..<partitions.count + own.count)
            for (index, one) in own.enumerated() {
                partitions.append(TopicPartition(name, Int32(index)))
                topicOf.append(number)
                racks.append(one)
            }
        }
        self.partitions = partitions
        self.topicOf = topicOf
        self.ranges = ranges
        topicNames = sorted.map(\.key)
        let numbers = Dictionary(topicNames.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        wishes = members.map { Set($0.topics.compactMap { numbers[$0] }) }
        wishesAreEqual = Self.areEqual(members.map(\.topics))
        let known = Set(members.compactMap(\.rack))
        mindsRacks = !known.isEmpty && AssignableTopics.racksMatter(known, racks)
        memberRacks = mindsRacks ? members.map(\.rack) : Array(repeating: nil, count: members.count)
        partitionRacks = racks
        owned = Array(repeating: [], count: members.count)
        let places = Dictionary(partitions.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        settle(claims, places)
    }

    private static func areEqual(_ wishes: [[String]]) -> Bool {
        guard let first = wishes.first else { return true }
        let wanted = Set(first)
        return wishes.allSatisfy { $0.count == wanted.count && wanted.isSuperset(of: $0) }
    }

    /// Of several members that say they have a partition, the one of the newest generation has it.
    private mutating func settle(_ claims: [StickyClaim], _ places: [TopicPartition: Int]) {
        var owners: [Int: Int] = [:]
        let newest = claims.map { $0.generation ?? -1 }.max() ?? -1
        for (member, claim) in claims.enumerated() {
            let generation = claim.generation ?? -1
            for partition in claim.partitions {
                guard let place = places[partition] else { continue }
                guard let other = owners[place] else {
                    owned[member].append(place)
                    owners[place] = member
                    continue
                }
                let otherGeneration = members[other].generation ?? -1
                guard generation >= otherGeneration else { continue }
                if generation == otherGeneration { disputed.insert(place) } else { owned[member].append(place) }
                owned[other].removeAll { $0 == place }
                owners[place] = member
            }
        }
        rememberFormer(claims, places, newest)
    }

    private mutating func rememberFormer(_ claims: [StickyClaim], _ places: [TopicPartition: Int], _ newest: Int32) {
        var generations: [Int: Int32] = [:]
        for (member, claim) in claims.enumerated() where claim.generation ?? -1 < newest {
            let generation = claim.generation ?? -1
            for partition in claim.partitions {
                guard let place = places[partition] else { continue }
                if let known = generations[place], known >= generation { continue }
                generations[place] = generation
                former[place] = member
            }
        }
    }

    /// The partition has no replica where the member is.
    func isFar(_ member: Int, _ partition: Int) -> Bool {
        memberRacks[member].map { !partitionRacks[partition].contains($0) } ?? false
    }

    func named(_ shares: [[Int]]) -> [String: [TopicPartition]] {
        Dictionary(
            zip(members.map(\.id), shares.map { $0.map { partitions[$0] } }), uniquingKeysWith: { first, _ in first })
    }
}
