import Testing

@testable import KafkaClient

struct PartitionChooserTests {
    /// Figures of Kafka's own test of the hash.
    @Test(
        arguments: [
            ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971), ("abc", 479_470_107),
        ] as [(String, Int32)])
    func `keys hash as in all clients`(_ key: String, _ hash: Int32) {
        let bytes = Array(key.utf8)
        #expect(Int32(bitPattern: Murmur2.hash(bytes.span.bytes)) == hash)
    }

    private func chooser(
        _ strategy: PartitionChooser.Strategy = .sticky, ignoresKeys: Bool = false, isAdaptive: Bool = true
    ) -> PartitionChooser {
        PartitionChooser(strategy, ignoresKeys: ignoresKeys, isAdaptive: isAdaptive, stickyBytes: 100, seed: 7)
    }

    private func loads(_ queued: [Int?]) -> [PartitionChooser.Load] {
        queued.map { PartitionChooser.Load(queuedBatches: $0 ?? 0, isAvailable: $0 != nil) }
    }

    @Test func `a key decides unless it is to be ignored`() {
        #expect(chooser().isDecided(byKey: true))
        #expect(!chooser().isDecided(byKey: false))
        #expect(!chooser(ignoresKeys: true).isDecided(byKey: true))
        #expect(!chooser(.roundRobin).isDecided(byKey: true))
    }

    @Test func `the sticky partition changes after a batch, at the end of one`() {
        var chooser = chooser()
        let loads = loads([0, 0, 0, 0, 0, 0, 0, 0])
        let first = chooser.partition(loads)
        chooser.appended(99, endsBatch: true)
        #expect(chooser.settled == first)
        chooser.appended(50, endsBatch: false)
        #expect(chooser.settled == first)
        chooser.appended(1, endsBatch: true)
        #expect(chooser.settled == nil)
        let others = (0..<20).map { _ in
            let chosen = chooser.partition(loads)
            chooser.forget()
            return chosen
        }
        #expect(Set(others).count > 3)
    }

    @Test func `twice the bytes change it even in the middle of a batch`() {
        var chooser = chooser()
        let first = chooser.partition(loads([0]))
        chooser.appended(199, endsBatch: false)
        #expect(chooser.settled == first)
        chooser.appended(1, endsBatch: false)
        #expect(chooser.settled == nil)
    }

    @Test func `long queues are chosen less often, and partitions without a leader never`() {
        var chooser = chooser()
        var counts = [0, 0, 0]
        for _ in 0..<1000 {
            counts[Int(chooser.partition(loads([9, 0, nil])))] += 1
            chooser.forget()
        }
        #expect(counts[2] == 0)
        #expect(counts[0] > 40 && counts[0] < 160)
    }

    @Test func `round robin takes one after the other`() {
        var chooser = chooser(.roundRobin)
        let first = Int(chooser.partition(loads([0, 0, 0])))
        for step in 1...6 {
            #expect(Int(chooser.partition(loads([0, 0, 0]))) == (first + step) % 3)
        }
    }

    @Test func `without any leader a partition is chosen all the same`() {
        var sticky = chooser()
        #expect((0..<2).contains(sticky.partition(loads([nil, nil]))))
        var roundRobin = chooser(.roundRobin)
        #expect((0..<2).contains(roundRobin.partition(loads([nil, nil]))))
    }
}
