import Bytes
import KafkaModel
import KafkaProtocol
import Posix
import Synchronization
import TestSupport
import Testing
import Timing

@testable import Metadata

struct EmbeddedStoreTests {
    private let directory = TemporaryDirectory()

    private func open(
        _ options: EmbeddedStore.Options = .init(), disk: Disk = .real
    ) throws(MetadataError) -> EmbeddedStore {
        try EmbeddedStore.open(
            logDirectory: directory.path, nodeID: BrokerID(1), clusterID: "c", options: options, disk: disk,
            clock: .manual(ManualTime()))
    }

    private func log(_ name: String) -> String { directory.path + "/__cluster_metadata-0/" + name }

    private func files(_ suffix: String) throws -> [String] {
        try Disk.real.list(directory.path + "/__cluster_metadata-0").map(\.name).filter { $0.hasSuffix(suffix) }
            .sorted()
    }

    private func append(_ bytes: [UInt8], to name: String) throws {
        let file = try Disk.real.open(log(name), .readWrite)
        try file.write(bytes, at: try file.size)
    }

    private let firstSegment = "00000000000000000000.log"

    @Test func `an empty directory becomes a log with an epoch and the features`() throws {
        let store = try open()
        #expect(store.image.features == ["metadata.version": 21])
        #expect(store.image.controllerID == BrokerID(1))
        #expect(store.image.epoch == 1)
        #expect(store.image.offset == 2)
        let id = try Disk.real.contents(of: log("partition.metadata"))
        #expect(String(decoding: id, as: UTF8.self) == "version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ")
        #expect(try files("") == [firstSegment, "leader-epoch-checkpoint", "partition.metadata", "quorum-state"])
    }

    @Test func `a formatted directory begins with its bootstrap records`() throws {
        try Formatting.format(
            [directory.path],
            .init(clusterID: "c", nodeID: BrokerID(1), level: .newest, features: ["group.version": 1]),
            now: Timestamp(milliseconds: 5))
        let store = try open()
        #expect(store.image.features == ["metadata.version": 30, "group.version": 1])
    }

    @Test func `commits are there after the next start, which has an epoch of its own`() throws {
        let store = try open()
        let image = try store.commit(Records.newTopic("a", 1, partitions: 3))
        #expect(image.topic("a")?.partitions.count == 3)
        try store.commit([Records.config(.topic("a"), "retention.ms", "5")])
        let again = try open()
        #expect(again.image.epoch == 2)
        #expect(encoded(again.image) == encoded(store.image))
        #expect(again.image.config(.topic("a")) == ["retention.ms": "5"])
    }

    @Test func `a decision sees what the one before wrote`() throws {
        let store = try open()
        for id in 1...3 as ClosedRange<UInt64> {
            let seen = try store.change { image in (Records.newTopic("t\(id)", id), image.topicCount) }
            #expect(seen == Int(id) - 1)
        }
        let offset = store.image.offset
        #expect(try store.change { _ in ([], "nothing to write") } == "nothing to write")
        #expect(store.image.offset == offset)
    }

