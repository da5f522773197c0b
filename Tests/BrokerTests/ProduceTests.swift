import Bytes
import KafkaModel
import KafkaProtocol
import KafkaRecords
import Testing

@testable import Broker

struct ProduceTests {
    let server: TestBroker
    let client: TestClient
    let topicID: UUID

    init() throws {
        server = try TestBroker()
        client = try server.client()
        topicID = try client.createTopic("t", partitions: 2).topicId
    }

    @Test func `every version takes records, with any acks`() throws {
        var expected: Int64 = 0
        for version in 3...13 as ClosedRange<Int16> {
            for acks in [-1, 1] as [Int16] {
                let request = try client.produceRequest("t", batch(["a", "b"]), acks: acks, topicID: topicID)
                let answer = try client.call(request, version: version).responses[0]
                if version >= 13 { #expect(answer.topicId == topicID) } else { #expect(answer.name == "t") }
                #expect(answer.partitionResponses[0].errorCode == 0)
                #expect(answer.partitionResponses[0].baseOffset == expected)
                #expect(answer.partitionResponses[0].logAppendTimeMs == -1)
                if version >= 5 { #expect(answer.partitionResponses[0].logStartOffset == 0) }
                expected += 2
            }
        }
        #expect(try client.offset("t", at: -1).offset == expected)
    }

    @Test func `acks=0 is not answered, and the next answer is that of the next request`() throws {
        try client.send(client.produceRequest("t", batch(["a"]), acks: 0), version: 9)
        #expect(try client.offset("t", at: -1).offset == 1)
        #expect(try client.values("t") == ["a"])
    }

    @Test func `acks=0 that fails closes the connection`() throws {
        try client.send(client.produceRequest("missing", batch(["a"]), acks: 0), version: 9)
        #expect(try client.isClosedByServer)
        #expect(try server.client().offset("t", at: -1).offset == 0)
    }

    @Test func `acks that do not exist are refused`() throws {
        for acks in [2, -2, 100] as [Int16] {
            let answer = try client.produce("t", batch(["a"]), acks: acks)
            #expect(code(answer.errorCode) == .invalidRequiredAcks)
            #expect(answer.baseOffset == -1)
        }
        #expect(try client.values("t").isEmpty)
    }

    @Test func `what is unknown is told`() throws {
        #expect(try code(client.produce("t", batch(["a"]), partition: 2).errorCode) == .unknownTopicOrPartition)
        #expect(try code(client.produce("t", batch(["a"]), partition: -1).errorCode) == .unknownTopicOrPartition)
        #expect(try code(client.produce("u", batch(["a"])).errorCode) == .unknownTopicOrPartition)
        let byID = try client.produceRequest("", batch(["a"]), topicID: UUID(high: 1, low: 2))
        let answer = try client.call(byID, version: 13).responses[0]
        #expect(answer.topicId == UUID(high: 1, low: 2))
        #expect(code(answer.partitionResponses[0].errorCode) == .unknownTopicID)
    }

    @Test func `a wrong CRC is corrupt, and nothing of it is written`() throws {
        var bytes = try batch(["hello"])
        bytes[bytes.count - 1] ^= 1
        let answer = try client.produce("t", bytes)
        #expect(code(answer.errorCode) == .corruptMessage)
        #expect(answer.baseOffset == -1)
        #expect(try client.values("t").isEmpty)
    }

    @Test func `two batches for one partition are refused, as from version 3 on there is one`() throws {
        let answer = try client.produce("t", batch(["a"]) + batch(["b"]))
        #expect(code(answer.errorCode) == .invalidRecord)
        #expect(try client.values("t").isEmpty)
    }

    @Test func `control batches are not for clients`() throws {
        var fields = RecordBatchBuilder.Fields()
        fields.isControl = true
        fields.isTransactional = true
        fields.producerID = 1
        fields.producerEpoch = 0
        let answer = try client.produce("t", batch(["a"], fields))
        #expect(code(answer.errorCode) == .invalidRecord)
    }

    @Test func `a transaction that nobody would end is not begun`() throws {
        let bytes = try batch(["a"], producer: 5, epoch: 0, sequence: 0, isTransactional: true)
        var request = client.produceRequest("t", bytes)
        let nameless = try client.call(request, version: 9).responses[0].partitionResponses[0]
        #expect(code(nameless.errorCode) == .transactionalIDAuthorizationFailed)
        request.transactionalId = "x"
        let named = try client.call(request, version: 9).responses[0].partitionResponses[0]
        #expect(code(named.errorCode) == .invalidTxnState)
        try client.produce("t", "b")
        #expect(try client.fetch("t").lastStableOffset == 1)
    }

    @Test func `no records at all are refused`() throws {
        #expect(try code(client.produce("t", nil).errorCode) == .invalidRecord)
        let empty = try code(client.produce("t", []).errorCode)
        #expect(empty == .invalidRecord || empty == .corruptMessage)
    }

    @Test func `a batch above max.message.bytes is too large`() throws {
        try client.createTopic("small", configs: ["max.message.bytes": "200"])
        let big = String(repeating: "x", count: 300)
        #expect(try code(client.produce("small", batch([big])).errorCode) == .messageTooLarge)
        #expect(try client.produce("small", batch(["x"])).errorCode == 0)
    }

    @Test func `a topic with log append time stamps the records`() throws {
        try client.createTopic("stamped", configs: ["message.timestamp.type": "LogAppendTime"])
        let answer = try client.produce("stamped", batch(["a"], timestamp: 1))
        #expect(answer.logAppendTimeMs > 1_700_000_000_000)
        let seen = try client.seen(client.fetch("stamped"))
        #expect(seen.map(\.timestamp) == [answer.logAppendTimeMs])
    }

    @Test func `a duplicate of an idempotent producer gets the first offset, a gap is out of order`() throws {
        let first = try batch(["a", "b"], producer: 5, epoch: 0, sequence: 0)
        let second = try batch(["c"], producer: 5, epoch: 0, sequence: 2)
        #expect(try client.produce("t", first).baseOffset == 0)
        #expect(try client.produce("t", second).baseOffset == 2)
        let again = try client.produce("t", first)
        #expect(again.errorCode == 0)
        #expect(again.baseOffset == 0)
        let gap = try client.produce("t", batch(["e"], producer: 5, epoch: 0, sequence: 7))
        #expect(code(gap.errorCode) == .outOfOrderSequenceNumber)
        #expect(try client.values("t") == ["a", "b", "c"])
    }

    @Test func `an older producer epoch is fenced, a newer one begins at sequence 0`() throws {
        try client.produce("t", batch(["a"], producer: 5, epoch: 1, sequence: 0))
        let old = try client.produce("t", batch(["x"], producer: 5, epoch: 0, sequence: 1))
        #expect(code(old.errorCode) == .invalidProducerEpoch)
        let skipped = try client.produce("t", batch(["x"], producer: 5, epoch: 2, sequence: 4))
        #expect(code(skipped.errorCode) == .outOfOrderSequenceNumber)
        #expect(try client.produce("t", batch(["b"], producer: 5, epoch: 2, sequence: 0)).errorCode == 0)
        #expect(try client.values("t") == ["a", "b"])
    }

    @Test func `acks=all needs min.insync.replicas, of which there are never more than replicas`() throws {
        try client.createTopic("careful", configs: ["min.insync.replicas": "2"])
        #expect(try client.produce("careful", batch(["a"]), acks: -1).errorCode == 0)
    }

    @Test func `partitions of one request are answered each for itself, in their order`() throws {
        var request = try client.produceRequest("t", batch(["a"]), partition: 1)
        request.topicData += try client.produceRequest("missing", batch(["a"])).topicData
        request.topicData += try client.produceRequest("t", batch(["b"]), partition: 0).topicData
        let answer = try client.call(request, version: 8).responses
        #expect(answer.map(\.name) == ["t", "missing", "t"])
        #expect(answer.map { code($0.partitionResponses[0].errorCode) } == [.none, .unknownTopicOrPartition, .none])
        #expect(answer[1].partitionResponses[0].errorMessage != nil)
        #expect(try client.values("t", partition: 1) == ["a"])
    }
}
