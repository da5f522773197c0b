import Bytes
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// The world ends at each disk operation of a cleaning in turn: nothing is lost, and nothing is back from the dead.
@Suite struct CompactionCrashTests {
    private let partition = TopicPartition("orders", 0)

    private func directories(_ root: TemporaryDirectory, _ disk: Disk) throws(StorageError) -> LogDirectories {
        let directories = LogDirectories(paths: [root.path], disk: disk, clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in compacted() }
        return directories
    }

    /// A directory after a crash, with two cleanings' worth of records, and what must be read from it.
    private func prepared(_ seed: UInt64) throws -> (TemporaryDirectory, CompactionModel) {
        let root = TemporaryDirectory(in: "/dev/shm")
        let directories = try directories(root, .real)
        let log = try directories.create(partition, topicID: UUID(high: 1, low: 1), configuration: compacted())
        var model = CompactionModel(log, seed: seed)
        try model.append(batches: 50, keys: 6)
        try model.endAll()
        let result = try #require(try log.compact(now: model.now))
        try directories.noteCleaned(partition, upTo: result.endOffset)
        try model.append(batches: 40, keys: 6)
        try model.endAll()
        try log.roll(now: model.now)
        // So late that tombstones and markers of the first cleaning go in the second.
        model.now = model.now.later(10_000)
        try log.flush(now: model.now)
        directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        return (root, model)
    }

    /// A cleaning as the broker does it.
    private func clean(_ root: TemporaryDirectory, _ disk: Disk, _ now: Timestamp) throws {
        let directories = try directories(root, disk)
        let log = try #require(directories[partition])
        let result = try log.compact(from: directories.cleanedOffset(of: partition), now: now)
        if let result { try directories.noteCleaned(partition, upTo: result.endOffset) }
        try log.deleteScheduled(now: now.later(100_000))
    }

    private func check(_ root: TemporaryDirectory, _ model: CompactionModel, _ comment: Comment) throws {
        let directories = try directories(root, .real)
        #expect(directories.failures.isEmpty, comment)
        let log = try #require(directories[partition])
        try log.load()
        let end = model.log.logEndOffset
        #expect(log.logEndOffset == end, comment)
        let again = model.with(log)
        // How far it came is unknown; what was cleaned before stays clean.
        let checkpoint = try #require(directories.cleanedOffset(of: partition))
        let visible = try log.committed()
        #expect(table(visible) == model.table, comment)
        for record in visible { #expect(model.written[record.offset] == record.record, comment) }
        try log.checkOrder(comment)
        for (producer, sequence) in model.lastSequences {
            #expect(try log.producers[producer]?.lastSequence == sequence, comment)
        }
        let names = try Disk.real.list(log.directory).map(\.name)
        #expect(!names.contains { $0.hasSuffix(".deleted") }, comment)
        // And it can be cleaned.
        try log.compact(from: checkpoint, now: model.now)
        try again.check(cleanedUpTo: end, comment)
    }

    @Test(arguments: [false, true])
    func `the end of the world at each operation of a cleaning loses nothing`(tearsWrites: Bool) throws {
        let (first, model) = try prepared(tearsWrites ? 3 : 4)
        let whole = FaultyDisk(after: .max)
        do {
            let copy = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: copy.path)
            try clean(copy, whole.disk, model.now)
            try check(copy, model, "whole")
        }
        #expect(whole.operations > 40)
        for step in 0..<whole.operations {
            let copy = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: copy.path)
            try? clean(copy, FaultyDisk(after: step, tearsWrites: tearsWrites).disk, model.now)
            try check(copy, model, "step \(step)")
        }
    }

    @Test func `a crash while the leftovers of a crash are cleared away is one more crash`() throws {
        let (first, model) = try prepared(5)
        let whole = FaultyDisk(after: .max)
        do {
            let copy = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: copy.path)
            try clean(copy, whole.disk, model.now)
        }
        for step in 0..<whole.operations {
            let broken = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: broken.path)
            try? clean(broken, FaultyDisk(after: step).disk, model.now)
            let names = try Disk.real.list(broken.path + "/orders-0").map(\.name)
            guard names.contains(where: { $0.hasSuffix(".swap") }) else { continue }
            for second in stride(from: step % 5, to: 60, by: 5) {
                let copy = TemporaryDirectory(in: "/dev/shm")
                try copyTree(broken.path, to: copy.path)
                let faulty = FaultyDisk(after: second)
                let opened = (try? directories(copy, faulty.disk)) != nil
                try check(copy, model, "step \(step), then \(second)")
                if opened && faulty.operations < second { break }
            }
        }
    }
}