    @Test func `records that contradict the image are not written`() throws {
        let store = try open()
        let before = try Disk.real.contents(of: log(firstSegment))
        #expect(throws: MetadataError.self) { try store.commit([Records.remove(1)]) }
        #expect(throws: MetadataError.self) {
            try store.commit([.topic(Records.topic("a", 1)), Records.partition(1, 1)])
        }
        #expect(try Disk.real.contents(of: log(firstSegment)) == before)
        try store.commit(Records.newTopic("a", 1))
    }

    @Test func `a record larger than a batch is refused by name`() throws {
        var options = EmbeddedStore.Options()
        options.batchBytesMax = 300
        let store = try open(options)
        let error = #expect(throws: MetadataError.self) {
            try store.commit([Records.config(.allBrokers, "a", String(repeating: "x", count: 400))])
        }
        #expect(error?.description.contains("ConfigRecord of 4") == true)
    }

    @Test func `what does not fit one batch becomes visible all at once`() throws {
        var options = EmbeddedStore.Options()
        options.batchBytesMax = 600
        let store = try open(options)
        let before = encoded(store.image)
        let start = try Disk.real.contents(of: log(firstSegment)).count
        try store.commit(Records.newTopic("a", 1, partitions: 40))
        let bytes = try Disk.real.contents(of: log(firstSegment))
        #expect(encoded(try open(options).image) == encoded(store.image))

        // Cut anywhere inside, the transaction never took place; the next leader ends it.
        for count in stride(from: start, to: bytes.count, by: 61) {
            let file = try Disk.real.open(log(firstSegment), .replace)
            try file.write(Array(bytes[..<count]), at: 0)
            let cut = try open(options)
            #expect(encoded(cut.image) == before)
            try cut.commit(Records.newTopic("b", 2))
            #expect(try open(options).image.topicNames == ["b"])
        }
    }

    @Test func `ten thousand partitions are one flush, and are opened again`() throws {
        let flushes = Atomic(0)
        let name = firstSegment
        let disk = Disk { operation throws(SystemError) in
            if case .synchronize(let path) = operation, path.hasSuffix(name) { flushes.add(1, ordering: .relaxed) }
        }
        let store = try open(disk: disk)
        flushes.store(0, ordering: .relaxed)
        try store.commit(Records.newTopic("bulk", 1, partitions: 10_000))
        #expect(flushes.load(ordering: .relaxed) == 1)
        #expect(try open().image.partitionCount == 10_000)
    }

    @Test func `after a failed write or flush the store takes nothing more`() throws {
        for failing in [0, 1] {
            let directory = TemporaryDirectory()
            let isArmed = Atomic(false)
            let disk = Disk { operation throws(SystemError) in
                guard isArmed.load(ordering: .relaxed) else { return }
                switch operation {
                case .write where failing == 0: throw SystemError("write to", "disk", .noSpace)
                case .synchronize where failing == 1: throw SystemError("flush", "disk", .io)
                default: break
                }
            }
            let store = try EmbeddedStore.open(
                logDirectory: directory.path, nodeID: BrokerID(1), clusterID: "c", disk: disk)
            try store.commit(Records.newTopic("a", 1))
            isArmed.store(true, ordering: .relaxed)
            #expect(throws: MetadataError.self) { try store.commit(Records.newTopic("b", 2)) }
            #expect(store.image.topicNames == ["a"])
            isArmed.store(false, ordering: .relaxed)
            let error = #expect(throws: MetadataError.self) { try store.commit(Records.newTopic("c", 3)) }
            #expect(error?.description.hasPrefix("the metadata log takes no more records") == true)
            #expect(store.failure != nil)
            #expect(throws: MetadataError.self) { try store.takeSnapshot() }
        }
    }

    @Test func `segments are rolled and read one after the other`() throws {
        var options = EmbeddedStore.Options()
        options.segmentBytesMax = 500
        let store = try open(options)
        for id in 1...20 as ClosedRange<UInt64> { try store.commit(Records.newTopic("t\(id)", id)) }
        #expect(try files(".log").count > 5)
        #expect(encoded(try open(options).image) == encoded(store.image))

        let second = try files(".log")[1]
        let file = try Disk.real.open(log(second), .readWrite)
        try file.write([0xff], at: 70)
        let error = #expect(throws: MetadataError.self) { try open(options) }
        #expect(error?.description.contains(second) == true)
        try Disk.real.remove(log(second))
        #expect(throws: MetadataError.self) { try open(options) }
    }

    @Test func `garbage behind the last commit is cut off`() throws {
        let store = try open()
        try store.commit(Records.newTopic("a", 1))
        let whole = try Disk.real.contents(of: log(firstSegment)).count
        for garbage in [[0], Array(repeating: 0, count: 500), Array(repeating: 0xff, count: 300)] as [[UInt8]] {
            try append(garbage, to: firstSegment)
            #expect(try EmbeddedStore.read(logDirectory: directory.path, clusterID: "c").topicNames == ["a"])
            #expect(try open().image.topicNames == ["a"])
        }
        #expect(try Disk.real.contents(of: log(firstSegment)).count > whole)
    }

    @Test func `damage in front of intact commits is refused, naming the file`() throws {
        let store = try open()
        let start = try Disk.real.contents(of: log(firstSegment)).count
        try store.commit(Records.newTopic("a", 1))
        try store.commit(Records.newTopic("b", 2))
        let file = try Disk.real.open(log(firstSegment), .readWrite)
        // In the records, and in the length: in both cases the next batch proves that something was lost.
        for position in [Int64(start) + 80, Int64(start) + 9] {
            let before = try file.read(count: 1, at: position)
            try file.write([before[0] ^ 0x55], at: position)
            let error = #expect(throws: MetadataError.self) { try open() }
            #expect(error?.description.contains(firstSegment) == true)
            #expect(error?.description.contains("at byte \(start)") == true)
            try file.write(before, at: position)
        }
        #expect(try open().image.topicNames == ["a", "b"])
    }

    @Test func `another node or a larger quorum does not lead this log`() throws {
        _ = try open()
        let error = #expect(throws: MetadataError.self) {
            try EmbeddedStore.open(logDirectory: directory.path, nodeID: BrokerID(2), clusterID: "c")
        }
        #expect(error?.description.contains("node 2 is to lead it alone") == true)
    }

    @Test func `a lost or unreadable quorum-state is made up from the log`() throws {
        _ = try open()
        try Disk.real.remove(log("quorum-state"))
        #expect(try open().image.epoch == 2)
        try append(Array("{".utf8), to: "quorum-state.new")
        try Disk.real.rename(log("quorum-state.new"), to: log("quorum-state"))
        #expect(try open().image.epoch == 3)
    }

    @Test func `an epoch is never used twice, though its first record was lost`() throws {
        _ = try open()
        let first = try Disk.real.contents(of: log(firstSegment))
        _ = try open()
        let file = try Disk.real.open(log(firstSegment), .replace)
        try file.write(first, at: 0)
        #expect(try open().image.epoch == 3)
    }
}

