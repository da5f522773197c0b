import Bytes
import Glibc
import KafkaModel
import KafkaRecords
import Posix
import Synchronization
import TestSupport
import Testing
import Timing

@testable import Storage

/// Files that were damaged, exchanged, lost, or never had room.
@Suite struct DamageTests {
    private let bench = Bench()
    private let root = TemporaryDirectory()
    private let name = TopicPartition("orders", 0)

    /// So many batches of three records, ten to a leader epoch.
    private func fill(_ log: PartitionLog, _ count: Int) throws {
        for index in 0..<count {
            let bytes = try batch(timestamp: noon.later(Int64(index) * 10), tag: UInt8(truncatingIfNeeded: index))
            try log.append(bytes, leaderEpoch: Int32(index / 10))
        }
    }

    private func directories(later: Int = 0, disk: Disk = .real) throws -> LogDirectories {
        let directories = LogDirectories(
            paths: [root.path], disk: disk, clock: .manual(ManualTime(wall: noon)), recoveredLaterBytesMax: later)
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        return directories
    }

    private func write(_ name: String, _ text: String) throws {
        try Disk.real.open(root.file(name), .replace).write(Array(text.utf8), at: 0)
    }

    // No room.

    @Test func `a full disk refuses the records and does not end the directory`() throws {
        let once = OneFailingWrite(bench.path + "/00000000000000000000.log")
        let log = try bench.create(disk: once.disk)
        once.arm()
        let error = #expect(throws: AppendRefusal.self) { try log.append(try batch()) }
        guard case .storage(let storage) = error else { return #expect(Bool(false), "\(error!)") }
        #expect(!storage.endsDirectory)
        #expect(try log.append(try batch()).baseOffset == 0)
    }

    @Test func `a roll without room leaves the old segment in service, whatever it was that did not fit`() throws {
        // Index, time index, segment; the snapshot may be missing.
        for step in 0..<8 {
            let bench = Bench()
            let shortage = Shortage()
            let log = try bench.create(disk: shortage.disk)
            for index in 0..<3 { try log.append(try batch(producer: 7, epoch: 0, sequence: Int32(index * 3))) }
            shortage.begin(after: step)
            do throws(StorageError) { try log.roll(now: noon) } catch {
                #expect(!error.endsDirectory, "step \(step): \(error)")
                #expect(try log.everything().count == 3)
            }
            shortage.end()
            let before = log.segmentBaseOffsets
            #expect(try log.append(try batch(producer: 7, epoch: 0, sequence: 9)).baseOffset == 9)
            try log.roll(now: noon)
            #expect(log.segmentBaseOffsets == before + [12])
            let again = try bench.open()
            #expect(try again.everything().count == 4)
            #expect(try again.append(try batch(producer: 7, epoch: 0, sequence: 9)).isDuplicate)
        }
    }

    @Test func `a partition that cannot be made for want of room leaves nothing behind`() throws {
        for step in 0..<6 {
            let bench = Bench()
            let shortage = Shortage()
            shortage.begin(after: step)
            let log = try? bench.create(disk: shortage.disk)
            if log == nil { #expect(!Disk.real.exists(bench.path), "step \(step)") }
            shortage.end()
            if log == nil { try bench.create(disk: shortage.disk).append(try batch()) }
        }
    }

    @Test func `checkpoints without room are written later, and the old ones stay`() throws {
        let shortage = Shortage()
        let directories = try directories(disk: shortage.disk)
        let log = try directories.create(name, topicID: nil, configuration: smallSegments())
        try log.append(try batch())
        try log.flush(now: noon)
        directories.writeCheckpoints { $1.checkpoint(highWatermark: 3) }
        try log.append(try batch())
        try log.flush(now: noon)
        shortage.begin(after: 1)
        directories.writeCheckpoints { $1.checkpoint(highWatermark: 6) }
        shortage.end()
        #expect(directories.offlineDirectories.isEmpty)
        let file = OffsetCheckpoint(directory: root.path, name: OffsetCheckpoint.recoveryPoint, disk: .real)
        #expect(try file.read() == [name: 3])
        directories.writeCheckpoints { $1.checkpoint(highWatermark: 6) }
        #expect(try file.read() == [name: 6])
    }

    @Test func `leader epochs without room are written by a later flush, which the recovery point waits for`() throws {
        let shortage = Shortage()
        let log = try bench.create(disk: shortage.disk)
        try log.append(try batch(), leaderEpoch: 4)
        let flush = try #require(try log.beginFlush())
        // The segment and its directory are flushed, the file of the epochs is not made.
        shortage.fail { if case .create(let path) = $0 { path.contains(LeaderEpochCache.fileName) } else { false } }
        let error = #expect(throws: StorageError.self) { try flush.run() }
        #expect(error?.endsDirectory == false)
        #expect(log.recoveryPoint == 0)
        shortage.end()
        try log.flush(now: noon)
        #expect(log.recoveryPoint == 3)
        #expect(try bench.open(recoveryPoint: 3, wasClean: true).leaderEpochs.entries.map(\.epoch) == [4])
    }

    @Test func `too many open files are a reason to wait, not to give up`() throws {
        let log = try bench.create()
        try fill(log, 3)
        log.releaseFiles()
        let shortage = Shortage(.tooManyOpenFiles)
        let again = try bench.open(recoveryPoint: 9, wasClean: true, disk: shortage.disk)
        shortage.begin(after: 0)
        let error = #expect(throws: AppendRefusal.self) { try again.append(try batch()) }
        guard case .storage(let storage) = error else { return #expect(Bool(false), "\(error!)") }
        #expect(storage.isShortOfFiles && !storage.endsDirectory)
        shortage.end()
        #expect(try again.append(try batch()).baseOffset == 9)
        again.releaseUnusedFiles(.tight)
        #expect(again.openFileCount == 1)
        again.releaseUnusedFiles(.tight)
        #expect(again.openFileCount == 0)
        #expect(try again.everything().count == 4)
    }

    // Leader epochs.

    @Test(arguments: ["garbage\n", "0\n3\n0 0\n", "\0\0\0\0", nil], [true, false])
    func `leader epochs that are lost are found in the batches`(content: String?, wasClean: Bool) throws {
        let log = try bench.create()
        try fill(log, 35)
        let epochs = try log.leaderEpochs.entries
        #expect(epochs.count == 4)
        try log.close(now: noon)
        if let content {
            try bench.write(LeaderEpochCache.fileName, Array(content.utf8))
        } else {
            try Disk.real.remove(bench.path + "/" + LeaderEpochCache.fileName)
        }
        let again = try bench.open(recoveryPoint: 105, start: 20, wasClean: wasClean)
        #expect(try again.leaderEpochs.entries.map(\.epoch) == [0, 1, 2, 3])
        #expect(try again.leaderEpochs.entries.dropFirst() == epochs.dropFirst())
        #expect(try again.leaderEpochs.entries.first?.startOffset == 20)
        try again.close(now: noon)
        #expect(try LeaderEpochCache(String(decoding: bench.contents(LeaderEpochCache.fileName), as: UTF8.self)) != nil)
    }

    // Holes, and segments that are not where they belong.

    /// A log of at least four segments, the second of which ends early, exactly behind a batch.
    private func withHole() throws -> (bases: [Int64], end: Int64) {
        let log = try bench.create()
        try fill(log, 40)
        let bases = log.segmentBaseOffsets
        #expect(bases.count >= 4)
        let file = LogFileName.make(bases[1], LogFileName.log)
        let first = try #require(try log.everything(from: bases[1]).first)
        try bench.write(file, Array(try bench.contents(file).prefix(first.sizeInBytes)))
        return (bases, first.nextOffset)
    }

    @Test func `a segment that a power cut shortened between two batches ends the log`() throws {
        let (bases, end) = try withHole()
        let log = try bench.open()
        #expect(log.logEndOffset == end)
        #expect(log.segmentBaseOffsets == Array(bases[...1]))
        #expect(try log.append(try batch()).baseOffset == end)
        #expect(try log.everything().map(\.baseOffset) == Array(stride(from: 0, through: end, by: 3)))
    }

    @Test func `a segment that a power cut emptied ends the log`() throws {
        let (bases, _) = try withHole()
        try bench.write(LogFileName.make(bases[1], LogFileName.log), [])
        let log = try bench.open()
        #expect(log.logEndOffset == bases[1])
        #expect(try log.append(try batch()).baseOffset == bases[1])
    }

    @Test func `a gap is left alone where compaction may have made it, or nobody knows what was flushed`() throws {
        let (bases, end) = try withHole()
        var compacted = smallSegments()
        compacted.cleanupPolicy = [.compact, .delete]
        #expect(try bench.open(compacted).logEndOffset == 120)
        let log = try PartitionLog.open(
            directory: bench.path, partition: bench.partition, configuration: smallSegments(), disk: .real,
            checkpoint: nil, wasClean: false, knowsRecoveryPoint: false, now: noon)
        #expect(log.logEndOffset == 120 && log.segmentBaseOffsets == bases)
        // A reader goes on behind the gap.
        #expect(try log.read(from: end, maxBytes: 1, minOneBatch: true, upTo: 120).firstOffset == bases[2])
    }

    @Test func `a gap among records that were flushed is told, and nothing is cut`() throws {
        let (bases, end) = try withHole()
        let size = try bench.contents(LogFileName.make(bases[2], LogFileName.log)).count
        let error = #expect(throws: StorageError.self) { try bench.open(recoveryPoint: end + 3) }
        #expect("\(error!)".contains("flushed"))
        #expect(try bench.contents(LogFileName.make(bases[2], LogFileName.log)).count == size)
    }

    @Test(arguments: [true, false])
    func `segments that were exchanged are told, neither read nor cut`(wasClean: Bool) throws {
        let log = try bench.create()
        try fill(log, 40)
        let bases = log.segmentBaseOffsets
        try log.close(now: noon)
        let names = bases.prefix(2).map { LogFileName.make($0, LogFileName.log) }
        let contents = try names.map { try bench.contents($0) }
        try bench.write(names[0], contents[1])
        try bench.write(names[1], contents[0])
        let error = #expect(throws: StorageError.self) {
            _ = try bench.open(recoveryPoint: wasClean ? 120 : 0, wasClean: wasClean)
                .read(from: 0, maxBytes: 1, minOneBatch: true, upTo: 120)
        }
        #expect("\(error!)".contains("another segment"))
        #expect(try bench.contents(names[0]) == contents[1] && bench.contents(names[1]) == contents[0])
    }

    @Test func `a start of the log behind its end is damage after a clean shutdown, and a crash otherwise`() throws {
        let log = try bench.create()
        try fill(log, 4)
        try log.close(now: noon)
        #expect(throws: StorageError.self) { try bench.open(recoveryPoint: 12, start: 4000, wasClean: true).load() }
        #expect(try bench.contents("00000000000000000000.log").count > 0)
        // Records up to 15 were deleted before the power cut took the last of them.
        let again = try bench.open(recoveryPoint: 15, start: 15)
        #expect(again.logStartOffset == 15 && again.logEndOffset == 15)
    }

    @Test func `aborted transactions are found again where all indexes were lost`() throws {
        let log = try bench.create()
        try log.append(try batch(producer: 7, epoch: 0, sequence: 0, transactional: true))
        try log.append(try marker(.abort, producer: 7, epoch: 0), .coordinator)
        try log.roll(now: noon)
        try fill(log, 3)
        let aborted = try log.abortedTransactions(from: 0, upTo: 13)
        #expect(aborted.count == 1)
        try log.close(now: noon)
        for name in try bench.names() where name.hasSuffix("index") {
            try Disk.real.remove(bench.path + "/" + name)
        }
        #expect(try bench.open(recoveryPoint: 13, wasClean: true).abortedTransactions(from: 0, upTo: 13) == aborted)
    }

    // Directories.

    @Test func `a log with little to check after a crash is checked when it is first used`() throws {
        do {
            let log = try directories().create(name, topicID: nil, configuration: smallSegments())
            try fill(log, 4)
        }
        let segment = root.file("orders-0/00000000000000000000.log")
        let size = try Disk.real.information(segment).size
        try Disk.real.open(segment, .readWrite).write([1, 2, 3], at: size)
        let later = try directories(later: 1 << 20)
        let log = try #require(later[name])
        #expect(log.needsRecovery)
        #expect(try Disk.real.information(segment).size == size + 3)
        // A checkpoint in between promises nothing.
        later.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        #expect(try log.append(try batch()).baseOffset == 12)
        #expect(!log.needsRecovery)
        // More than the limit is checked at once.
        later.shutDownCleanly()
        try Disk.real.remove(root.file(".kafka_cleanshutdown"))
        try write(OffsetCheckpoint.recoveryPoint, "0\n0\n")
        #expect(try directories(later: 100)[name]?.needsRecovery == false)
    }

    @Test func `a directory with a log that was not checked is not marked as shut down in order`() throws {
        do {
            let log = try directories().create(name, topicID: nil, configuration: smallSegments())
            try fill(log, 4)
        }
        let segment = root.file("orders-0/00000000000000000000.log")
        let size = try Disk.real.information(segment).size
        try Disk.real.open(segment, .readWrite).write([1, 2, 3], at: size)
        try directories(later: 1 << 20).shutDownCleanly()
        #expect(!Disk.real.exists(root.file(".kafka_cleanshutdown")))
        let again = try directories()
        #expect(again[name]?.logEndOffset == 12)
        again.shutDownCleanly()
        #expect(Disk.real.exists(root.file(".kafka_cleanshutdown")))
    }

    @Test(arguments: [OffsetCheckpoint.recoveryPoint, OffsetCheckpoint.highWatermark, OffsetCheckpoint.logStart])
    func `a garbled checkpoint is passed over and written anew`(file: String) throws {
        do {
            let directories = try directories()
            try fill(try directories.create(name, topicID: nil, configuration: smallSegments()), 4)
            directories.shutDownCleanly { $1.logEndOffset }
        }
        try write(file, "7\ngarbage\0\n")
        let again = try directories()
        #expect(again[name]?.logEndOffset == 12)
        again.shutDownCleanly { $1.logEndOffset }
        let read = try OffsetCheckpoint(directory: root.path, name: file, disk: .real).read()
        #expect(read == (file == OffsetCheckpoint.logStart ? [:] : [name: 12]))
    }

    @Test func `a directory that only has the name of a partition is left alone`() throws {
        try Disk.real.makeDirectory(root.file("photos-2024"))
        try write("photos-2024/sea.jpg", "blue")
        let directories = try directories()
        #expect(directories.partitions.isEmpty && directories.failures.isEmpty)
        #expect(try Disk.real.list(root.file("photos-2024")).map(\.name) == ["sea.jpg"])
    }

    @Test func `a partition that is a symbolic link is one, and deleting it takes just the link`() throws {
        let elsewhere = TemporaryDirectory()
        do {
            let directories = try directories()
            try fill(try directories.create(name, topicID: nil, configuration: smallSegments()), 4)
            directories.shutDownCleanly()
        }
        try copyTree(root.file("orders-0"), to: elsewhere.file("moved"))
        try Disk.real.removeTree(root.file("orders-0"))
        #expect(symlink(elsewhere.file("moved"), root.file("orders-0")) == 0)
        let directories = try directories()
        #expect(try directories[name]?.everything().count == 4)
        try directories.delete(name)
        try directories.deleteScheduled(now: noon.later(100_000))
        #expect(try Disk.real.list(root.path).allSatisfy { !$0.name.hasPrefix("orders") })
        #expect(Disk.real.exists(elsewhere.file("moved/00000000000000000000.log")))
    }

    @Test func `files that wait for their removal go when the clock is set back a year`() throws {
        let log = try bench.create()
        try fill(log, 40)
        try log.truncateFully(startingAt: 0, now: noon)
        #expect(try log.deleteScheduled(now: noon.later(1000)) == 0)
        #expect(try log.deleteScheduled(now: noon.later(-31_536_000_000)) > 0)
    }

    @Test func `a log that rests is flushed in the background`() throws {
        let log = try bench.create()
        try log.append(try batch())
        #expect(!log.isResting(now: noon.later(1000)))
        #expect(!log.isResting(now: noon.later(50_000)))
        #expect(log.isResting(now: noon.later(61_000)))
        try log.append(try batch())
        #expect(!log.isResting(now: noon.later(62_000)))
        // It never rests: it is flushed all the same.
        #expect(log.isResting(now: noon.later(300_000)))
        try log.flush(now: noon.later(300_000))
        #expect(!log.isResting(now: noon.later(900_000)))
    }

    @Test func `a meta properties file that says nothing is damage, not a new directory`() throws {
        for text in ["", "garbage", "\0\0\0\0", "version=0\n", "#\n"] {
            let error = #expect(throws: StorageError.self) {
                try MetaProperties(text: text, path: "/d/meta.properties")
            }
            #expect("\(error!)".contains("meta.properties"))
        }
    }
}

/// From some operation on there is no room, until there is again.
private final class Shortage: Sendable {
    private let left = Atomic<Int>(.max)
    private let errno: Errno
    private let concerns = Guarded(Concern { _ in true })

    private struct Concern {
        let holds: @Sendable (DiskOperation) -> Bool
    }

    init(_ errno: Errno = .noSpace) { self.errno = errno }

    /// From now on just these operations find no room.
    func fail(_ operations: @escaping @Sendable (DiskOperation) -> Bool) {
        concerns.withLock { $0 = Concern(holds: operations) }
        begin(after: 0)
    }

    func begin(after count: Int) { left.store(count, ordering: .relaxed) }
    func end() { left.store(.max, ordering: .relaxed) }

    var disk: Disk {
        Disk { (operation) throws(SystemError) in
            // What takes something away needs no room.
            if case .remove = operation { return }
            if case .truncate = operation { return }
            let count = self.left.load(ordering: .relaxed)
            guard count != .max, self.concerns.withLock({ $0 }).holds(operation) else { return }
            guard count == 0 else { return self.left.store(count - 1, ordering: .relaxed) }
            throw SystemError("do \(operation)", operation.path, self.errno)
        }
    }
}
