import KafkaModel
import KafkaProtocol
import KafkaRecords
import Posix
import Storage
import TestSupport
import Testing
import Timing

@testable import Broker

/// `flush.messages`: who waits for the device, and what nobody sees before.
struct FlushTests {
    let script = ScriptedDisk()
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker(disk: script.disk)
        client = try server.client()
        try client.createTopic("t", partitions: 2, configs: ["flush.messages": "1"])
        try client.createTopic("plain")
    }

    /// Waits until the log of a partition ends there.
    private func appended(_ end: Int64, _ topic: String = "t", _ index: Int32 = 0) throws {
        let partition = try server.partition(topic, index)
        eventually("the log does not reach \(end)") { partition.lock.withLock { partition.log.logEndOffset } == end }
    }

    private func held(_ count: Int) {
        eventually("no flush begins") { script.flushes.count >= count }
    }

    @Test(arguments: [-1, 1] as [Int16])
    func `an answer does not leave before its flush, and nobody reads the records before`(_ acks: Int16) throws {
        script.hold()
        let reader = try server.client()
        try client.send(client.produceRequest("t", batch(["a"]), acks: acks), version: 9)
        held(1)
        try appended(1)
        #expect(!client.hasNews(within: 30))
        #expect(try reader.values("t").isEmpty)
        #expect(try reader.offset("t", at: -1).offset == 0)
        #expect(try reader.fetch("t").highWatermark == 0)
        // A fetch that waits is woken by the end of the flush.
        try reader.send(reader.fetchRequest("t", [(0, 0)], maxWait: 60_000), version: 12)
        let partition = try server.partition("t")
        eventually("the fetch is not parked") { partition.waitingCount > 0 }
        #expect(!reader.hasNews(within: 30))
        script.release()
        let answer = try client.receive(ProduceRequest.self, version: 9).responses[0].partitionResponses[0]
        #expect(answer.errorCode == 0 && answer.baseOffset == 0)
        #expect(script.ended == 1)
        let data = try reader.receive(FetchRequest.self, version: 12).responses[0].partitions[0]
        #expect(data.highWatermark == 1)
        #expect(try reader.seen(data).map(\.text) == ["a"])
        #expect(partition.checkpoint.recoveryPoint == 1)
    }

    @Test func `what comes during a flush shares the next one`() throws {
        script.hold()
        try client.send(client.produceRequest("t", batch(["first"])), version: 9)
        held(1)
        let others = try (0..<5).map { _ in try server.client() }
        for (number, other) in others.enumerated() {
            try other.send(other.produceRequest("t", batch(["\(number)"])), version: 9)
            try appended(Int64(number) + 2)
        }
        script.release()
        for (number, one) in ([client] + others).enumerated() {
            let answer = try one.receive(ProduceRequest.self, version: 9).responses[0].partitionResponses[0]
            #expect(answer.errorCode == 0 && answer.baseOffset == Int64(number))
        }
        #expect(script.flushes.count == 2)
        #expect(try client.values("t").count == 6)
    }

    @Test func `requests in flight on one connection share a flush and are answered in order`() throws {
        script.hold()
        let frames = try (0..<5).map { try client.encode(client.produceRequest("t", batch(["\($0)"])), version: 9) }
        for frame in frames { try client.sendFrame(frame) }
        try client.sendFrame(client.encode(client.produceRequest("plain", batch(["p"])), version: 9))
        try client.sendFrame(client.encode(ApiVersionsRequest(), version: 0))
        try appended(5)
        try appended(1, "plain")
        #expect(!client.hasNews(within: 30))
        script.release()
        var correlations: [Int32] = []
        for _ in 0..<7 {
            try client.receiveFrame()
            correlations.append(client.frame[0..<4].reduce(0) { $0 << 8 | Int32($1) })
        }
        #expect(correlations == Array(correlations[0]...(correlations[0] + 6)))
        #expect(script.flushes.count <= 3)
    }

    @Test func `acks=0 waits for nothing, and is flushed nevertheless`() throws {
        script.hold()
        try client.send(client.produceRequest("t", batch(["a"]), acks: 0), version: 9)
        #expect(try client.offset("plain", at: -1).offset == 0)
        held(1)
        script.release()
        eventually("it is not flushed") { script.ended == 1 }
        try eventually("it is not seen") { try client.values("t") == ["a"] }
    }

    @Test func `a repeated batch waits like the first one`() throws {
        let bytes = try batch(["a"], producer: 5, epoch: 0, sequence: 0)
        script.hold()
        try client.send(client.produceRequest("t", bytes, acks: 1), version: 9)
        held(1)
        let again = try server.client()
        try again.send(again.produceRequest("t", bytes, acks: 1), version: 9)
        #expect(!again.hasNews(within: 50))
        script.release()
        for one in [client, again] {
            let answer = try one.receive(ProduceRequest.self, version: 9).responses[0].partitionResponses[0]
            #expect(answer.errorCode == 0 && answer.baseOffset == 0)
        }
        // Now that it is on the device there is nothing to wait for.
        script.hold()
        #expect(try client.produce("t", bytes).baseOffset == 0)
        script.release()
    }

    @Test func `a record that came back with a crash and was never flushed is not acknowledged as a repeated one`()
        throws
    {
        let bytes = try batch(["a"], producer: 5, epoch: 0, sequence: 0)
        script.hold()
        try client.send(client.produceRequest("t", bytes), version: 9)
        held(1)
        // What `kill -9` leaves: the page cache.
        let crashed = TemporaryDirectory()
        try copy(server.directory.file("data"), to: crashed.file("data"))
        script.release()
        let disk = ScriptedDisk()
        let again = try TestBroker(in: crashed, disk: disk.disk)
        disk.hold()
        let other = try again.client()
        for acks in [-1, 1] as [Int16] { try other.send(other.produceRequest("t", bytes, acks: acks), version: 9) }
        eventually("no flush begins") { disk.flushes.count >= 1 }
        #expect(!other.hasNews(within: 30))
        disk.release()
        for _ in 0..<2 { try other.receiveFrame() }
        #expect(try other.values("t") == ["a"])
    }

    @Test func `a request with several partitions waits for all of them`() throws {
        script.hold()
        var request = try client.produceRequest("t", batch(["a"]))
        request.topicData += try client.produceRequest("plain", batch(["b"])).topicData
        request.topicData += try client.produceRequest("t", batch(["c"]), partition: 1).topicData
        request.topicData += try client.produceRequest("missing", batch(["d"])).topicData
        try client.send(request, version: 9)
        held(2)
        #expect(!client.hasNews(within: 30))
        script.release()
        let answers = try client.receive(ProduceRequest.self, version: 9).responses
        #expect(
            answers.map { code($0.partitionResponses[0].errorCode) } == [.none, .none, .none, .unknownTopicOrPartition])
    }

    @Test func `with flush.messages=3 only the third record waits`() throws {
        try client.createTopic("third", configs: ["flush.messages": "3"])
        script.hold()
        for value in ["a", "b"] { try client.produce("third", value) }
        #expect(script.flushes.isEmpty)
        #expect(try client.values("third") == ["a", "b"])
        try client.send(client.produceRequest("third", batch(["c"]), acks: 1), version: 9)
        held(1)
        #expect(!client.hasNews(within: 30))
        let other = try server.client()
        // The fourth makes no flush due: with acks=1 it is answered, as a leader's word that it has the record.
        #expect(try other.produce("third", batch(["d"]), acks: 1).baseOffset == 3)
        #expect(try other.values("third") == ["a", "b"])
        script.release()
        #expect(try client.receive(ProduceRequest.self, version: 9).responses[0].partitionResponses[0].baseOffset == 2)
        #expect(try other.values("third") == ["a", "b", "c", "d"])
    }

    @Test func `a deleted topic lets go of the answers that wait`() throws {
        script.hold()
        try client.send(client.produceRequest("t", batch(["a"])), version: 9)
        held(1)
        let other = try server.client()
        var request = DeleteTopicsRequest()
        request.topicNames = ["t"]
        #expect(try other.call(request, version: 4).responses[0].errorCode == 0)
        let answer = try client.receive(ProduceRequest.self, version: 9).responses[0].partitionResponses[0]
        #expect(code(answer.errorCode) == .unknownTopicOrPartition && answer.baseOffset == -1)
        script.release()
        #expect(try client.produce("plain", batch(["x"])).errorCode == 0)
    }

    @Test func `flush.ms is kept by the same threads`() throws {
        try client.createTopic("timed", configs: ["flush.ms": "1000"])
        try client.produce("timed", "a")
        let partition = try server.partition("timed")
        partition.flushWhatIsDue(now: Clock.system.timestamp)
        #expect(script.flushes.isEmpty)
        script.hold()
        let later = Timestamp(milliseconds: Clock.system.timestamp.milliseconds + 5000)
        // Held by the device, neither this thread nor the partition waits.
        for _ in 0..<3 { partition.flushWhatIsDue(now: later) }
        #expect(try client.produce("timed", batch(["b"])).errorCode == 0)
        script.release()
    }

    @Test func `what takes long is appended on a request thread`() throws {
        try client.createTopic("packed", partitions: 2, configs: ["compression.type": "gzip"])
        let big = String(repeating: "x", count: 40_000)
        #expect(try client.produce("packed", batch([big])).baseOffset == 0)
        #expect(try client.produce("packed", batch([big]), acks: 1).baseOffset == 1)
        try client.send(client.produceRequest("packed", batch([big]), acks: 0), version: 9)
        #expect(try client.produce("packed", batch(["small"])).baseOffset == 3)
        let wrong = try client.produce("packed", [UInt8](repeating: 7, count: 30_000))
        #expect(code(wrong.errorCode) == .corruptMessage)
        #expect(try client.values("packed") == [big, big, big, "small"])
        // In flight together they are still appended in their order.
        var frames: [[UInt8]] = []
        for number in 0..<6 {
            let value = number % 2 == 0 ? "\(number)" + big : "\(number)"
            frames.append(try client.encode(client.produceRequest("packed", batch([value]), partition: 1), version: 9))
        }
        for frame in frames { try client.sendFrame(frame) }
        for _ in frames { try client.receiveFrame() }
        #expect(try client.values("packed", partition: 1).map { $0.first } == ["0", "1", "2", "3", "4", "5"])
        try client.send(client.produceRequest("missing", batch([big]), acks: 0), version: 9)
        #expect(try client.isClosedByServer)
    }
}