// Snapshots.
extension EmbeddedStoreTests {
    private var small: EmbeddedStore.Options {
        var options = EmbeddedStore.Options()
        options.bytesBetweenSnapshots = 2000
        return options
    }

    @Test func `snapshots bound the log, and two of them are kept`() throws {
        let store = try open(small)
        for id in 1...100 as ClosedRange<UInt64> {
            try store.commit(Records.newTopic("t\(id)", id))
            if id > 1 { try store.commit([Records.remove(id - 1)]) }
        }
        let snapshots = try files(".checkpoint")
        #expect(snapshots.count == 2)
        let oldest = try #require(SnapshotID(fileName: snapshots[0]))
        let segments = try files(".log")
        #expect(segments.count == 2)
        #expect(segments[0] == MetadataDirectory.digits(oldest.offset, 20) + ".log")
        let epochs = try Disk.real.contents(of: log("leader-epoch-checkpoint"))
        #expect(String(decoding: epochs, as: UTF8.self) == "0\n1\n1 \(oldest.offset)\n")
        #expect(encoded(try open(small).image) == encoded(store.image))
        #expect(try open(small).image.topicNames == ["t100"])
    }

    @Test func `records wait no longer than the interval for a snapshot`() throws {
        let time = ManualTime()
        var options = EmbeddedStore.Options()
        options.snapshotInterval = .seconds(60)
        let store = try EmbeddedStore.open(
            logDirectory: directory.path, nodeID: BrokerID(1), clusterID: "c", options: options, clock: .manual(time))
        time.advance(by: .seconds(59))
        try store.commit(Records.newTopic("a", 1))
        #expect(try files(".checkpoint").isEmpty)
        time.advance(by: .seconds(1))
        try store.commit(Records.newTopic("b", 2))
        try store.commit(Records.newTopic("c", 3))
        #expect(try files(".checkpoint").count == 1)
        time.advance(by: .seconds(60))
        try store.commit(Records.newTopic("d", 4))
        #expect(try files(".checkpoint").count == 2)
    }

