import Compression
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// A generator whose numbers can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 2 &+ 1 }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var word = state
        word ^= word >> 33
        word = word &* 0xff51_afd7_ed55_8ccd
        word ^= word >> 33
        return word
    }
}

/// A log with transactions, tombstones and all codecs by chance, and beside it what must be read from it.
struct CompactionModel {
    let log: PartitionLog
    var generator: SeededGenerator
    var now = noon
    /// All records that were written, by offset.
    private(set) var written: [Int64: KeyValue] = [:]
    /// What counts, in order: plain records and those of transactions that were committed.
    private(set) var committed: [(offset: Int64, record: KeyValue)] = []
    private var open: [Int64: [(Int64, KeyValue)]] = [:]
    private var sequences: [Int64: Int32] = [:]
    private static let codecs = CompressionType.allCases

    init(_ log: PartitionLog, seed: UInt64) {
        self.log = log
        generator = SeededGenerator(seed: seed)
    }

    /// The same, after the log was opened again.
    func with(_ log: PartitionLog) -> CompactionModel {
        var copy = CompactionModel(log, seed: 1)
        copy.generator = generator
        copy.now = now
        copy.written = written
        copy.committed = committed
        copy.open = open
        copy.sequences = sequences
        return copy
    }

    var table: [String: String] {
        var table: [String: String] = [:]
        for (_, record) in committed { table[record.key ?? ""] = record.value }
        return table
    }

    var lastSequences: [Int64: Int32] { sequences.mapValues { $0 - 1 } }

    mutating func append(batches: Int, keys: Int) throws {
        for _ in 0..<batches {
            now = now.later(.random(in: 0..<40, using: &generator))
            let producer = Int64.random(in: 0..<6, using: &generator)
            if producer >= 3, open[producer] != nil, Int.random(in: 0..<3, using: &generator) == 0 {
                try end(producer)
                continue
            }
            let records = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                let isTombstone = Int.random(in: 0..<5, using: &generator) == 0
                let value = String(repeating: "v", count: .random(in: 0..<60, using: &generator))
                return KeyValue("k\(Int.random(in: 0..<keys, using: &generator))", isTombstone ? nil : value)
            }
            try append(records, producer)
            if Int.random(in: 0..<12, using: &generator) == 0 { try log.roll(now: now) }
        }
    }

    /// Producers 0 has no id, 1 and 2 are idempotent, the others transactional.
    private mutating func append(_ records: [KeyValue], _ producer: Int64) throws {
        let sequence = sequences[producer, default: 0]
        let bytes = try batch(
            of: records, codec: Self.codecs.randomElement(using: &generator) ?? .none,
            producer: producer == 0 ? -1 : producer, epoch: producer == 0 ? -1 : 0,
            sequence: producer == 0 ? -1 : sequence, transactional: producer >= 3, timestamp: now)
        let result = try log.append(bytes, .coordinator, now: now)
        let placed = records.enumerated().map { (result.baseOffset + Int64($0), $1) }
        for (offset, record) in placed { written[offset] = record }
        if producer > 0 { sequences[producer] = sequence + Int32(records.count) }
        if producer >= 3 { open[producer, default: []] += placed } else { committed += placed }
    }

    private mutating func end(_ producer: Int64) throws {
        let type: ControlRecordType = Bool.random(using: &generator) ? .commit : .abort
        try log.append(try marker(type, producer: producer, epoch: 0, timestamp: now), .coordinator, now: now)
        guard let records = open.removeValue(forKey: producer), type == .commit else { return }
        committed += records
        committed.sort { $0.offset < $1.offset }
    }

    mutating func endAll() throws {
        for producer in open.keys.sorted() { try end(producer) }
    }

    /// - Parameter cleanedUpTo: where the last cleaning ended.
    func check(cleanedUpTo end: Int64, _ comment: Comment) throws {
        let visible = try log.committed().filter { record in !open.values.joined().contains { $0.0 == record.offset } }
        #expect(foldedTable(visible) == table, comment)
        // No record is another than it was, and none is out of order.
        for record in visible { #expect(written[record.offset] == record.record, comment) }
        #expect(zip(visible, visible.dropFirst()).allSatisfy { $0.offset < $1.offset }, comment)
        // Below the end of the cleaning only the last of each key, and of committed transactions only.
        var last: [String: Int64] = [:]
        for (offset, record) in committed where offset < end { last[record.key ?? ""] = offset }
        for record in visible where record.offset < end {
            #expect(last[record.record.key ?? ""] == record.offset, comment)
        }
        // Behind it everything.
        #expect(
            visible.filter { $0.offset >= end }.map(\.offset) == committed.map(\.offset).filter { $0 >= end }, comment)
        for (producer, sequence) in lastSequences {
            #expect(try log.producers[producer]?.lastSequence == sequence, comment)
        }
        try log.checkOrder(comment)
    }
}

private func foldedTable(_ records: [Survivor]) -> [String: String] { table(records) }

@Suite struct CompactionModelTests {
    @Test(arguments: 1...12)
    func `what is left is what a model keeps`(seed: UInt64) throws {
        let bench = Bench()
        var configuration = compacted()
        configuration.deleteRetentionMs = 500
        var log = try bench.create(configuration)
        var model = CompactionModel(log, seed: seed)
        var checkpoint: Int64?
        for round in 0..<5 {
            try model.append(batches: 60, keys: 12)
            if round == 3 { try model.endAll() }
            let small = CompactionLimits(
                mapBytes: round.isMultiple(of: 2) ? 1 << 16 : 24 * 12, bufferBytes: .random(in: 100..<5000))
            let result = try log.compact(from: checkpoint, now: model.now, limits: small)
            checkpoint = result?.endOffset ?? checkpoint
            try model.check(cleanedUpTo: checkpoint ?? 0, "seed \(seed), round \(round)")
            switch round % 3 {
            case 0:
                try log.close(now: model.now)
                log = try bench.open(configuration, recoveryPoint: log.recoveryPoint, wasClean: true, now: model.now)
            case 1: log = try bench.open(configuration, recoveryPoint: 0, wasClean: false, now: model.now)
            default: try log.deleteScheduled(now: model.now.later(100_000))
            }
            model = model.with(log)
            try model.check(cleanedUpTo: checkpoint ?? 0, "seed \(seed), round \(round), opened again")
        }
    }

    @Test func `in the end nothing is left of deleted keys and aborted transactions`() throws {
        let bench = Bench()
        let log = try bench.create(compacted())
        var model = CompactionModel(log, seed: 99)
        try model.append(batches: 200, keys: 10)
        try model.endAll()
        var checkpoint: Int64?
        for round in 0..<4 {
            // A new record each time, so that there is something to clean.
            try model.append(batches: 1, keys: 1)
            try model.endAll()
            try log.roll(now: model.now)
            checkpoint =
                try log.compact(
                    from: checkpoint, now: model.now.later(Int64(round) * 5000))?.endOffset ?? checkpoint
        }
        try model.check(cleanedUpTo: log.logEndOffset, "at the end")
        let left = try log.survivors()
        #expect(left.flatMap(\.records).allSatisfy { $0.record.value != nil || $0.record.key == "k0" })
        #expect(left.flatMap(\.records).count <= 10)
    }
}
