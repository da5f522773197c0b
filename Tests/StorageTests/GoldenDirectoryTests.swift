import Bytes
import KafkaModel
import KafkaRecords
import Posix
import TestSupport
import Testing
import Timing

@testable import Storage

/// The directory that Kafka 3.9 wrote (see Fixtures/ORIGIN), and what its own dump-log said about it.
@Suite struct GoldenDirectoryTests {
    let directory: TemporaryDirectory
    /// Shortly after Kafka wrote it; its producers have not expired.
    let now = Timestamp(milliseconds: 1_795_170_400_000)

    init() throws { directory = try copyOfKafkaDirectory() }

    private func configuration(_ topic: String) -> LogConfiguration {
        var configuration = LogConfiguration()
        configuration.segmentBytes = 20000
        configuration.indexIntervalBytes = topic == "orders" ? 1024 : 4096
        configuration.producerIDExpirationMs = .max
        return configuration
    }

    private func open(wasClean: Bool = true) throws -> LogDirectories {
        if !wasClean { try Disk.real.remove(directory.file(".kafka_cleanshutdown")) }
        let directories = LogDirectories(paths: [directory.path], clock: .manual(ManualTime(wall: now)))
        try directories.open(nodeID: 1, clusterID: "nN3yxgcsTxG7M25tCxwp3A") { configuration($0) }
        return directories
    }

    private func log(_ directories: LogDirectories, _ topic: String) throws -> PartitionLog {
        try #require(directories[TopicPartition(topic, 0)])
    }