    @Test func `a damaged snapshot is made up for by the one before and the log`() throws {
        let store = try open()
        try store.commit(Records.newTopic("a", 1))
        try store.takeSnapshot()
        try store.commit(Records.newTopic("b", 2))
        try store.takeSnapshot()
        try store.takeSnapshot()
        try store.commit(Records.newTopic("c", 3))
        let snapshots = try files(".checkpoint")
        #expect(snapshots.count == 2)
        let bytes = try Disk.real.contents(of: log(snapshots[1]))
        for damage in 0..<3 {
            let file = try Disk.real.open(log(snapshots[1]), .replace)
            switch damage {
            case 0: try file.write(Array(bytes.dropLast(20)), at: 0)
            case 1: try file.write(bytes.enumerated().map { $0 == 200 ? $1 ^ 1 : $1 }, at: 0)
            default: break
            }
            let again = try open()
            #expect(encoded(again.image) == encoded(store.image))
            #expect(try files(".checkpoint") == [snapshots[0]])
        }
    }

    @Test func `a damaged snapshot that nothing makes up for is refused by name`() throws {
        let store = try open()
        for id in 1...3 as ClosedRange<UInt64> {
            try store.commit(Records.newTopic("t\(id)", id))
            try store.takeSnapshot()
        }
        let snapshots = try files(".checkpoint")
        try Disk.real.remove(log(snapshots[0]))
        let path = log(snapshots[1])
        let file = try Disk.real.open(path, .readWrite)
        try file.write([0xff], at: 100)
        // The log begins behind the snapshot that was lost.
        let error = #expect(throws: MetadataError.self) { try open() }
        #expect(error?.description.hasPrefix(path) == true)
        try Disk.real.remove(path)
        #expect(throws: MetadataError.self) { try open() }
    }

    @Test func `a log that ends before the newest snapshot gives way to it`() throws {
        let store = try open()
        try store.commit(Records.newTopic("a", 1))
        try store.takeSnapshot()
        let segments = try files(".log")
        try Disk.real.remove(log(segments[1]))
        let file = try Disk.real.open(log(segments[0]), .readWrite)
        try file.truncate(to: try file.size - 10)
        let again = try open()
        #expect(again.image.topicNames == ["a"])
        try again.commit(Records.newTopic("b", 2))
        #expect(try open().image.topicNames == ["a", "b"])
    }

    @Test func `the quorum's own level and voters go from snapshot to snapshot`() throws {
        // What Kafka's formatting with a dynamic quorum leaves behind.
        var quorum = QuorumFeatures()
        quorum.kraftVersion = 1
        var voter = VotersRecord.Voter()
        voter.voterId = 1
        voter.voterDirectoryId = UUID(high: 7, low: 7)
        var voters = VotersRecord()
        voters.voters = [voter]
        quorum.voters = voters
        try Disk.real.makeDirectories(directory.path + "/__cluster_metadata-0")
        let bytes = try Snapshot.encode(
            [], under: .formatted, quorum: quorum, epoch: 0, lastTimestamp: 0, now: 1, batchBytesMax: 1 << 20)
        try Disk.real.replaceContents(of: log(SnapshotID(offset: 0, epoch: 0).fileName), with: bytes)

        let store = try open()
        try store.commit(Records.newTopic("a", 1))
        try store.takeSnapshot()
        let state = String(decoding: try Disk.real.contents(of: log("quorum-state")), as: UTF8.self)
        #expect(state.hasSuffix("\"data_version\":1}"))
        let name = try #require(try files(".checkpoint").last)
        let replay = try Snapshot.read(
            log(name), id: try #require(SnapshotID(fileName: name)), into: ClusterImage(clusterID: "c"), disk: .real)
        #expect(replay.quorum.kraftVersion == 1)
        #expect(replay.quorum.voters?.voters.first?.voterDirectoryId == UUID(high: 7, low: 7))
        #expect(try open().image.topicNames == ["a"])
    }

    @Test func `a snapshot of a newer writer is refused as that, not as damage`() throws {
        let store = try open()
        try store.commit(Records.newTopic("a", 1))
        let id = SnapshotID(offset: store.image.offset + 1, epoch: 1)
        let bytes = try Snapshot.encode(
            [Records.feature("metadata.version", 99)], under: .formatted, epoch: 1, lastTimestamp: 0, now: 1,
            batchBytesMax: 1 << 20)
        try Disk.real.replaceContents(of: log(id.fileName), with: bytes)
        let error = #expect(throws: MetadataError.self) { try open() }
        #expect(error?.description.hasPrefix("metadata.version 99 is not supported") == true)
    }
}

/// A disk that ends the world at a chosen operation: it and all later ones never happen.
private final class EndingDisk: Sendable {
    private let left: Atomic<Int>

