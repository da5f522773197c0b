import Glibc
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Storage
import TestSupport
import Testing

@testable import Broker

/// A data directory that Kafka 3.9 wrote is served, to the last record (see Fixtures/ORIGIN).
struct KafkaDirectoryTests {
    let directory = TemporaryDirectory()

    init() throws {
        let fixtures = #filePath.dropLast("KafkaDirectoryTests.swift".count) + "Fixtures/"
        for archive in ["kafka-3.9-node.tar.xz", "visible.tar.xz"] {
            try run("tar", "-C", directory.path, "-xJf", fixtures + archive)
        }
    }

    /// One line of `visible.txt`.
    private struct Line {
        let partition: TopicPartition
        let record: SeenRecord

        init(_ line: Substring) throws {
            let words = line.split(separator: " ")
            let dash = try #require(words[0].lastIndex(of: "-"))
            partition = TopicPartition(
                String(words[0][..<dash]), try #require(Int32(words[0][words[0].index(after: dash)...])))
            record = SeenRecord(
                offset: try #require(Int64(words[1])), timestamp: try #require(Int64(words[2])),
                key: Self.bytes(words[3]), value: Self.bytes(words[4]),
                headers: words.dropFirst(5).map { word in
                    let halves = word.split(separator: "=")
                    return RecordHeader(
                        key: String(decoding: Self.bytes(halves[0]) ?? [], as: UTF8.self),
                        value: Self.bytes(halves[1]))
                })
        }

        private static func bytes(_ word: Substring) -> [UInt8]? {
            guard word.first == "." else { return nil }
            let digits = Array(word.dropFirst())
            return stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
        }
    }

    private func visible() throws -> [TopicPartition: [SeenRecord]] {
        let text = String(decoding: try Disk.real.contents(of: directory.file("visible.txt")), as: UTF8.self)
        let lines = try text.split(separator: "\n").map { try Line($0) }
        return Dictionary(grouping: lines, by: \.partition).mapValues { $0.map(\.record) }
    }

    /// What a consumer of committed records makes of a partition, answer by answer.
    private func committed(_ client: TestClient, _ partition: TopicPartition) throws -> [SeenRecord] {
        var seen: [SeenRecord] = []
        var position: Int64 = 0
        for _ in 0..<1000 {
            var request = client.fetchRequest(partition.topic, [(partition.partition, position)])
            request.isolationLevel = 1
            request.topics[0].partitions[0].partitionMaxBytes = 5000
            let data = try client.call(request, version: 12).responses[0].partitions[0]
            try #require(data.errorCode == 0)
            guard case .range(let range) = data.records, !range.isEmpty else { return seen }
            var aborted = (data.abortedTransactions ?? []).sorted { $0.firstOffset < $1.firstOffset }
            var open: Set<Int64> = []
            let bytes = Array(client.frame[range])
            var start = 0
            let first = position
            while start < bytes.count {
                let part = Array(bytes[start...])
                guard let header = try? BatchHeader(part.span.bytes), header.sizeInBytes <= part.count else { break }
                start += header.sizeInBytes
                position = header.lastOffset + 1
                while let next = aborted.first, next.firstOffset <= header.lastOffset {
                    open.insert(next.producerId)
                    aborted.removeFirst()
                }
                if header.isControl {
                    // Either marker ends the transaction.
                    open.remove(header.producerID)
                } else if !(header.isTransactional && open.contains(header.producerID)) {
                    seen += try records(in: Array(part[..<header.sizeInBytes]), from: first)
                }
            }
            try #require(position > first, "an answer without a whole batch")
        }
        Issue.record("the partition does not end")
        return seen
    }

    private func serve() throws {
        // A name without a port of its own, as the listener of the test has.
        try Disk.real.rename(directory.file("kraft"), to: directory.file("data"))
        let server = try TestBroker(
            [
                "log.retention.ms": "-1", "log.index.size.max.bytes": "1048576", "log.cleaner.enable": "false",
            ], in: directory, unformatted: .refuse)
        let client = try server.client()
        #expect(server.broker.clusterID == "nN3yxgcsTxG7M25tCxwp3A")
        #expect(server.broker.directories.failures.isEmpty)
        let visible = try visible()
        #expect(visible.count == 7)
        for (partition, records) in visible {
            let seen = try committed(client, partition)
            #expect(seen == records, "\(partition): \(seen.count) records, Kafka showed \(records.count)")
        }
        // It goes on: more is written, and a restart finds both.
        #expect(try client.produce("audit", "more").baseOffset == 240)
        server.stop()
        let again = try TestBroker(["log.retention.ms": "-1"], in: directory)
        #expect(try again.client().values("audit", from: 240) == ["more"])
        #expect(try entries(of: directory.file("data")).allSatisfy { !$0.hasSuffix("-stray") })
    }

    @Test func `a directory that Kafka left in order is served to the last record`() throws { try serve() }

    @Test func `a directory without the mark of a clean shutdown is served as well`() throws {
        try Disk.real.remove(directory.file("kraft/.kafka_cleanshutdown"))
        try serve()
    }

