import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Posix
import Storage
import TestSupport
import Testing

@testable import Broker

/// What a broker finds again, after a clean stop and after a crash.
struct RestartTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    enum End: CaseIterable { case cleanStop, crash }

    /// The next life of the broker. A crash is a copy of the directory, taken while the broker runs.
    private func restarted(_ end: End, _ properties: [String: String] = [:]) throws -> TestBroker {
        switch end {
        case .cleanStop:
            server.stop()
            return try TestBroker(properties, in: server.directory, unformatted: .refuse)
        case .crash:
            let copied = TemporaryDirectory()
            try copy(server.directory.file("data"), to: copied.file("data"))
            return try TestBroker(properties, in: copied, unformatted: .refuse)
        }
    }

    @Test(arguments: End.allCases)
    func `records, ids, settings and offsets are there again`(end: End) throws {
        let id = try client.createTopic("t", partitions: 2, configs: ["retention.ms": "-1"]).topicId
        try client.produce("t", "a", "b")
        try client.produce("t", "c", partition: 1)
        try client.produce("t", batch(["d"], producer: 5, epoch: 0, sequence: 0), partition: 1)
        let epoch = try client.metadata(["t"]).topics[0].partitions[0].leaderEpoch
        let cluster = server.broker.clusterID

        let again = try restarted(end)
        let next = try again.client()
        #expect(again.broker.clusterID == cluster)
        #expect(try next.values("t") == ["a", "b"])
        #expect(try next.values("t", partition: 1) == ["c", "d"])
        #expect(try next.fetch("t").highWatermark == 2)
        #expect(again.broker.cluster.image.config(.topic("t")) == ["retention.ms": "-1"])
        let topic = try next.metadata(["t"]).topics[0]
        #expect(topic.topicId == id)
        #expect(topic.partitions[0].leaderEpoch == epoch + 1)

        // The producer goes on where it was, and its last batch is still known.
        let repeated = try next.produce("t", batch(["d"], producer: 5, epoch: 0, sequence: 0), partition: 1)
        #expect((repeated.errorCode, repeated.baseOffset) == (0, 1))
        #expect(try next.produce("t", batch(["e"], producer: 5, epoch: 0, sequence: 1), partition: 1).baseOffset == 2)
        // The old epoch ended where the new one wrote first.
        let old = try endOffset(next, "t", epoch)
        #expect((old.leaderEpoch, old.endOffset) == (epoch, 2))
        try next.produce("t", "f")
        #expect(try endOffset(next, "t", epoch).endOffset == 2)
        #expect(try endOffset(next, "t", epoch + 1).endOffset == 3)
    }

    @Test func `the end of an epoch that wrote nothing is known`() throws {
        try client.createTopic("t")
        try client.produce("t", "a")
        let first = try client.metadata(["t"]).topics[0].partitions[0].leaderEpoch
        server.stop()
        try TestBroker(in: server.directory).stop()
        let third = try TestBroker(in: server.directory)
        let next = try third.client()
        // The second life wrote nothing: what it could have written ends where the first ended.
        let end = try endOffset(next, "t", first + 1)
        #expect((end.leaderEpoch, end.endOffset) == (first, 1))
    }

    @Test(arguments: End.allCases)
    func `producer ids never come twice`(end: End) throws {
        func ids(_ client: TestClient) throws -> [Int64] {
            try (0..<3).map { _ in
                var request = InitProducerIdRequest()
                request.transactionalId = nil
                let answer = try client.call(request)
                #expect((answer.errorCode, answer.producerEpoch) == (0, 0))
                return answer.producerId
            }
        }
        let before = try ids(client)
        let again = try restarted(end)
        let all = try before + ids(again.client())
        #expect(Set(all).count == all.count)
    }

    @Test func `a producer epoch without its id is no request`() throws {
        var request = InitProducerIdRequest()
        request.transactionalId = nil
        request.producerEpoch = 3
        #expect(try code(client.call(request).errorCode) == .invalidRequest)
        request.producerEpoch = -1
        request.producerId = 3
        #expect(try code(client.call(request).errorCode) == .invalidRequest)
    }

    @Test(arguments: End.allCases)
    func `deleted topics do not come back, and their files go`(end: End) throws {
        try client.createTopic("t", configs: ["file.delete.delay.ms": "0"])
        try client.produce("t", "a")
        var deletion = DeleteTopicsRequest()
        deletion.topicNames = ["t"]
        #expect(try client.call(deletion, version: 5).responses[0].errorCode == 0)
        #expect(try entries(of: server.directory.file("data")).contains("t-0") == false)
        let again = try restarted(end)
        #expect(try again.client().metadata(nil).topics.isEmpty)
        #expect(again.broker.directories.partitions.isEmpty)
    }

    @Test func `a log that the metadata does not know is set aside, not lost`() throws {
        try client.createTopic("t")
        try client.produce("t", "precious")
        server.stop()
        let data = server.directory.file("data")
        try run("cp", "-a", data + "/t-0", data + "/u-0")
        let again = try TestBroker(in: server.directory)
        let stray = try #require(try entries(of: data).first { $0.hasSuffix("-stray") })
        #expect(stray.hasPrefix("u-0."))
        #expect(try entries(of: data + "/" + stray).contains("00000000000000000000.log"))
        #expect(try again.client().values("t") == ["precious"])
        #expect(try code(again.client().metadata(["u"]).topics[0].errorCode) == .unknownTopicOrPartition)
        again.stop()
        // It stays, and disturbs no later start.
        _ = try TestBroker(in: server.directory)
        #expect(try entries(of: data).contains(stray))
    }

    @Test func `a log of an earlier topic of the name is set aside`() throws {
        try client.createTopic("t")
        try client.produce("t", "old")
        let copied = TemporaryDirectory()
        try run("cp", "-a", server.directory.file("data/t-0"), copied.file("t-0"))
        var deletion = DeleteTopicsRequest()
        deletion.topicNames = ["t"]
        _ = try client.call(deletion, version: 5)
        try client.createTopic("t")
        server.stop()
        let data = server.directory.file("data")
        try Disk.real.removeTree(data + "/t-0")
        try run("cp", "-a", copied.file("t-0"), data + "/t-0")
        let again = try TestBroker(in: server.directory)
        #expect(try again.client().values("t").isEmpty)
        #expect(try entries(of: data).contains { $0.hasSuffix("-stray") })
    }

    @Test func `two brokers do not share a directory`() throws {
        let problem = #expect(throws: BrokerStartError.self) { _ = try TestBroker(in: server.directory) }
        #expect(problem?.description.contains(server.directory.file("data")) == true)
        try client.createTopic("t")
        #expect(try client.produce("t", "a").errorCode == 0)
    }

    @Test func `a directory of another node is refused`() throws {
        server.stop()
        let problem = #expect(throws: BrokerStartError.self) {
            _ = try TestBroker(["node.id": "2"], in: server.directory)
        }
        #expect(problem?.description.contains("node.id") == true)
    }

    @Test func `an empty directory is not taken where a configuration names it`() throws {
        #expect(throws: BrokerStartError.self) { _ = try TestBroker(unformatted: .refuse) }
    }

    @Test func `a listener that is taken is named, and the directory is free again`() throws {
        let directory = TemporaryDirectory()
        let taken = ["listeners": "PLAINTEXT://127.0.0.1:\(server.port)"]
        let problem = #expect(throws: BrokerStartError.self) { _ = try TestBroker(taken, in: directory) }
        #expect(problem?.description.contains(String(server.port)) == true)
        _ = try TestBroker(in: directory)
    }
}