    init(after count: Int) { left = Atomic(count) }

    var disk: Disk {
        Disk { operation throws(SystemError) in
            if self.left.subtract(1, ordering: .relaxed).newValue < 0 { throw SystemError("reach", "disk", .io) }
        }
    }

    var isOver: Bool { left.load(ordering: .relaxed) < 0 }
}

struct EmbeddedStoreCrashTests {
    /// Starts, commits of all kinds, and snapshots; `acknowledged` hears of every image that a caller could see.
    private func life(_ path: String, _ disk: Disk, _ acknowledged: (ClusterImage) -> Void) throws(MetadataError) {
        var options = EmbeddedStore.Options()
        options.batchBytesMax = 400
        options.segmentBytesMax = 2500
        for round in 0..<3 as Range<UInt64> {
            let store = try EmbeddedStore.open(
                logDirectory: path, nodeID: BrokerID(1), clusterID: "c", options: options, disk: disk,
                clock: .manual(ManualTime()))
            acknowledged(store.image)
            let id = round * 10
            acknowledged(try store.commit(Records.newTopic("one-\(round)", id + 1)))
            acknowledged(try store.commit(Records.newTopic("many-\(round)", id + 2, partitions: 12)))
            try store.takeSnapshot()
            acknowledged(try store.commit([Records.config(.topic("one-\(round)"), "a", "b")]))
            acknowledged(try store.commit([Records.remove(id + 1)]))
            try store.takeSnapshot()
        }
    }

    @Test func `wherever the world ends, each acknowledged change is there and none is there in part`() throws {
        // The images of an undisturbed life, in order.
        var all: [[UInt8]] = []
        let whole = TemporaryDirectory()
        try life(whole.path, .real) { all.append(encoded($0)) }
        let nothing = encoded(ClusterImage(clusterID: "c"))

        var step = 0
        while step < 500 {
            defer { step += 1 }
            let directory = TemporaryDirectory()
            let ending = EndingDisk(after: step)
            var seen = 0
            do throws(MetadataError) {
                try life(directory.path, ending.disk) { _ in seen += 1 }
            } catch {}
            let found = encoded(try EmbeddedStore.read(logDirectory: directory.path, clusterID: "c"))
            let last = seen == 0 ? nothing : all[seen - 1]
            let next = seen < all.count ? all[seen] : last
            // A change in flight may be there as a whole, or not at all.
            #expect(found == last || found == next, "the world ended at operation \(step)")
            if !ending.isOver { break }
            // The next start goes on from there, and leaves nothing behind.
            let store = try EmbeddedStore.open(logDirectory: directory.path, nodeID: BrokerID(1), clusterID: "c")
            if seen > 0 { #expect(encoded(store.image) == found) }
            try store.commit(Records.newTopic("after", 99))
            let names = try Disk.real.list(directory.path + "/__cluster_metadata-0").map(\.name)
            #expect(!names.contains { $0.hasSuffix(".part") || $0.hasSuffix(".tmp") })
        }
        #expect(step > 60 && step < 500)
    }
}
