import KafkaModel
import KafkaProtocol
import Testing
import Timing

@testable import Broker

/// Fetches that wait: who wakes them, and that nobody is left waiting for a client that is gone.
struct FetchWaitTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
        try client.createTopic("t", partitions: 2)
    }

    private static let long: Int32 = .max

    private func parked(maxWait: Int32 = long, from offset: Int64 = 0, minBytes: Int32 = 1) throws -> TestClient {
        let waiting = try server.client()
        try waiting.send(
            waiting.fetchRequest("t", [(0, offset), (1, offset)], maxWait: maxWait, minBytes: minBytes), version: 12)
        let partition = try server.partition("t")
        eventually("the fetch is not parked") { partition.waitingCount > 0 }
        return waiting
    }

    private func answer(_ client: TestClient) throws -> [FetchResponse.PartitionData] {
        try client.receive(FetchRequest.self, version: 12).responses[0].partitions
    }

    @Test func `an append wakes the fetch`() throws {
        let waiting = try parked()
        try client.produce("t", "a", partition: 1)
        let partitions = try answer(waiting)
        #expect(try waiting.seen(partitions[1]).map(\.text) == ["a"])
        #expect(try server.partition("t").waitingCount == 0)
        #expect(try server.partition("t", 1).waitingCount == 0)
        // The connection goes on.
        #expect(try waiting.values("t", partition: 1) == ["a"])
    }

    @Test func `an append that is not enough lets it wait on`() throws {
        let waiting = try parked(minBytes: 300)
        try client.produce("t", "a")
        #expect(!waiting.hasNews(within: 50))
        try client.produce("t", String(repeating: "x", count: 300))
        #expect(try waiting.seen(answer(waiting)[0]).count == 2)
    }

    @Test func `time runs out`() throws {
        let clock = Clock.system
        let start = clock.now
        try client.send(client.fetchRequest("t", [(0, 0)], maxWait: 80), version: 12)
        #expect(try answer(client)[0].errorCode == 0)
        #expect(clock.now - start >= .milliseconds(79))
        #expect(try server.partition("t").waitingCount == 0)
    }

    @Test func `an error is answered at once`() throws {
        let data = try client.fetch("t", from: 99, maxWait: Self.long)
        #expect(code(data.errorCode) == .offsetOutOfRange)
    }

    @Test func `a client that hangs up leaves no waiter`() throws {
        let waiting = try parked()
        waiting.hangUp()
        let partitions = try [server.partition("t"), server.partition("t", 1)]
        eventually("the fetch of a client that is gone waits on") { partitions.allSatisfy { $0.waitingCount == 0 } }
    }

    @Test func `a topic that is deleted answers those who wait for it`() throws {
        let waiting = try parked()
        var deletion = DeleteTopicsRequest()
        deletion.topicNames = ["t"]
        #expect(try client.call(deletion, version: 5).responses[0].errorCode == 0)
        #expect(try answer(waiting).map { code($0.errorCode) }.contains(.unknownTopicOrPartition))
    }

    @Test func `a shutdown answers those who wait, and does not wait for them`() throws {
        let clock = Clock.system
        let waiting = try parked()
        let start = clock.now
        server.stop()
        #expect(clock.now - start < .seconds(2))
        #expect(try answer(waiting).map(\.errorCode) == [0, 0])
        #expect(try waiting.isClosedByServer)
    }

    @Test func `requests behind a waiting fetch are answered after it`() throws {
        let waiting = try parked()
        try waiting.send(MetadataRequest(), version: 9)
        try client.produce("t", "a")
        try waiting.receiveFrame()
        try waiting.receiveFrame()
    }
}