    @Test func `a group that Kafka left is known, and goes on where it was`() throws {
        try Disk.real.rename(directory.file("kraft"), to: directory.file("data"))
        let server = try TestBroker(
            [
                "log.retention.ms": "-1", "log.index.size.max.bytes": "1048576",
                "offsets.retention.minutes": "2147483647",
            ],
            in: directory, unformatted: .refuse)
        let client = try server.client()
        var question = DescribeGroupsRequest()
        question.groups = ["billing"]
        var described: DescribeGroupsResponse.DescribedGroup?
        try eventually("the group's log is read") {
            described = try client.call(question).groups.first
            return described?.errorCode == 0
        }
        #expect(described?.groupState == "Empty")
        #expect(described?.protocolType == "consumer")

        var orders = OffsetFetchRequest.OffsetFetchRequestTopics()
        orders.name = "orders"
        orders.partitionIndexes = [0, 1, 2]
        var payments = OffsetFetchRequest.OffsetFetchRequestTopics()
        payments.name = "payments"
        payments.partitionIndexes = [0]
        var billing = OffsetFetchRequest.OffsetFetchRequestGroup()
        billing.groupId = "billing"
        billing.topics = [orders, payments]
        var request = OffsetFetchRequest()
        request.groups = [billing]
        let told = try #require(try client.call(request, version: 9).groups.first)
        #expect(told.errorCode == 0)
        #expect(told.topics.map { $0.partitions.map(\.committedOffset) } == [[-1, 512, 600], [120]])

        var join = JoinGroupRequest()
        join.groupId = "billing"
        join.sessionTimeoutMs = 10_000
        join.protocolType = "consumer"
        var range = JoinGroupRequest.JoinGroupRequestProtocol()
        range.name = "range"
        join.protocols = [range]
        #expect(try client.call(join, version: 3).generationId == 5)
    }

    enum Loss: CaseIterable {
        case indexes, checkpoints, leaderEpochs, snapshots, topicIDs, everythingDerived
        /// What Kafka leaves when it is interrupted.
        case leftovers

        /// Whether a file, by its path below the directory, is lost.
        func takes(_ path: String) -> Bool {
            guard !path.hasPrefix("__cluster_metadata") else { return false }
            let name = path.split(separator: "/").last ?? ""
            switch self {
            case .indexes: return name.hasSuffix("index")
            // The start of the log is what somebody said, it cannot be derived.
            case .checkpoints: return name.hasSuffix("-offset-checkpoint") && !name.hasPrefix("log-start")
            case .leaderEpochs: return name == "leader-epoch-checkpoint"
            case .snapshots: return name.hasSuffix(".snapshot")
            case .topicIDs: return name == "partition.metadata"
            case .everythingDerived:
                return [Loss.indexes, .checkpoints, .leaderEpochs, .snapshots, .topicIDs].contains { $0.takes(path) }
            case .leftovers: return false
            }
        }
    }

    private func files() throws -> [String] {
        var files: [String] = []
        for entry in try Disk.real.list(directory.file("kraft")) {
            guard entry.isDirectory else {
                files.append(entry.name)
                continue
            }
            files += try Disk.real.list(directory.file("kraft/" + entry.name)).map { entry.name + "/" + $0.name }
        }
        return files
    }

    private static let losses: [(Loss, wasClean: Bool)] =
        Loss.allCases.map { ($0, true) } + [(.indexes, false), (.checkpoints, false), (.everythingDerived, false)]

    @Test(arguments: losses)
    func `whatever is lost besides the records, all of them are served`(loss: Loss, wasClean: Bool) throws {
        if !wasClean { try Disk.real.remove(directory.file("kraft/.kafka_cleanshutdown")) }
        let files = try files()
        for file in files where loss.takes(file) { try Disk.real.remove(directory.file("kraft/" + file)) }
        if loss == .leftovers {
            for file in files where file.hasSuffix(".log") && !file.hasPrefix("__") {
                let bytes = try Disk.real.contents(of: directory.file("kraft/" + file))
                for suffix in [".cleaned", ".deleted"] {
                    try Disk.real.open(directory.file("kraft/" + file + suffix), .replace).write(bytes, at: 0)
                }
            }
            try Disk.real.open(directory.file("kraft/recovery-point-offset-checkpoint.tmp"), .replace)
                .write([1, 2, 3], at: 0)
        }
        try serve()
    }

    @Test(arguments: [1, 3000])
    func `of segments that a power cut shortened a prefix is served`(bytes: Int64) throws {
        try Disk.real.remove(directory.file("kraft/.kafka_cleanshutdown"))
        try Disk.real.remove(directory.file("kraft/recovery-point-offset-checkpoint"))
        var newest: [Substring: String] = [:]
        for file in try files() where file.hasSuffix(".log") && !file.hasPrefix("__") {
            let topic = file.split(separator: "/")[0]
            newest[topic] = max(newest[topic] ?? "", file)
        }
        for file in newest.values {
            let path = directory.file("kraft/" + file)
            let size = try Disk.real.information(path).size
            try Disk.real.open(path, .readWrite).truncate(to: max(0, size - bytes))
        }
        try Disk.real.rename(directory.file("kraft"), to: directory.file("data"))
        let server = try TestBroker(["log.retention.ms": "-1"], in: directory, unformatted: .refuse)
        let client = try server.client()
        for (partition, records) in try visible() {
            let seen = try committed(client, partition)
            #expect(seen == Array(records.prefix(seen.count)), "\(partition)")
            #expect(seen.count < records.count || records.isEmpty)
        }
    }
}
