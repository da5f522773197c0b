import Bytes
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// A partition goes from one directory to another.
@Suite struct MoveTests {
    private let partition = TopicPartition("orders", 0)

    /// Two directories, on a disk that may fail.
    private func open(_ root: TemporaryDirectory, _ disk: Disk = .real) throws -> LogDirectories {
        let directories = LogDirectories(
            paths: [root.file("a"), root.file("b")], disk: disk, clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        return directories
    }

    private func create(_ directories: LogDirectories) throws -> PartitionLog {
        try directories.create(partition, topicID: UUID(high: 1, low: 1), configuration: smallSegments())
    }

    /// The directory of two in which a log does not lie.
    private func other(_ log: PartitionLog, _ directories: LogDirectories) throws -> String {
        let own = LogDirectories.parent(of: log.directory)
        return try #require(directories.paths.first { $0 != own })
    }

    private func copy(_ log: PartitionLog, to future: PartitionLog, maxBytes: Int = 700) throws {
        var buffer = ByteWriter()
        while let piece = try log.piece(from: future.logEndOffset, maxBytes: maxBytes) {
            try piece.read(into: &buffer)
            let count = try future.append(piece, bytes: &buffer, now: noon)
            try #require(count > 0)
        }
    }

    /// The last steps of a move.
    private func swap(_ log: PartitionLog, _ future: PartitionLog, _ directories: LogDirectories) throws {
        try copy(log, to: future)
        try future.flush(now: noon)
        try directories.writeCheckpoint(
            ofFuture: future, logStartOffset: log.logStartOffset, highWatermark: log.logEndOffset)
        try future.takeOver(from: log, now: noon)
        try directories.replaceCurrent(of: partition)
    }

    @discardableResult
    private func move(_ directories: LogDirectories) throws -> PartitionLog {
        let log = try #require(directories[partition])
        let future = try directories.createFuture(
            of: log, in: try other(log, directories))
        try swap(log, future, directories)
        return future
    }

    @Test func `a moved log is the same, byte for byte`() throws {
        let root = TemporaryDirectory()
        let directories = try open(root)
        let log = try create(directories)
        for index in 0..<40 {
            try log.append(
                try batch(count: 4, producer: 7, epoch: 0, sequence: Int32(index * 4)), leaderEpoch: Int32(index / 9))
        }
        let before = try log.everything()
        let (bases, epochs, producers) = (log.segmentBaseOffsets, try log.leaderEpochs.entries, try log.producers.all)
        let segments = try bases.map { try Disk.real.contents(of: log.path(LogFileName.make($0, LogFileName.log))) }
        let old = log.directory
        let moved = try move(directories)
        #expect(directories[partition] === moved)
        #expect(directories.futures.isEmpty)
        #expect(moved.directory.hasSuffix("/b/orders-0") || moved.directory.hasSuffix("/a/orders-0"))
        #expect(!Disk.real.exists(old))
        #expect(try moved.everything() == before)
        #expect(moved.segmentBaseOffsets == bases)
        #expect(try moved.leaderEpochs.entries == epochs)
        #expect(try moved.producers.all == producers)
        for (base, bytes) in zip(bases, segments) {
            #expect(try Disk.real.contents(of: moved.path(LogFileName.make(base, LogFileName.log))) == bytes)
        }
        #expect(try moved.append(try batch(count: 4, producer: 7, epoch: 0, sequence: 156)).isDuplicate)
        #expect(try moved.append(try batch(count: 4, producer: 7, epoch: 0, sequence: 160)).baseOffset == 160)
        directories.shutDownCleanly()
        let again = try open(root)
        #expect(again.failures.isEmpty)
        #expect(try again[partition]?.everything().count == 41)
        #expect(throws: Never.self) { try again.deleteScheduled(now: noon.later(100_000)) }
        let left = try ["a", "b"].flatMap { try Disk.real.list(root.file($0)).filter(\.isDirectory).map(\.name) }
        #expect(left == ["orders-0"])
        again.shutDownCleanly()
    }

    @Test func `what the batches do not tell goes along`() throws {
        let root = TemporaryDirectory()
        let directories = try open(root)
        let log = try create(directories)
        // A producer whose only batch is deleted, and a transaction that begins below the start of the log and is
        // aborted above it.
        try log.append(try batch(count: 5, producer: 3, epoch: 1, sequence: 0))
        try log.append(try batch(count: 5, producer: 9, epoch: 0, sequence: 0, transactional: true))
        for _ in 0..<12 { try log.append(try batch(count: 5)) }
        try log.append(try marker(.abort, producer: 9, epoch: 0), .coordinator)
        try log.append(try batch(count: 5))
        try log.advanceLogStart(to: 52)
        _ = try log.deleteExpired(now: noon, highWatermark: log.logEndOffset)
        try log.assignLeaderEpoch(8)
        let (end, producers) = (log.logEndOffset, try log.producers.all)
        let aborted = try log.abortedTransactions(from: 52, upTo: end)
        #expect(aborted.count == 1)
        let epochs = try log.leaderEpochs.entries
        let moved = try move(directories)
        #expect(moved.logStartOffset == 52)
        #expect(moved.logEndOffset == end)
        #expect(try moved.producers.all == producers)
        #expect(try moved.leaderEpochs.entries == epochs)
        #expect(try moved.abortedTransactions(from: 52, upTo: end) == aborted)
        // The same after a crash.
        let crashed = try LogDirectoriesCopy(root)
        let again = try crashed.open()
        let log2 = try #require(again[partition])
        #expect(log2.logStartOffset == 52)
        #expect(log2.logEndOffset == end)
        #expect(try log2.producers.all == producers)
        #expect(try log2.abortedTransactions(from: 52, upTo: end) == aborted)
        withExtendedLifetime(crashed) {}
        again.shutDownCleanly()
        directories.shutDownCleanly()
    }

    @Test func `a copy that retention overtakes begins anew`() throws {
        let root = TemporaryDirectory()
        let directories = try open(root)
        let log = try create(directories)
        for _ in 0..<20 { try log.append(try batch(count: 5)) }
        let future = try directories.createFuture(of: log, in: try other(log, directories))
        var buffer = ByteWriter()
        let piece = try #require(try log.piece(from: 0, maxBytes: 1000))
        try piece.read(into: &buffer)
        _ = try future.append(piece, bytes: &buffer, now: noon)
        #expect(future.logEndOffset > 0 && future.logEndOffset < 60)
        try log.advanceLogStart(to: 83)
        _ = try log.deleteExpired(now: noon, highWatermark: 100)
        try swap(log, future, directories)
        #expect(future.logStartOffset == 83)
        #expect(try future.everything().first?.baseOffset == 80)
        #expect(future.logEndOffset == 100)
        // And when everything is gone.
        try future.advanceLogStart(to: 100)
        _ = try future.deleteExpired(now: noon, highWatermark: 100)
        let back = try move(directories)
        #expect(back.logStartOffset == 100 && back.logEndOffset == 100)
        #expect(try back.append(try batch(count: 1)).baseOffset == 100)
        directories.shutDownCleanly()
        let again = try open(root)
        #expect(again[partition]?.logEndOffset == 101)
        #expect(again[partition]?.logStartOffset == 100)
        again.shutDownCleanly()
    }

    @Test func `a copy agrees with its original up to where a crash cut that`() throws {
        let root = TemporaryDirectory()
        let directories = try open(root)
        let log = try create(directories)
        for _ in 0..<10 { try log.append(try batch(count: 5, tag: 1), leaderEpoch: 3) }
        let future = try directories.createFuture(of: log, in: try other(log, directories))
        try copy(log, to: future)
        // The next leader lost the last 15 records and wrote others.
        try log.truncate(to: 35, now: noon)
        for _ in 0..<8 { try log.append(try batch(count: 5, tag: 2), leaderEpoch: 4) }
        #expect(try future.agreement(with: log) == 35)
        try future.truncate(to: 35, now: noon)
        try swap(log, future, directories)
        #expect(future.logEndOffset == 75)
        #expect(try future.leaderEpochs.entries.map(\.epoch) == [3, 4])
        directories.shutDownCleanly()
    }

    @Test func `of several future logs the longest goes on, and none of a log that is another`() throws {
        let root = TemporaryDirectory()
        let first = try open(root)
        let log = try create(first)
        for _ in 0..<10 { try log.append(try batch(count: 5)) }
        let future = try first.createFuture(of: log, in: try other(log, first))
        try copy(log, to: future)
        first.shutDownCleanly()
        let target = LogDirectories.parent(of: future.directory)
        let stale = target + "/" + (PartitionDirectoryName.future(of: partition, id: .random()) ?? "")
        try Disk.real.makeDirectory(stale)
        let alone = TopicPartition("orders", 7)
        let promoted = target + "/" + (PartitionDirectoryName.future(of: alone, id: .random()) ?? "")
        try copyTree(future.directory, to: promoted)
        let again = try open(root)
        #expect(again.futures.count == 1)
        #expect(again.futures[partition]?.directory == future.directory)
        #expect(!Disk.real.exists(stale))
        #expect(again[alone]?.directory == target + "/orders-7", "a future log without a current one is the log")
        #expect(again[alone]?.logEndOffset == 50)
        again.shutDownCleanly()
    }

    @Test func `a future log stays one while its current log may be in a directory out of service`() throws {
        let root = TemporaryDirectory()
        let first = try open(root)
        let log = try create(first)
        for _ in 0..<10 { try log.append(try batch(count: 5)) }
        let future = try first.createFuture(of: log, in: try other(log, first))
        try copy(log, to: future)
        first.shutDownCleanly()
        let source = LogDirectories.parent(of: log.directory)
        let directories = LogDirectories(
            paths: [root.file("a"), root.file("b")],
            disk: Disk { (operation) throws(SystemError) in
                if operation.path.hasPrefix(source + "/") { throw SystemError("use", operation.path, .io) }
            }, clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        #expect(directories[partition] == nil)
        #expect(directories.futures[partition] != nil)
        directories.shutDownCleanly()
    }

    private struct Acknowledged {
        var endOffset: Int64 = 0
        var start: Int64 = 0
    }

    /// A life with a move in it. Each step notes what it was promised.
    private func live(_ root: TemporaryDirectory, _ disk: Disk, _ seen: inout Acknowledged) throws {
        let directories = try open(root, disk)
        let log = try directories[partition] ?? create(directories)
        func append(_ log: PartitionLog, _ count: Int) throws {
            for _ in 0..<count {
                let bytes = try batch(
                    count: 5, size: 60, producer: 7, epoch: 0, sequence: Int32(log.logEndOffset))
                seen.endOffset = try log.append(bytes, leaderEpoch: Int32(log.logEndOffset / 20)).lastOffset + 1
            }
        }
        try append(log, 7)
        try log.advanceLogStart(to: 8)
        try log.flush(now: noon)
        directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        seen.start = 8
        let future = try directories.createFuture(
            of: log, in: try other(log, directories))
        try copy(log, to: future)
        try append(log, 2)
        directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        try swap(log, future, directories)
        try append(future, 2)
        directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        try append(future, 1)
        try directories.deleteScheduled(now: noon.later(100_000))
        directories.shutDownCleanly()
    }

    private func check(_ root: TemporaryDirectory, _ seen: Acknowledged, _ step: Int) throws {
        let directories = try open(root)
        #expect(directories.failures.isEmpty, "step \(step)")
        guard var log = directories[partition] else {
            #expect(seen.endOffset == 0, "step \(step)")
            return
        }
        for round in 0..<2 {
            try log.load()
            #expect(log.logEndOffset == seen.endOffset || log.logEndOffset == seen.endOffset + 5, "step \(step)")
            #expect(log.logStartOffset <= seen.start, "step \(step)")
            let headers = try log.everything()
            #expect(headers.last?.nextOffset ?? log.logStartOffset == log.logEndOffset, "step \(step)")
            for (one, next) in zip(headers, headers.dropFirst()) {
                #expect(next.baseOffset == one.nextOffset, "step \(step)")
            }
            if log.logEndOffset > 0 {
                let sequence = Int32(log.logEndOffset) - 5
                let again = try batch(count: 5, size: 60, producer: 7, epoch: 0, sequence: sequence)
                #expect(try log.append(again).isDuplicate, "step \(step), round \(round)")
            }
            // A move that was under way goes on.
            guard round == 0, let future = directories.futures[partition] else { break }
            let end = try future.agreement(with: log)
            try directories.lowerRecoveryPoint(ofFuture: future, to: end)
            if end < future.logEndOffset { try future.truncate(to: end, now: noon) }
            try swap(log, future, directories)
            log = future
        }
        let next = try batch(count: 1, producer: 7, epoch: 0, sequence: Int32(log.logEndOffset))
        #expect(try log.append(next).isDuplicate == false, "step \(step)")
        directories.shutDownCleanly()
    }

    @Test(arguments: [false, true])
    func `the end of the world at each step of a move leaves one log with everything`(tearsWrites: Bool) throws {
        let whole = FaultyDisk(after: .max)
        do {
            let root = TemporaryDirectory(in: "/dev/shm")
            var seen = Acknowledged()
            try live(root, whole.disk, &seen)
            #expect(seen.endOffset == 60)
            try check(root, seen, -1)
        }
        #expect(whole.operations > 60)
        for step in 0..<whole.operations {
            let root = TemporaryDirectory(in: "/dev/shm")
            var seen = Acknowledged()
            try? live(root, FaultyDisk(after: step, tearsWrites: tearsWrites).disk, &seen)
            try check(root, seen, step)
        }
    }

    @Test func `a move whose second rename fails goes back`() throws {
        let root = TemporaryDirectory()
        let failure = SwitchedFailure { $0.hasSuffix("-future") }
        let directories = try open(root, failure.disk)
        let log = try create(directories)
        try log.append(try batch(count: 5))
        let future = try directories.createFuture(of: log, in: try other(log, directories))
        try copy(log, to: future)
        try future.flush(now: noon)
        try future.takeOver(from: log, now: noon)
        failure.isOn = true
        #expect(throws: StorageError.self) { try directories.replaceCurrent(of: partition) }
        #expect(directories[partition] === log)
        #expect(Disk.real.exists(log.directory))
        #expect(directories.onlineDirectories == [LogDirectories.parent(of: log.directory)])
        #expect(try log.append(try batch(count: 5)).baseOffset == 5)
        directories.shutDownCleanly()
    }
}

/// A copy of two directories, as a crash leaves them.
private struct LogDirectoriesCopy {
    let target = TemporaryDirectory()

    init(_ root: TemporaryDirectory) throws {
        for name in ["a", "b"] { try copyTree(root.file(name), to: target.file(name)) }
    }

    func open() throws -> LogDirectories {
        let directories = LogDirectories(
            paths: [target.file("a"), target.file("b")], clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        return directories
    }
}
