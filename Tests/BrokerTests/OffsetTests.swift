import Bytes
import KafkaModel
import KafkaProtocol
import Testing

@testable import Broker

/// ListOffsets, OffsetForLeaderEpoch, DeleteRecords and DescribeProducers: what a partition tells about its log.
struct OffsetTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
        try client.createTopic("t", partitions: 2)
        try client.produce("t", batch(["a", "b", "c"], timestamp: 1000))
        try client.produce("t", batch(["d"], timestamp: 5000))
        try client.produce("t", batch(["e"], timestamp: 3000))
    }

    @Test func `times and their names give offsets`() throws {
        for version in 1...10 as ClosedRange<Int16> {
            func offset(_ time: Int64) throws -> Int64 {
                let found = try client.offset("t", at: time, version: version)
                #expect(found.errorCode == 0)
                return found.offset
            }
            #expect(try offset(-2) == 0)
            #expect(try offset(-1) == 5)
            #expect(try offset(0) == 0)
            #expect(try offset(1000) == 0)
            #expect(try offset(1001) == 1)
            #expect(try offset(1003) == 3)
            #expect(try offset(4000) == 3)
            #expect(try offset(5001) == -1)
        }
        #expect(try client.offset("t", at: 1001).timestamp == 1001)
        let newest = try client.offset("t", at: -3)
        #expect((newest.offset, newest.timestamp) == (3, 5000))
        #expect(try client.offset("t", at: -4).offset == 0)
        #expect(try client.offset("t", at: -5).offset == -1)
        #expect(try client.offset("t", at: -5).errorCode == 0)
    }

    @Test func `an empty partition has an end and no times`() throws {
        for (time, offset) in [(-2, 0), (-1, 0), (-3, -1), (0, -1), (99, -1)] as [(Int64, Int64)] {
            #expect(try client.offset("t", at: time, partition: 1).offset == offset)
        }
    }

    @Test func `a name is not known before its version, and unknown names never`() throws {
        for (time, first) in [(-3, 7), (-4, 8), (-5, 9)] as [(Int64, Int16)] {
            #expect(try code(client.offset("t", at: time, version: first - 1).errorCode) == .unsupportedVersion)
            #expect(try client.offset("t", at: time, version: first).errorCode == 0)
        }
        #expect(try code(client.offset("t", at: -77).errorCode) == .unsupportedVersion)
    }

    @Test func `a partition named twice and an unknown one are refused, the others answered`() throws {
        var request = ListOffsetsRequest()
        request.replicaId = -1
        var topic = ListOffsetsRequest.ListOffsetsTopic()
        topic.name = "t"
        topic.partitions = ([0, 1, 0, 7, -1] as [Int32]).map { index in
            var partition = ListOffsetsRequest.ListOffsetsPartition()
            partition.partitionIndex = index
            partition.timestamp = -1
            return partition
        }
        request.topics = [topic]
        let found = try client.call(request).topics[0].partitions
        #expect(found.map(\.partitionIndex) == [0, 1, 0, 7, -1])
        #expect(
            found.map { code($0.errorCode) } == [
                .invalidRequest, .none, .invalidRequest, .unknownTopicOrPartition, .unknownTopicOrPartition,
            ])
    }

    private func end(ofEpoch epoch: Int32, current: Int32 = -1) throws -> OffsetForLeaderEpochResponse.EpochEndOffset {
        try endOffset(client, "t", epoch, current: current)
    }

    @Test func `the end of the leader's own epoch is the end of the log`() throws {
        let epoch = try client.metadata(["t"]).topics[0].partitions[0].leaderEpoch
        let own = try end(ofEpoch: epoch)
        #expect((own.leaderEpoch, own.endOffset) == (epoch, 5))
        let future = try end(ofEpoch: epoch + 1)
        #expect((future.leaderEpoch, future.endOffset) == (-1, -1))
        #expect(try end(ofEpoch: -1).endOffset == -1)
        #expect(try code(end(ofEpoch: epoch, current: epoch + 1).errorCode) == .unknownLeaderEpoch)
    }

    private func deleteRecords(_ topic: String, before offset: Int64) throws
        -> DeleteRecordsResponse.DeleteRecordsPartitionResult
    {
        var partition = DeleteRecordsRequest.DeleteRecordsPartition()
        partition.offset = offset
        var wanted = DeleteRecordsRequest.DeleteRecordsTopic()
        wanted.name = topic
        wanted.partitions = [partition]
        var request = DeleteRecordsRequest()
        request.topics = [wanted]
        return try client.call(request).topics[0].partitions[0]
    }

    @Test func `deleted records are gone, and what is not there cannot be deleted`() throws {
        let deleted = try deleteRecords("t", before: 2)
        #expect((deleted.errorCode, deleted.lowWatermark) == (0, 2))
        #expect(try client.offset("t", at: -2).offset == 2)
        #expect(try code(client.fetch("t", from: 1).errorCode) == .offsetOutOfRange)
        #expect(try client.values("t", from: 2) == ["c", "d", "e"])
        #expect(try deleteRecords("t", before: 1).lowWatermark == 2)
        for offset in [6, -2, .max, .min] as [Int64] {
            #expect(try code(deleteRecords("t", before: offset).errorCode) == .offsetOutOfRange)
        }
        #expect(try deleteRecords("t", before: -1).lowWatermark == 5)
        #expect(try client.values("t", from: 5).isEmpty)
        #expect(try code(deleteRecords("missing", before: 0).errorCode) == .unknownTopicOrPartition)
    }

    @Test func `records of a compacted topic are not deleted`() throws {
        try client.createTopic("compacted", configs: ["cleanup.policy": "compact"])
        #expect(try code(deleteRecords("compacted", before: -1).errorCode) == .policyViolation)
    }

    @Test func `producers are described`() throws {
        try client.produce("t", batch(["x", "y"], producer: 9, epoch: 3, sequence: 0), partition: 1)
        var topic = DescribeProducersRequest.TopicRequest()
        topic.name = "t"
        topic.partitionIndexes = [1, 8]
        var request = DescribeProducersRequest()
        request.topics = [topic]
        let answer = try client.call(request).topics[0].partitions
        let producer = try #require(answer[0].activeProducers.first)
        #expect((producer.producerId, producer.producerEpoch, producer.lastSequence) == (9, 3, 1))
        #expect(producer.currentTxnStartOffset == -1)
        #expect(code(answer[1].errorCode) == .unknownTopicOrPartition)
    }
}

func endOffset(
    _ client: TestClient, _ topic: String, _ epoch: Int32, current: Int32 = -1
) throws -> OffsetForLeaderEpochResponse.EpochEndOffset {
    var partition = OffsetForLeaderEpochRequest.OffsetForLeaderPartition()
    partition.leaderEpoch = epoch
    partition.currentLeaderEpoch = current
    var wanted = OffsetForLeaderEpochRequest.OffsetForLeaderTopic()
    wanted.topic = topic
    wanted.partitions = [partition]
    var request = OffsetForLeaderEpochRequest()
    request.topics = [wanted]
    return try client.call(request).topics[0].partitions[0]
}
