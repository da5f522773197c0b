import Bytes
import KafkaModel
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

@Suite struct LogDirectoriesTests {
    private let root = TemporaryDirectory()
    private let time = ManualTime(wall: noon)

    private func directories(_ names: [String] = ["a"], disk: Disk = .real) -> LogDirectories {
        LogDirectories(paths: names.map(root.file), disk: disk, clock: .manual(time))
    }

    private func opened(_ names: [String] = ["a"], disk: Disk = .real, node: Int32 = 1) throws -> LogDirectories {
        let directories = directories(names, disk: disk)
        try directories.open(nodeID: node, clusterID: "cluster-1") { _ in smallSegments() }
        return directories
    }

    private func partition(_ number: Int32) -> TopicPartition { TopicPartition("orders", number) }

    @Test func `an empty directory is signed and used`() throws {
        let directories = directories()
        #expect(try directories.identify() == nil)
        try directories.open(nodeID: 1, clusterID: "cluster-1") { _ in smallSegments() }
        let id = UUID(high: 1, low: 2)
        let log = try directories.create(partition(0), topicID: id, configuration: smallSegments())
        #expect(throws: StorageError.self) {
            try directories.create(partition(0), topicID: id, configuration: smallSegments())
        }
        try log.append(try batch())
        directories.shutDownCleanly(brokerEpoch: 7)
        let mark = try Disk.real.contents(of: root.file("a/.kafka_cleanshutdown"))
        #expect(String(decoding: mark, as: UTF8.self) == "{\"version\":0,\"brokerEpoch\":7}")

