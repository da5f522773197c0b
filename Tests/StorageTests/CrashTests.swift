import Bytes
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// The world ends at each disk operation in turn; whatever was acknowledged before is there afterwards.
@Suite struct CrashTests {
    private let partition = TopicPartition("orders", 0)

    private struct Acknowledged {
        var endOffset: Int64 = 0
        var flushed: Int64 = 0
        var start: Int64 = 0
        /// What may be gone: a cut that was asked for.
        var truncatedTo: Int64?
    }

    /// A life of a broker. Each step notes what it was promised.
    private func live(_ root: TemporaryDirectory, _ disk: Disk, _ seen: inout Acknowledged) throws {
        let directories = LogDirectories(paths: [root.path], disk: disk, clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        let log =
            try directories[partition]
            ?? directories.create(
                partition, topicID: UUID(high: 1, low: 1), configuration: smallSegments())
        for index in 0..<10 {
            let bytes = try batch(
                count: 5, size: 60, producer: 7, epoch: 0, sequence: Int32(log.logEndOffset), tag: UInt8(index))
            seen.endOffset = try log.append(bytes, leaderEpoch: Int32(index / 4)).lastOffset + 1
            if index == 2 {
                try log.flush(now: noon)
                seen.flushed = log.recoveryPoint
                directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
            }
        }
        let pending = try #require(try log.beginFlush(.closedSegments))
        try pending.run()
        log.finishFlush(pending, now: noon)
        seen.flushed = log.recoveryPoint
        try log.advanceLogStart(to: 21)
        _ = try log.deleteExpired(now: noon, highWatermark: seen.endOffset)
        seen.start = log.logStartOffset
        try log.deleteScheduled(now: noon.later(100_000))
        directories.shutDownCleanly()
        if directories.onlineDirectories.isEmpty { seen.flushed = seen.endOffset }
    }

    private func check(_ root: TemporaryDirectory, _ seen: Acknowledged, _ step: Int) throws {
        let directories = LogDirectories(paths: [root.path], clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        #expect(directories.failures.isEmpty, "step \(step)")
        guard let log = directories[partition] else {
            #expect(seen.endOffset == 0, "step \(step)")
            return
        }
        try log.load()
        // A batch that was never acknowledged may be there too, but whole.
        #expect(log.logEndOffset == seen.endOffset || log.logEndOffset == seen.endOffset + 5, "step \(step)")
        #expect(log.logStartOffset <= max(seen.start, 21), "step \(step)")
        let headers = try log.everything()
        #expect(headers.last?.nextOffset ?? log.logStartOffset == log.logEndOffset, "step \(step)")
        for (one, next) in zip(headers, headers.dropFirst()) {
            #expect(next.baseOffset == one.nextOffset, "step \(step)")
        }
        if log.logEndOffset > 0 {
            let last = Int32(log.logEndOffset)
            #expect(try log.producers[7]?.lastSequence == last - 1, "step \(step)")
            let again = try batch(count: 5, size: 60, producer: 7, epoch: 0, sequence: last - 5, tag: 9)
            #expect(try log.append(again).isDuplicate, "step \(step)")
        }
        let bytes = try batch(count: 1, producer: 7, epoch: 0, sequence: Int32(log.logEndOffset))
        #expect(try log.append(bytes).isDuplicate == false, "step \(step)")
        directories.shutDownCleanly()
    }

    @Test(arguments: [false, true])
    func `the end of the world at each operation loses nothing that was acknowledged`(tearsWrites: Bool) throws {
        let whole = FaultyDisk(after: .max)
        do {
            let root = TemporaryDirectory(in: "/dev/shm")
            var seen = Acknowledged()
            try live(root, whole.disk, &seen)
            #expect(seen.endOffset == 50)
            try check(root, seen, -1)
        }
        #expect(whole.operations > 60)
        for step in 0..<whole.operations {
            let root = TemporaryDirectory(in: "/dev/shm")
            var seen = Acknowledged()
            let faulty = FaultyDisk(after: step, tearsWrites: tearsWrites)
            try? live(root, faulty.disk, &seen)
            try check(root, seen, step)
        }
    }

    @Test func `a crash while a log is cut leaves no hole`() throws {
        func live(_ root: TemporaryDirectory, _ disk: Disk) throws {
            let directories = LogDirectories(paths: [root.path], disk: disk, clock: .manual(ManualTime(wall: noon)))
            try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
            let log = try #require(directories[partition])
            try directories.lowerRecoveryPoint(of: partition, to: 12)
            try log.truncate(to: 12, now: noon)
            try log.append(try batch(count: 2))
        }
        let first = TemporaryDirectory(in: "/dev/shm")
        do {
            let directories = LogDirectories(paths: [first.path], clock: .manual(ManualTime(wall: noon)))
            try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
            let log = try directories.create(partition, topicID: nil, configuration: smallSegments())
            for _ in 0..<40 { try log.append(try batch()) }
            #expect(log.segmentBaseOffsets.count > 3)
            try log.flush(now: noon)
            directories.writeCheckpoints { $1.checkpoint(highWatermark: 0) }
        }
        let whole = FaultyDisk(after: .max)
        for step in -1..<60 {
            let copy = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: copy.path)
            if step < 0 { try live(copy, whole.disk) } else { try? live(copy, FaultyDisk(after: step).disk) }
            let directories = LogDirectories(paths: [copy.path], clock: .manual(ManualTime(wall: noon)))
            try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
            #expect(directories.failures.isEmpty, "step \(step)")
            let log = try #require(directories[partition])
            let headers = try log.everything()
            #expect(headers.first?.baseOffset == 0 && headers.last?.nextOffset == log.logEndOffset)
            for (one, next) in zip(headers, headers.dropFirst()) { #expect(next.baseOffset == one.nextOffset) }
            #expect(log.logEndOffset >= 12, "step \(step)")
            if step >= whole.operations || step < 0 { #expect(log.logEndOffset == 14) }
            if step >= whole.operations { break }
        }
    }

    @Test func `a crash while recovering from a crash is one more crash`() throws {
        let whole = FaultyDisk(after: .max)
        let first = TemporaryDirectory(in: "/dev/shm")
        var seen = Acknowledged()
        try? live(first, FaultyDisk(after: 70, tearsWrites: true).disk, &seen)
        do {
            let copy = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: copy.path)
            let directories = LogDirectories(
                paths: [copy.path], disk: whole.disk, clock: .manual(ManualTime(wall: noon)))
            try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        }
        for step in 0..<whole.operations {
            let copy = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: copy.path)
            do {
                let disk = FaultyDisk(after: step, tearsWrites: true).disk
                let directories = LogDirectories(paths: [copy.path], disk: disk, clock: .manual(ManualTime(wall: noon)))
                try? directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
            }
            try check(copy, seen, step)
        }
    }
}
