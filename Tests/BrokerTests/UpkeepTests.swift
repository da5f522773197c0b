import KafkaModel
import KafkaProtocol
import Posix
import TestSupport
import Testing
import Timing

@testable import Broker

/// What the broker does by itself, through its own upkeep thread.
struct UpkeepTests {
    private static let segments = ["segment.bytes": "1048576", "file.delete.delay.ms": "0"]

    private static let eager = ["log.retention.check.interval.ms": "20", "log.initial.task.delay.ms": "0"]

    private func fill(_ client: TestClient, _ count: Int, timestamp: Int64) throws {
        for _ in 0..<count {
            try client.produce("t", batch([String(repeating: "x", count: 400_000)], timestamp: timestamp))
        }
    }

    @Test func `segments that are too many bytes go`() throws {
        let server = try TestBroker(Self.eager)
        let client = try server.client()
        try client.createTopic(
            "t", configs: Self.segments.merging(["retention.bytes": "1000000", "retention.ms": "-1"]) { $1 })
        try fill(client, 8, timestamp: 1_700_000_000_000)
        try eventually("nothing is deleted") { try client.offset("t", at: -2).offset >= 4 }
        #expect(try client.offset("t", at: -1).offset == 8)
        let first = try client.offset("t", at: -2).offset
        #expect(try client.seen(client.fetch("t", from: first)).first?.offset == first)
        #expect(try code(client.fetch("t", from: 0).errorCode) == .offsetOutOfRange)
    }

    @Test func `segments that are too old go, when the time has come and not before`() throws {
        let time = ManualTime()
        let server = try TestBroker(Self.eager, clock: .manual(time))
        let client = try server.client()
        try client.createTopic("t", configs: Self.segments.merging(["retention.ms": "60000"]) { $1 })
        try fill(client, 4, timestamp: 1_700_000_000_000)
        time.advance(by: .seconds(30))
        // The upkeep has looked: a deletion of its own shows that the thread ran.
        #expect(try client.offset("t", at: -2).offset == 0)
        time.advance(by: .seconds(60))
        try eventually("nothing is deleted") {
            time.advance(by: .milliseconds(25))
            return try client.offset("t", at: -2).offset == 4
        }
        #expect(try client.produce("t", batch(["y"], timestamp: 1_700_000_000_000)).baseOffset == 4)
    }

    @Test func `records below a moved start go with their segments`() throws {
        let server = try TestBroker(Self.eager)
        let client = try server.client()
        try client.createTopic("t", configs: Self.segments.merging(["retention.ms": "-1"]) { $1 })
        try fill(client, 6, timestamp: 1_700_000_000_000)
        var partition = DeleteRecordsRequest.DeleteRecordsPartition()
        partition.offset = 5
        var topic = DeleteRecordsRequest.DeleteRecordsTopic()
        topic.name = "t"
        topic.partitions = [partition]
        var request = DeleteRecordsRequest()
        request.topics = [topic]
        #expect(try client.call(request).topics[0].partitions[0].lowWatermark == 5)
        let path = server.directory.file("data/t-0")
        try eventually("the segments stay") {
            try !entries(of: path).contains("00000000000000000000.log")
        }
        #expect(try client.offset("t", at: -2).offset == 5)
    }
}

/// Log directories that fail, while the broker runs and when it starts.
struct DirectoryFailureTests {
    let directory = TemporaryDirectory()
    let properties: [String: String]

    init() {
        properties = [
            "log.dirs": directory.file("one") + "," + directory.file("two"),
            "replica.high.watermark.checkpoint.interval.ms": "20",
        ]
    }

    /// Two topics, one in each directory; the second's name and whether it is served.
    private func topics(_ server: TestBroker, _ client: TestClient) throws -> (inOne: String, inTwo: String) {
        for name in ["a", "b"] {
            try client.createTopic(name)
            try client.produce(name, "kept")
        }
        let isFirst = try server.partition("a").logDirectory == directory.file("one")
        return isFirst ? ("a", "b") : ("b", "a")
    }

    @Test func `a directory that fails takes its partitions out of service, and no others`() throws {
        let server = try TestBroker(properties, in: directory)
        let client = try server.client()
        let (inOne, inTwo) = try topics(server, client)
        let waiting = try server.client()
        try waiting.send(waiting.fetchRequest(inTwo, [(0, 1)], maxWait: .max), version: 12)
        let partition = try server.partition(inTwo)
        eventually("the fetch is not parked") { partition.waitingCount > 0 }

        try Disk.real.rename(directory.file("two"), to: directory.file("two.away"))
        // Whatever is written next in the directory fails: a checkpoint, since high watermarks move.
        try eventually("the failure is not noticed") {
            try client.produce(inOne, "on")
            return try code(client.fetch(inTwo).errorCode) == .kafkaStorageError
        }
        #expect(try code(client.produce(inTwo, "x").errorCode) == .kafkaStorageError)
        #expect(try code(client.offset(inTwo, at: -1).errorCode) == .kafkaStorageError)
        let answer = try waiting.receive(FetchRequest.self, version: 12).responses[0].partitions[0]
        #expect(code(answer.errorCode) == .kafkaStorageError)
        #expect(try client.values(inOne).first == "kept")

        var request = DescribeLogDirsRequest()
        request.topics = nil
        let described = try client.call(request).results
        #expect(described.map { code($0.errorCode) } == [.none, .kafkaStorageError])
        #expect(described[0].topics.map(\.name) == [inOne])
        // New topics go where there is a place.
        #expect(try client.createTopic("c").errorCode == 0)
        #expect(try client.produce("c", "x").errorCode == 0)
    }

    @Test func `a directory that is out of service at the start is not replaced by empty logs`() throws {
        let first = try TestBroker(properties, in: directory)
        let (inOne, inTwo) = try topics(first, first.client())
        first.stop()
        try Disk.real.rename(directory.file("two"), to: directory.file("two.away"))
        try run("touch", directory.file("two"))

        let second = try TestBroker(properties, in: directory)
        let client = try second.client()
        #expect(try client.values(inOne) == ["kept"])
        #expect(try code(client.produce(inTwo, "lost").errorCode) == .kafkaStorageError)
        #expect(try code(client.produce(inTwo, "x").errorCode) == .kafkaStorageError)
        #expect(try code(client.offset(inTwo, at: -1).errorCode) == .kafkaStorageError)
        second.stop()

        try Disk.real.remove(directory.file("two"))
        try Disk.real.rename(directory.file("two.away"), to: directory.file("two"))
        let third = try TestBroker(properties, in: directory)
        #expect(try third.client().values(inTwo) == ["kept"])
        #expect(try third.client().produce(inTwo, "more").baseOffset == 1)
    }
}
