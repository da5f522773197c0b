import Bytes
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// A damaged partition is found out, and mended so that a crash on the way only means to do it again.
@Suite struct RepairTests {
    private let partition = TopicPartition("orders", 0)

    /// A directory with a log of several segments, producers, an aborted transaction and epochs, closed in order.
    private func fill(_ root: TemporaryDirectory) throws -> [Int64] {
        let directories = LogDirectories(paths: [root.path], clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        let log = try directories.create(
            partition, topicID: UUID(high: 1, low: 1), configuration: smallSegments())
        for index in 0..<30 {
            try log.append(
                try batch(
                    count: 5, timestamp: noon.later(Int64(index) * 10), size: 60, producer: 7, epoch: 0,
                    sequence: Int32(index * 5), tag: UInt8(index)),
                leaderEpoch: Int32(index / 10))
            if index % 7 == 3 {
                try log.append(
                    try batch(
                        count: 2, timestamp: noon.later(Int64(index) * 10 + 5), producer: 9, epoch: 1,
                        sequence: Int32(index / 7 * 2), transactional: true), leaderEpoch: Int32(index / 10))
                try log.append(
                    try marker(.abort, producer: 9, epoch: 1, timestamp: noon.later(Int64(index) * 10 + 6)),
                    .coordinator,
                    leaderEpoch: Int32(index / 10))
            }
        }
        let bases = log.segmentBaseOffsets
        try #require(bases.count > 4)
        directories.shutDownCleanly()
        return bases
    }

    private func verify(_ root: String) throws -> (DirectorySurvey, PartitionVerification) {
        let survey = try DirectorySurvey(root, disk: .real)
        let place = try #require(survey.places.first)
        return (survey, try PartitionVerification.run(place, in: survey, depth: .records, disk: .real))
    }

    private func repair(
        _ root: String, _ mode: PartitionRepair.Mode, keep: String, disk: Disk = .real
    ) throws {
        let (survey, verification) = try verify(root)
        let repair = PartitionRepair(verification, survey.places[0], in: survey, mode: mode)
        try repair.execute(keepingIn: RepairArchive(keep, disk: disk), disk: disk)
    }

    /// All files below a directory with their contents.
    private func tree(_ path: String, _ prefix: String = "") throws -> [String: [UInt8]] {
        var files: [String: [UInt8]] = [:]
        for entry in try Disk.real.list(path) {
            if entry.isDirectory {
                files.merge(try tree(path + "/" + entry.name, prefix + entry.name + "/")) { $1 }
            } else if !entry.name.hasSuffix(".tmp") {
                files[prefix + entry.name] = try Disk.real.contents(of: path + "/" + entry.name)
            }
        }
        return files
    }

    private func change(_ path: String, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = try Disk.real.contents(of: path)
        body(&bytes)
        try Disk.real.open(path, .replace).write(bytes, at: 0)
    }

    private func file(_ root: String, _ base: Int64, _ kind: String) -> String {
        root + "/orders-0/" + LogFileName.make(base, kind)
    }

    @Test func `a log that was closed in order has nothing wrong with it`() throws {
        let root = TemporaryDirectory(in: "/dev/shm")
        _ = try fill(root)
        let (survey, verification) = try verify(root.path)
        #expect(verification.findings == [])
        #expect(verification.recovery == .clean)
        #expect(PartitionRepair(verification, survey.places[0], in: survey, mode: .cut).isEmpty)
        try Disk.real.remove(root.file(".kafka_cleanshutdown"))
        #expect(try verify(root.path).1.findings == [])
    }

    @Test func `what Kafka wrote has nothing wrong with it`() throws {
        let directory = try copyOfKafkaDirectory()
        let survey = try DirectorySurvey(directory.path, disk: .real)
        #expect(survey.places.count == 5)
        for place in survey.places {
            let verification = try PartitionVerification.run(place, in: survey, depth: .records, disk: .real)
            #expect(!verification.isDamaged, "\(verification.findings)")
        }
    }

    /// The log is opened by a broker and holds everything up to an offset.
    private func opens(_ root: String, end: Int64) throws {
        let directories = LogDirectories(paths: [root], clock: .manual(ManualTime(wall: noon)))
        try directories.open(nodeID: 1, clusterID: "c") { _ in smallSegments() }
        #expect(directories.failures.isEmpty)
        let log = try #require(directories[partition])
        try log.load()
        #expect(log.logEndOffset == end)
        #expect(try log.everything().last?.nextOffset == end)
        directories.shutDownCleanly()
    }

    @Test func `a crash at every step of a cut is healed by cutting again`() throws {
        let first = TemporaryDirectory(in: "/dev/shm")
        let bases = try fill(first)
        try change(file(first.path, bases[2], "log")) { $0[$0.count / 2] ^= 1 }
        let (_, before) = try verify(first.path)
        let place = try #require(before.badPlace)
        #expect(place.segment == 2 && place.position > 0)
        let later = try tree(first.path).filter { $0.key > "orders-0/" + LogFileName.make(bases[3], "") }

        let whole = FaultyDisk(after: .max)
        let ideal = TemporaryDirectory(in: "/dev/shm")
        let kept = TemporaryDirectory(in: "/dev/shm")
        try copyTree(first.path, to: ideal.path)
        try repair(ideal.path, .cut, keep: kept.file("keep"), disk: whole.disk)
        let expected = try tree(ideal.path)
        let (_, after) = try verify(ideal.path)
        #expect(after.findings == [])
        #expect(after.logEndOffset == place.offset)
        try opens(ideal.path, end: place.offset)

        for step in 0..<whole.operations {
            for tearsWrites in [false, true] {
                let root = TemporaryDirectory(in: "/dev/shm")
                let kept = TemporaryDirectory(in: "/dev/shm")
                try copyTree(first.path, to: root.path)
                let disk = FaultyDisk(after: step, tearsWrites: tearsWrites).disk
                #expect(throws: (any Error).self) { try repair(root.path, .cut, keep: kept.file("one"), disk: disk) }
                try repair(root.path, .cut, keep: kept.file("two"))
                #expect(try tree(root.path) == expected, "step \(step)")
                // Nothing that went is missing from the copies.
                let copies = try tree(kept.path)
                for (name, bytes) in later where name.hasSuffix(".log") {
                    #expect(copies.contains { $0.key.hasSuffix(name) && $0.value == bytes }, "step \(step): \(name)")
                }
                #expect(copies.contains { $0.key.hasSuffix(".log.from-\(place.position)") }, "step \(step)")
            }
        }
    }

    @Test func `a crash at every step of a rebuild is healed by doing it again`() throws {
        let first = TemporaryDirectory(in: "/dev/shm")
        let bases = try fill(first)
        let good = try tree(first.path)
        try change(file(first.path, bases[1], "index")) { $0 = [UInt8](repeating: 0, count: $0.count) }
        try change(file(first.path, bases[2], "timeindex")) { $0[3] ^= 1 }
        try Disk.real.remove(file(first.path, bases[3], "index"))
        try change(file(first.path, bases[3], "snapshot")) { $0[12] ^= 1 }
        try change(first.file("orders-0/leader-epoch-checkpoint")) { $0 = Array("0\n1\nx\n".utf8) }
        let transactions = try #require(
            good.keys.filter { $0.hasSuffix(".txnindex") }.sorted().first)
        try change(first.file(transactions)) { $0[20] ^= 1 }
        #expect(try verify(first.path).1.isDamaged)

        let whole = FaultyDisk(after: .max)
        let ideal = TemporaryDirectory(in: "/dev/shm")
        let kept = TemporaryDirectory(in: "/dev/shm")
        try copyTree(first.path, to: ideal.path)
        try repair(ideal.path, .rebuild, keep: kept.file("keep"), disk: whole.disk)
        let expected = try tree(ideal.path)
        #expect(try verify(ideal.path).1.findings == [])
        // What is made anew is what was there, but for the interval of the index, which nobody knows any more.
        for (name, bytes) in good where !name.hasSuffix("index") || name == transactions {
            #expect(expected[name] == bytes, "\(name)")
        }
        for step in 0..<whole.operations {
            let root = TemporaryDirectory(in: "/dev/shm")
            let kept = TemporaryDirectory(in: "/dev/shm")
            try copyTree(first.path, to: root.path)
            let disk = FaultyDisk(after: step, tearsWrites: step % 2 == 0).disk
            #expect(throws: (any Error).self) { try repair(root.path, .rebuild, keep: kept.file("one"), disk: disk) }
            try repair(root.path, .rebuild, keep: kept.file("two"))
            #expect(try tree(root.path) == expected, "step \(step)")
        }
    }