    @Test(arguments: [true, false])
    func `a directory of Kafka opens, after a clean shutdown and without`(wasClean: Bool) throws {
        let directories = try open(wasClean: wasClean)
        #expect(directories.failures.isEmpty)
        let ends = ["orders": 600, "payments": 120, "mix": 600, "users": 1600, "audit": 240]
        for (topic, end) in ends {
            let log = try log(directories, topic)
            #expect(log.logEndOffset == Int64(end))
            try log.load()
            #expect(log.logEndOffset == Int64(end))
            #expect(log.logStartOffset == 0)
            #expect(log.checkpointedHighWatermark == Int64(end))
            #expect(try log.everything().last?.nextOffset == Int64(end))
        }
        let orders = try log(directories, "orders")
        #expect(orders.topicID == UUID("WUj65dGUSH-2ltNh1Mu9tA"))
        #expect(orders.segmentBaseOffsets == [0, 350])
        #expect(try orders.size == 19521 + 13948)
        #expect(
            try orders.leaderEpochs.entries == [
                .init(epoch: 0, startOffset: 0), .init(epoch: 2, startOffset: 300),
            ])
        #expect(try orders.endOffset(forEpoch: 0)?.endOffset == 300)
        #expect(try orders.endOffset(forEpoch: 1)?.epoch == 0)
        #expect(try orders.endOffset(forEpoch: 2)?.endOffset == 600)
        #expect(try orders.endOffset(forEpoch: 3) == nil)
    }

    @Test func `a log that Kafka compacted goes on from Kafka's checkpoint`() throws {
        let directories = try open()
        let users = TopicPartition("users", 0)
        #expect(directories.cleanedOffset(of: users) == 986)
        let log = try log(directories, "users")
        let before = try log.committed()
        try log.roll(now: now)
        try log.compact(from: 986, now: now)
        let after = try log.committed()
        #expect(table(after) == table(before) && after.count < before.count)
        #expect(Set(after.map(\.record.key)).count == after.count)
        try log.checkOrder()
        try directories.noteCleaned(users, upTo: 1600)
        let text = try Disk.real.contents(of: directory.file("cleaner-offset-checkpoint"))
        #expect(String(decoding: text, as: UTF8.self) == "0\n1\nusers 0 1600\n")
    }

    @Test func `indexes read as Kafka's dump prints them`() throws {
        let offsetBytes = try Disk.real.contents(of: directory.file("orders-0/00000000000000000000.index"))
        let timeBytes = try Disk.real.contents(of: directory.file("orders-0/00000000000000000000.timeindex"))
        let offsets = OffsetIndex(offsetBytes.span.bytes, baseOffset: 0)
        let dumped: [(Int64, Int)] = [
            (37, 1407), (61, 2785), (86, 4172), (111, 5504), (135, 6921), (160, 8293), (185, 9626), (209, 11021),
            (234, 12419), (259, 13758), (283, 15149), (299, 16517), (337, 18143),
        ]
        #expect(offsets.entries == dumped.map { OffsetIndex.Entry(offset: $0.0, position: $0.1) })
        let times = TimeIndex(timeBytes.span.bytes, baseOffset: 0)
        #expect(times.count == 14)
        #expect(times.entry(0) == .init(timestamp: 1_750_010_004_107, offset: 37))
        #expect(times.last == .init(timestamp: 1_750_020_005_439, offset: 349))
        #expect(offsets.encode() == offsetBytes)
        #expect(times.encode() == timeBytes)
    }

    @Test func `every offset is found, whatever the read size`() throws {
        let log = try log(try open(), "orders")
        let headers = try log.everything()
        for offset in stride(from: Int64(0), to: 600, by: 7) {
            let read = try log.read(from: offset, maxBytes: 1, minOneBatch: true, upTo: 600)
            let holder = try #require(headers.first { $0.lastOffset >= offset })
            #expect(read.firstOffset == holder.baseOffset)
            #expect(read.region?.count == holder.sizeInBytes)
        }
        #expect(try log.everything(maxBytes: 1000).map(\.baseOffset) == headers.map(\.baseOffset))
    }

    @Test func `records are found by time`() throws {
        let directories = try open()
        let orders = try log(directories, "orders")
        let found = try #require(try orders.offset(forTimestamp: 1_750_010_000_500))
        #expect(found == TimestampOffset(timestamp: 1_750_010_000_555, offset: 5, leaderEpoch: 0))
        #expect(try orders.offset(forTimestamp: 0)?.offset == 0)
        #expect(try orders.offset(forTimestamp: 1_750_020_005_440)?.offset == 350)
        #expect(try orders.offset(forTimestamp: 1_750_020_033_190) == nil)
        #expect(
            try orders.maxTimestampOffset()
                == TimestampOffset(timestamp: 1_750_020_033_189, offset: 599, leaderEpoch: 2))
        // Batches of every codec: the records inside are looked at.
        let mix = try log(directories, "mix")
        for offset in [Int64(3), 70, 130, 200, 260, 599] {
            let header = try #require(try mix.everything().first { $0.lastOffset >= offset })
            let found = try #require(try mix.offset(forTimestamp: header.maxTimestamp))
            #expect(found.timestamp == header.maxTimestamp)
        }
    }

    @Test func `producers are known from the snapshot and from the log alike`() throws {
        let snapshot = try log(try open(), "orders").producers.all
        #expect(snapshot.count == 1)
        let producer = try #require(snapshot.first)
        #expect(producer.producerID == 1000)
        #expect(producer.epoch == 0)
        #expect(
            producer.lastBatch
                == ProducerBatch(lastSequence: 299, lastOffset: 599, offsetDelta: 2, timestamp: 1_750_020_033_189))

        let other = try copyOfKafkaDirectory()
        for entry in try Disk.real.list(other.file("orders-0")) where entry.name.hasSuffix(".snapshot") {
            try Disk.real.remove(other.file("orders-0/" + entry.name))
        }
        let directories = LogDirectories(paths: [other.path], clock: .manual(ManualTime(wall: now)))
        try directories.open(nodeID: 1, clusterID: "nN3yxgcsTxG7M25tCxwp3A") { configuration($0) }
        let rebuilt = try log(directories, "orders").producers
        #expect(rebuilt[1000]?.lastBatch == producer.lastBatch)
        #expect(rebuilt[1000]?.batches.count == 5)
        // The producer of the first run, before Kafka was restarted.
        #expect(rebuilt[0]?.lastBatch?.lastOffset == 299)
    }

    @Test func `snapshots are written as Kafka writes them`() throws {
        var count = 0
        for topic in ["orders", "payments", "mix", "users", "audit"] {
            for entry in try Disk.real.list(directory.file(topic + "-0")) where entry.name.hasSuffix(".snapshot") {
                let bytes = try Disk.real.contents(of: directory.file("\(topic)-0/\(entry.name)"))
                let decoded = ProducerSnapshot.decode(bytes.span.bytes)
                let states = try #require(decoded)
                #expect(ProducerSnapshot.encode(states) == bytes)
                for cut in 0..<bytes.count {
                    let short = Array(bytes[..<cut])
                    let states = ProducerSnapshot.decode(short.span.bytes)
                    #expect(states == nil)
                }
                count += 1
            }
        }
        #expect(count == 11)
    }

    @Test func `small files are written as Kafka writes them, byte for byte`() throws {
        var counts: [String: Int] = [:]
        for (name, bytes) in try contents() where !name.hasPrefix("__cluster_metadata") {
            let file = String(name.split(separator: "/").last ?? "")
            switch file {
            case LeaderEpochCache.fileName:
                let epochs = LeaderEpochCache(text(bytes))
                #expect(epochs?.text == text(bytes), "\(name)")
            case PartitionMetadata.fileName:
                // Kafka ends the file without a line end.
                #expect(PartitionMetadata(text(bytes))?.text == text(bytes), "\(name)")
            case OffsetCheckpoint.recoveryPoint, OffsetCheckpoint.highWatermark, OffsetCheckpoint.logStart:
                let offsets = try #require(OffsetCheckpoint.decode(text(bytes)))
                // Kafka's lines come in the order of a hash table.
                #expect(
                    OffsetCheckpoint.encode(offsets).split(separator: "\n").sorted()
                        == text(bytes).split(separator: "\n").sorted(), "\(name)")
            default:
                guard file.hasSuffix(".txnindex"), !bytes.isEmpty else { continue }
                let transactions = try AbortedTransaction.decode(bytes.span.bytes)
                #expect(transactions.flatMap(\.bytes) == bytes, "\(name)")
            }
            counts[file.hasSuffix(".txnindex") ? "txnindex" : file, default: 0] += 1
        }
        #expect(counts["txnindex"] != nil && counts[LeaderEpochCache.fileName] == 5, "\(counts)")
    }

    @Test(arguments: [true, false])
    func `aborted transactions are known`(wasClean: Bool) throws {
        let log = try log(try open(wasClean: wasClean), "payments")
        let all = try log.abortedTransactions(from: 0, upTo: 120)
        #expect(
            all == [
                AbortedTransaction(producerID: 11, firstOffset: 36, lastOffset: 47, lastStableOffset: 48),
                AbortedTransaction(producerID: 11, firstOffset: 96, lastOffset: 107, lastStableOffset: 108),
            ])
        #expect(try log.abortedTransactions(from: 48, upTo: 120).count == 1)
        #expect(try log.abortedTransactions(from: 0, upTo: 36).isEmpty)
        #expect(try log.lastStableOffset(highWatermark: 120) == 120)
        #expect(try !log.producers.hasOpenTransactions)
        #expect(try log.producers[10]?.coordinatorEpoch == 2)
    }

    @Test func `files that did not change are left as they were, byte for byte`() throws {
        let before = try contents()
        let directories = try open()
        for log in directories.partitions.values { try log.load() }
        directories.shutDownCleanly(brokerEpoch: 114)
        let after = try contents()
        for (name, bytes) in before where !name.hasSuffix(".deleted") && !name.hasSuffix(".snapshot") {
            if name.hasSuffix("checkpoint") && !name.contains("/") { continue }
            #expect(after[name] == bytes, "\(name)")
        }
        // The order of lines and the partitions that are not in the fixtures are another matter.
        let points = OffsetCheckpoint.decode(text(after["recovery-point-offset-checkpoint"]))
        let old = OffsetCheckpoint.decode(text(before["recovery-point-offset-checkpoint"]))
        #expect(points?.count == 5)
        for (partition, offset) in points ?? [:] { #expect(old?[partition] == offset) }
        #expect(after["cleaner-offset-checkpoint"] == before["cleaner-offset-checkpoint"])
    }

    @Test func `recovery makes the indexes that Kafka made`() throws {
        let before = try contents()
        for name in before.keys where name.hasSuffix("index") && name.contains("orders-0/") {
            try Disk.real.remove(directory.file(name))
        }
        try Disk.real.remove(directory.file("recovery-point-offset-checkpoint"))
        let directories = try open(wasClean: false)
        directories.shutDownCleanly()
        let after = try contents()
        for name in ["index", "timeindex"] {
            let newer = "orders-0/00000000000000000350." + name
            #expect(after[newer] == before[newer])
            // Kafka was restarted while it wrote the older segment, and counts from there anew.
            let older = "orders-0/00000000000000000000." + name
            let size = name == "index" ? 11 * 8 : 11 * 12
            #expect(after[older]?.prefix(size) == before[older]?.prefix(size))
        }
    }

    @Test func `what a crash or a deletion left behind is cleared away`() throws {
        let directories = try open()
        let left = try Disk.real.list(directory.file("users-0")).map(\.name)
        #expect(!left.contains { $0.hasSuffix(".deleted") })
        #expect(directories.partitions.count == 5)
    }

    private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

    private func contents() throws -> [String: [UInt8]] {
        var contents: [String: [UInt8]] = [:]
        for entry in try Disk.real.list(directory.path) {
            guard entry.isDirectory else {
                contents[entry.name] = try Disk.real.contents(of: directory.file(entry.name))
                continue
            }
            for file in try Disk.real.list(directory.file(entry.name)) {
                let name = entry.name + "/" + file.name
                contents[name] = try Disk.real.contents(of: directory.file(name))
            }
        }
        return contents
    }
}
