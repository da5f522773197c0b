public import KafkaModel

/// Where the replicas of new partitions go: the algorithm of Kafka's AdminUtils, which spreads leaders round-robin
/// from a random broker and lets the followers of each round drift apart, so that the partitions of a dead broker
/// fall to many. With racks it first fills every rack once.
public struct ReplicaPlacement: Sendable {
    public struct Candidate: Sendable {
        public let id: BrokerID
        public let rack: String?

        public init(_ id: BrokerID, rack: String? = nil) {
            self.id = id
            self.rack = rack
        }
    }

    public enum Problem: Error, Sendable, Equatable {
        case noBrokers
        case tooFewBrokers(wanted: Int, available: Int)
        case someWithoutRack
    }

    private let brokers: [BrokerID]
    private let racks: [BrokerID: String]
    private let rackCount: Int

    /// Brokers without any rack are taken by number; with racks, alternating between the racks.
    public init(_ candidates: [Candidate]) throws(Problem) {
        guard !candidates.isEmpty else { throw .noBrokers }
        guard candidates.contains(where: { $0.rack != nil }) else {
            brokers = candidates.map(\.id).sorted()
            racks = [:]
            rackCount = 0
            return
        }
        var racks: [BrokerID: String] = [:]
        for candidate in candidates {
            guard let rack = candidate.rack else { throw .someWithoutRack }
            racks[candidate.id] = rack
        }
        self.racks = racks
        rackCount = Set(racks.values).count
        brokers = Self.alternating(racks)
    }

    /// One broker of each rack in turn, racks by name and brokers by number.
    static func alternating(_ racks: [BrokerID: String]) -> [BrokerID] {
        let byRack = Dictionary(grouping: racks.keys.sorted(), by: { racks[$0] ?? "" })
        let names = byRack.keys.sorted()
        var result: [BrokerID] = []
        var round = 0
        while result.count < racks.count {
            for name in names {
                guard let members = byRack[name], round < members.count else { continue }
                result.append(members[round])
            }
            round += 1
        }
        return result
    }

    /// Where the algorithm begins; chosen at random for a new topic.
    public struct Start: Sendable {
        public var index: Int
        public var shift: Int

        public init(index: Int, shift: Int) {
            self.index = index
            self.shift = shift
        }
    }

    public func randomStart<G: RandomNumberGenerator>(using generator: inout G) -> Start {
        Start(
            index: Int.random(in: 0..<brokers.count, using: &generator),
            shift: Int.random(in: 0..<brokers.count, using: &generator))
    }

    /// Where to go on for further partitions of a topic whose partition 0 is led first by `leader`.
    public func start(after leader: BrokerID) -> Start {
        let index = brokers.firstIndex { $0 >= leader } ?? 0
        return Start(index: index, shift: index)
    }

    /// The replicas of the partitions `indices`, the preferred leader first.
    public func place(
        _ indices: Range<Int>, replicationFactor: Int, from start: Start
    ) throws(Problem) -> [[BrokerID]] {
        guard replicationFactor <= brokers.count else {
            throw .tooFewBrokers(wanted: replicationFactor, available: brokers.count)
        }
        var shift = start.shift
        var result: [[BrokerID]] = []
        result.reserveCapacity(indices.count)
        for partition in indices {
            if partition > 0, partition % brokers.count == 0 { shift += 1 }
            let first = (partition + start.index) % brokers.count
            result.append(
                racks.isEmpty
                    ? followers(of: first, count: replicationFactor, shift: shift)
                    : followersAcrossRacks(of: first, count: replicationFactor, shift: shift))
        }
        return result
    }

    private func followers(of first: Int, count: Int, shift: Int) -> [BrokerID] {
        var replicas = [brokers[first]]
        for follower in 0..<(count - 1) {
            replicas.append(brokers[index(first: first, shift: shift, follower: follower)])
        }
        return replicas
    }

    private func followersAcrossRacks(of first: Int, count: Int, shift: Int) -> [BrokerID] {
        var replicas = [brokers[first]]
        var usedRacks = Set([racks[brokers[first]]])
        var step = 0
        // Each round over all brokers places at least one replica, so this ends.
        while replicas.count < count {
            let broker = brokers[index(first: first, shift: shift * rackCount, follower: step)]
            step += 1
            let isRackFree = !usedRacks.contains(racks[broker]) || usedRacks.count == rackCount
            guard isRackFree, !replicas.contains(broker) else { continue }
            replicas.append(broker)
            usedRacks.insert(racks[broker])
        }
        return replicas
    }

    private func index(first: Int, shift: Int, follower: Int) -> Int {
        (first + 1 + (shift + follower) % (brokers.count - 1)) % brokers.count
    }
}