    @Test func `offsets that no segment holds are found, and cutting ends the log in front of them`() throws {
        let root = TemporaryDirectory(in: "/dev/shm")
        let kept = TemporaryDirectory(in: "/dev/shm")
        let bases = try fill(root)
        for kind in ["log", "index", "timeindex"] { try Disk.real.remove(file(root.path, bases[2], kind)) }
        let (survey, verification) = try verify(root.path)
        #expect(verification.badPlace?.offset == bases[2])
        #expect(
            verification.findings.contains {
                $0.kind == .offsets && $0.reason.hasPrefix("offsets \(bases[2]) to \(bases[3] - 1) are missing")
            })
        let careful = PartitionRepair(verification, survey.places[0], in: survey, mode: .rebuild)
        #expect(careful.isEmpty && careful.remains.count == 1)
        try repair(root.path, .cut, keep: kept.file("keep"))
        #expect(try !verify(root.path).1.isDamaged)
        try opens(root.path, end: bases[2])
    }

    @Test func `an end that was not flushed is only a note, and stays unless a cut is asked for`() throws {
        let root = TemporaryDirectory(in: "/dev/shm")
        let kept = TemporaryDirectory(in: "/dev/shm")
        let bases = try fill(root)
        let last = try #require(bases.last)
        try Disk.real.remove(root.file(".kafka_cleanshutdown"))
        let checkpoint = OffsetCheckpoint(directory: root.path, name: OffsetCheckpoint.recoveryPoint, disk: .real)
        try checkpoint.write([partition: last])
        try change(file(root.path, last, "log")) { $0.removeLast(10) }
        let (survey, verification) = try verify(root.path)
        #expect(!verification.isDamaged)
        #expect(verification.findings.contains { $0.kind == .tail && $0.severity == .note })
        let careful = PartitionRepair(verification, survey.places[0], in: survey, mode: .rebuild)
        #expect(!careful.steps.contains { if case .cut = $0 { true } else { false } })
        // Below the recovery point the same bytes are damage.
        try checkpoint.write([partition: verification.logEndOffset + 1])
        #expect(try verify(root.path).1.isDamaged)
        try repair(root.path, .cut, keep: kept.file("keep"))
        #expect(try !verify(root.path).1.isDamaged)
        try opens(root.path, end: verification.logEndOffset)
    }

    @Test func `every flipped bit of a segment is found, or changes nothing that matters`() throws {
        let root = TemporaryDirectory(in: "/dev/shm")
        let bases = try fill(root)
        let path = file(root.path, bases[1], "log")
        let whole = try Disk.real.contents(of: path)
        for position in stride(from: 0, to: whole.count, by: 3) {
            var flipped = whole
            flipped[position] ^= 0x04
            try Disk.real.open(path, .replace).write(flipped, at: 0)
            let findings = try verify(root.path).1.findings
            #expect(!findings.isEmpty, "byte \(position)")
        }
    }

    @Test(arguments: ["index", "timeindex", "snapshot", "txnindex"])
    func `a derived file cut at any byte, or full of anything, is no trap`(kind: String) throws {
        let root = TemporaryDirectory(in: "/dev/shm")
        _ = try fill(root)
        let name = try #require(try tree(root.path).keys.filter { $0.hasSuffix("." + kind) }.sorted().last)
        let whole = try Disk.real.contents(of: root.file(name))
        for length in 0..<whole.count {
            try Disk.real.open(root.file(name), .replace).write(Array(whole[..<length]), at: 0)
            _ = try verify(root.path)
            var garbled = whole
            garbled[length] = 0xff
            try Disk.real.open(root.file(name), .replace).write(garbled, at: 0)
            _ = try verify(root.path)
        }
    }
}