        let again = self.directories()
        let properties = try again.identify()
        #expect(properties?.clusterID == "cluster-1" && properties?.nodeID == 1 && properties?.version == 1)
        try again.open(nodeID: 1, clusterID: "cluster-1") { _ in smallSegments() }
        #expect(again[partition(0)]?.topicID == id)
        #expect(again[partition(0)]?.logEndOffset == 3)
        #expect(again.directoryIDs.count == 1)
        #expect(!Disk.real.exists(root.file("a/.kafka_cleanshutdown")))
    }

    @Test func `after a clean shutdown nothing but names and ids is read`() throws {
        let directories = try opened()
        for number in Int32(0)..<5 {
            let log = try directories.create(partition(number), topicID: .random(), configuration: smallSegments())
            for _ in 0..<10 { try log.append(try batch()) }
        }
        directories.shutDownCleanly()
        for number in 0..<5 {
            // What is not read cannot be missed.
            try Disk.real.removeTree(root.file("a/orders-\(number)"))
            try Disk.real.makeDirectory(root.file("a/orders-\(number)"))
            _ = try Disk.real.open(root.file("a/orders-\(number)/00000000000000000000.log"), .replace)
        }
        let again = try opened()
        #expect(again.partitions.values.allSatisfy { $0.logEndOffset == 30 })
        #expect(throws: StorageError.self) { try again[partition(0)]?.load() }
    }

    @Test func `another cluster, another node and a copy are refused`() throws {
        do { _ = try opened(["a"]) }
        do {
            let error = #expect(throws: StorageError.self) { try opened(["a"], node: 2) }
            #expect("\(error!)".contains("belongs to the node 1, not to 2"))
        }
        do {
            let other = directories(["a"])
            let error = #expect(throws: StorageError.self) {
                try other.open(nodeID: 1, clusterID: "cluster-2") { _ in smallSegments() }
            }
            #expect("\(error!)".contains("belongs to the cluster cluster-1, not to cluster-2"))
        }
        do {
            try Disk.real.makeDirectory(root.file("b"))
            let bytes = try Disk.real.contents(of: root.file("a/meta.properties"))
            try Disk.real.open(root.file("b/meta.properties"), .replace).write(bytes, at: 0)
            let error = #expect(throws: StorageError.self) { try opened(["a", "b"]) }
            #expect("\(error!)".contains("directory.id"))
        }
        #expect(throws: StorageError.self) { try opened(["a", "a/"]) }
    }

    @Test func `two owners of one directory are refused`() throws {
        let first = try opened(["a"])
        let error = #expect(throws: StorageError.self) { try opened(["b", "a"]) }
        #expect("\(error!)".contains(root.file("a")))
        first.shutDownCleanly()
        _ = try opened(["a"])
    }

    @Test func `new partitions go where there are fewest`() throws {
        let directories = try opened(["a", "b", "c"])
        for number in Int32(0)..<9 {
            _ = try directories.create(partition(number), topicID: nil, configuration: smallSegments())
        }
        for name in ["a", "b", "c"] {
            let count = try Disk.real.list(root.file(name)).filter(\.isDirectory).count
            #expect(count == 3)
        }
    }

    @Test func `a partition in two directories is refused`() throws {
        do {
            let directories = try opened(["a", "b"])
            _ = try directories.create(partition(0), topicID: nil, configuration: smallSegments())
            directories.shutDownCleanly()
        }
        for name in ["a", "b"] { try Disk.real.makeDirectory(root.file(name + "/orders-0")) }
        let error = #expect(throws: StorageError.self) { try opened(["a", "b"]) }
        #expect("\(error!)".contains("orders-0"))
    }

    @Test func `a deleted partition goes at once by name and later by file`() throws {
        let directories = try opened()
        let log = try directories.create(partition(0), topicID: .random(), configuration: smallSegments())
        try log.append(try batch())
        try directories.delete(partition(0))
        #expect(directories[partition(0)] == nil)
        #expect(throws: AppendRefusal.self) { try log.append(try batch()) }
        let left = try Disk.real.list(root.file("a")).map(\.name).filter { $0.hasPrefix("orders-0.") }
        #expect(left.count == 1 && left[0].hasSuffix("-delete"))
        // The name is free again at once.
        let anew = try directories.create(partition(0), topicID: .random(), configuration: smallSegments())
        #expect(anew.logEndOffset == 0)
        #expect(try directories.deleteScheduled(now: noon.later(1000)) == 0)
        #expect(try directories.deleteScheduled(now: noon.later(60_000)) == 1)
        #expect(try Disk.real.list(root.file("a")).filter(\.isDirectory).map(\.name) == ["orders-0"])
    }

    @Test func `a deletion that a crash interrupted is finished and never comes back`() throws {
        do {
            let directories = try opened()
            _ = try directories.create(partition(0), topicID: .random(), configuration: smallSegments())
            try directories.delete(partition(0))
        }
        let again = try opened()
        #expect(again.partitions.isEmpty)
        #expect(again.nextDeletion == noon.later(60_000))
        try again.deleteScheduled(now: noon.later(60_000))
        #expect(try !Disk.real.list(root.file("a")).contains { $0.isDirectory })
    }

    @Test func `the longest topic name leaves room for the suffix`() {
        let topic = String(repeating: "t", count: 249)
        let name = PartitionDirectoryName.deletion(of: TopicPartition(topic, 12), id: .random())
        #expect(name.utf8.count == 255)
        #expect(name.hasSuffix("-delete"))
        #expect(PartitionDirectoryName(name) == .deleted)
        #expect(PartitionDirectoryName("a-b-3") == .partition(TopicPartition("a-b", 3)))
        #expect(
            PartitionDirectoryName("orders-0.\(String(repeating: "0", count: 32))-future")
                == .future(TopicPartition("orders", 0)))
        for foreign in ["lost+found", "notes", "-3", "orders-", "orders-x", "orders-99999999999"] {
            #expect(PartitionDirectoryName(foreign) == .foreign)
        }
    }

    @Test func `a topic made anew is not measured by its predecessor`() throws {
        do {
            let directories = try opened()
            let log = try directories.create(partition(0), topicID: .random(), configuration: smallSegments())
            try log.append(try batch())
            try log.flush(now: noon)
            directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
            try directories.delete(partition(0))
            _ = try directories.create(partition(0), topicID: .random(), configuration: smallSegments())
        }
        let again = try opened()
        #expect(again.failures.isEmpty)
        #expect(again[partition(0)]?.logEndOffset == 0)
    }

    @Test func `a damaged partition is told and left alone, the others serve`() throws {
        do {
            let directories = try opened()
            for number in Int32(0)..<2 {
                let log = try directories.create(partition(number), topicID: .random(), configuration: smallSegments())
                try log.append(try batch())
                try log.flush(now: noon)
            }
            directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        }
        try Disk.real.open(root.file("a/orders-1/00000000000000000000.log"), .readWrite).truncate(to: 50)
        for _ in 0..<2 {
            let again = try opened()
            #expect(again.failures.keys.sorted() == [partition(1)])
            #expect(again.partitions.keys.sorted() == [partition(0)])
            #expect(throws: StorageError.self) {
                try again.create(partition(1), topicID: nil, configuration: smallSegments())
            }
            // Not a clean one: the damage must be found again, and the recovery point must stay.
            again.shutDownCleanly()
            #expect(!Disk.real.exists(root.file("a/.kafka_cleanshutdown")))
        }
    }

    @Test func `an I/O failure takes just its directory`() throws {
        let target = root.file("b/")
        let failing = SwitchedFailure { $0.hasPrefix(target) }
        let directories = try opened(["a", "b"], disk: failing.disk)
        let told = Guarded<[String]>([])
        directories.onFailure { path, _ in told.withLock { $0.append(path) } }
        for number in Int32(0)..<4 {
            let log = try directories.create(partition(number), topicID: nil, configuration: smallSegments())
            try log.append(try batch())
        }
        failing.isOn = true
        directories.writeCheckpoints { $1.checkpoint(highWatermark: $1.logEndOffset) }
        #expect(Array(directories.offlineDirectories.keys) == [root.file("b")])
        #expect(told.withLock { $0 } == [root.file("b")])
        #expect(directories.onlineDirectories == [root.file("a")])
        #expect(directories.partitions.count == 2)
        let log = try directories.create(partition(9), topicID: nil, configuration: smallSegments())
        try log.append(try batch())
        #expect(log.directory.hasPrefix(root.file("a/")))
    }

    @Test func `very many logs are closed with one flush`() throws {
        let syncs = CountedFlushes()
        do {
            let directories = try opened(disk: syncs.disk)
            for number in Int32(0)..<40 {
                let log = try directories.create(partition(number), topicID: .random(), configuration: smallSegments())
                try log.append(try batch(producer: 7, epoch: 0, sequence: 0), leaderEpoch: 3)
            }
            let before = syncs.count
            directories.shutDownCleanly()
            #expect(syncs.count - before < 20)
        }
        let again = try opened()
        for log in again.partitions.values {
            #expect(log.logEndOffset == 3 && log.recoveryPoint == 3)
            #expect(try log.leaderEpochs.entries == [.init(epoch: 3, startOffset: 0)])
            #expect(try log.append(try batch(producer: 7, epoch: 0, sequence: 0)).isDuplicate)
        }
    }

    @Test func `retention leaves logs alone that nobody used, unless they are due`() throws {
        do {
            let directories = try opened()
            let log = try directories.create(partition(0), topicID: .random(), configuration: smallSegments())
            try log.append(try batch())
            directories.shutDownCleanly()
        }
        let log = try #require(try opened()[partition(0)])
        let week: Int64 = 604_800_000
        #expect(try log.deleteExpired(now: noon.later(week - 1), highWatermark: 3).isEmpty)
        #expect(log.segments.first?.indexes == nil)
        #expect(try log.deleteExpired(now: noon.later(week + 10), highWatermark: 3).count == 1)
        #expect(log.logStartOffset == 3)
    }

    @Test func `checkpoints and meta properties are Kafka's`() throws {
        let text = "0\n2\naudit 0 240\norders 1 600\n"
        let offsets = try #require(OffsetCheckpoint.decode(text))
        #expect(offsets == [TopicPartition("audit", 0): 240, TopicPartition("orders", 1): 600])
        #expect(OffsetCheckpoint.encode(offsets) == text)
        for broken in ["1\n0\n", "0\n2\naudit 0 240\n", "0\n1\naudit x 240\n", "0\n1\naudit 0\n", "0", "\n"] {
            #expect(OffsetCheckpoint.decode(broken) == nil, "\(broken)")
        }
        let kafka =
            "#\n#Fri Nov 20 10:25:22 UTC 2026\nnode.id=1\ndirectory.id=xUDxGDfAU1JNEE-24h6udw\nversion=1\n"
            + "cluster.id=nN3yxgcsTxG7M25tCxwp3A\n"
        let properties = try MetaProperties(text: kafka, path: "meta.properties")
        #expect(properties.nodeID == 1 && properties.directoryID != nil && properties.version == 1)
        #expect(try MetaProperties(text: properties.text, path: "") == properties)
        let old = try MetaProperties(text: "version=0\nbroker.id=3\ncluster.id=x\n", path: "")
        #expect(old.nodeID == 3 && old.version == 0)
        for broken in ["version=2\n", "version=1\nnode.id=1\n", "version=1\ncluster.id=x\n"] {
            #expect(throws: StorageError.self) { try MetaProperties(text: broken, path: "") }
        }
        let id = UUID(high: 0x5948_fae5_d194_487f, low: 0xb696_d361_d4cb_bdb4)
        #expect(PartitionMetadata(PartitionMetadata(topicID: id).text)?.topicID == id)
        #expect(PartitionMetadata("version: 1\ntopic_id: \(id)") == nil)
        #expect(PartitionMetadata("") == nil)
    }
}
