import KafkaModel
import Testing

@testable import Controller

/// The vectors are those that Kafka's documentation of the algorithm and its own tests give.
struct ReplicaPlacementTests {
    private func place(
        _ brokers: [(Int32, String?)], partitions: Range<Int>, factor: Int, start: Int = 0, shift: Int? = nil
    ) throws -> [[Int32]] {
        let placement = try ReplicaPlacement(brokers.map { .init(BrokerID($0.0), rack: $0.1) })
        return try placement.place(
            partitions, replicationFactor: factor, from: .init(index: start, shift: shift ?? start)
        ).map { $0.map(\.rawValue) }
    }

    private let five: [(Int32, String?)] = [(0, nil), (1, nil), (2, nil), (3, nil), (4, nil)]
    private let racks: [(Int32, String?)] = [
        (0, "rack1"), (1, "rack3"), (2, "rack3"), (3, "rack2"), (4, "rack2"), (5, "rack1"),
    ]

    @Test func `ten partitions in three replicas go over five brokers as Kafka's table shows`() throws {
        #expect(
            try place(five, partitions: 0..<10, factor: 3) == [
                [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 0], [4, 0, 1],
                [0, 2, 3], [1, 3, 4], [2, 4, 0], [3, 0, 1], [4, 1, 2],
            ])
    }

    @Test func `the first leader and the shift may be chosen apart`() throws {
        #expect(
            try place(five, partitions: 0..<5, factor: 2, start: 3, shift: 2) == [
                [3, 1], [4, 2], [0, 3], [1, 4], [2, 0],
            ])
    }

    @Test func `brokers of racks alternate, and each partition fills the racks first`() throws {
        #expect(
            ReplicaPlacement.alternating(
                Dictionary(uniqueKeysWithValues: racks.map { (BrokerID($0.0), $0.1 ?? "") })
            ).map(\.rawValue) == [0, 3, 1, 5, 4, 2])
        #expect(
            try place(racks, partitions: 0..<7, factor: 3) == [
                [0, 3, 1], [3, 1, 5], [1, 5, 4], [5, 4, 2], [4, 2, 0], [2, 0, 3], [0, 4, 2],
            ])
    }

    @Test func `with racks of any size no broker has a partition twice, and racks are filled first`() throws {
        let uneven: [(Int32, String?)] = [(0, "a"), (1, "a"), (2, "b"), (3, "c"), (4, "c"), (5, "a")]
        let rackOf = Dictionary(uniqueKeysWithValues: uneven.map { ($0.0, $0.1 ?? "") })
        for factor in 1...6 {
            for start in 0..<6 {
                for replicas in try place(uneven, partitions: 0..<24, factor: factor, start: start, shift: 5 - start) {
                    #expect(Set(replicas).count == factor)
                    #expect(Set(replicas.map { rackOf[$0] ?? "" }).count == min(factor, 3))
                }
            }
        }
    }

    @Test func `leaders are even when the partitions are a multiple of the brokers`() throws {
        let leaders = try place(racks, partitions: 0..<30, factor: 3, start: 4).map { $0[0] }
        for broker in 0..<6 as Range<Int32> { #expect(leaders.filter { $0 == broker }.count == 5) }
    }

    @Test func `one broker has everything`() throws {
        #expect(try place([(7, nil)], partitions: 0..<3, factor: 1) == [[7], [7], [7]])
        #expect(try place([(7, "r")], partitions: 2..<4, factor: 1) == [[7], [7]])
    }

    @Test func `further partitions go on where the first ones began`() throws {
        let placement = try ReplicaPlacement(five.map { .init(BrokerID($0.0)) })
        let start = placement.start(after: BrokerID(2))
        let all = try placement.place(0..<8, replicationFactor: 2, from: start)
        let more = try placement.place(5..<8, replicationFactor: 2, from: start)
        #expect(all[0][0] == BrokerID(2))
        #expect(more.map { $0[0] } == all[5..<8].map { $0[0] })
        #expect(placement.start(after: BrokerID(9)).index == 0)
    }

    @Test func `what cannot be placed is said`() throws {
        #expect(throws: ReplicaPlacement.Problem.noBrokers) { try ReplicaPlacement([]) }
        #expect(throws: ReplicaPlacement.Problem.someWithoutRack) {
            try ReplicaPlacement([.init(BrokerID(1), rack: "a"), .init(BrokerID(2))])
        }
        #expect(throws: ReplicaPlacement.Problem.tooFewBrokers(wanted: 6, available: 5)) {
            try place(five, partitions: 0..<1, factor: 6)
        }
    }

    @Test func `a random start is inside the brokers`() throws {
        let placement = try ReplicaPlacement(five.map { .init(BrokerID($0.0)) })
        var generator = FixedGenerator()
        var seen: Set<Int> = []
        for _ in 0..<200 {
            let start = placement.randomStart(using: &generator)
            #expect((0..<5).contains(start.index) && (0..<5).contains(start.shift))
            seen.insert(start.index)
        }
        #expect(seen.count == 5)
    }
}
