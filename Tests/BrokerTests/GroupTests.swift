import Bytes
import GroupCoordinator
import KafkaModel
import KafkaProtocol
import Metadata
import TestSupport
import Testing
import Timing

@testable import Broker

/// Groups, from the connection to the log and back.
@Suite struct GroupTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker(["group.initial.rebalance.delay.ms": "0", "offsets.topic.num.partitions": "3"])
        client = try server.client()
    }

    private func commit(
        _ offset: Int64, group: String = "g", topic: String = "t", partition: Int32 = 0, version: Int16 = 9,
        _ change: (inout OffsetCommitRequest) -> Void = { _ in }
    ) throws -> OffsetCommitResponse {
        var request = OffsetCommitRequest()
        request.groupId = group
        var one = OffsetCommitRequest.OffsetCommitRequestPartition()
        one.partitionIndex = partition
        one.committedOffset = offset
        var named = OffsetCommitRequest.OffsetCommitRequestTopic()
        named.name = topic
        named.partitions = [one]
        request.topics = [named]
        change(&request)
        return try client.call(request, version: version)
    }

    private func committed(_ group: String = "g", _ topic: String = "t", _ partition: Int32 = 0) throws -> Int64 {
        var asked = OffsetFetchRequest.OffsetFetchRequestTopics()
        asked.name = topic
        asked.partitionIndexes = [partition]
        var one = OffsetFetchRequest.OffsetFetchRequestGroup()
        one.groupId = group
        one.topics = [asked]
        var request = OffsetFetchRequest()
        request.groups = [one]
        let answer = try client.call(request, version: 9)
        let told = try #require(answer.groups.first)
        #expect(told.errorCode == 0)
        return try #require(told.topics.first?.partitions.first).committedOffset
    }

    private func findCoordinator(_ group: String = "g", version: Int16 = 6) throws -> Int32 {
        var request = FindCoordinatorRequest()
        request.key = group
        request.coordinatorKeys = [group]
        let answer = try client.call(request, version: version)
        return version >= 4 ? try #require(answer.coordinators.first).nodeId : answer.nodeId
    }

    @Test func `the first question for a coordinator makes the topic, and is answered`() throws {
        for version in 0...client.newest(.findCoordinator) {
            #expect(try findCoordinator(version: version) == 1)
        }
        let topic = try #require(try client.metadata(["__consumer_offsets"]).topics.first)
        #expect(topic.isInternal)
        #expect(topic.partitions.count == 3)
        #expect(
            server.broker.cluster.image.config(.topic("__consumer_offsets")) == [
                "cleanup.policy": "compact", "segment.bytes": "104857600", "compression.type": "producer",
            ])
    }

    @Test func `before there is a topic nobody coordinates a group`() throws {
        var request = HeartbeatRequest()
        request.groupId = "g"
        #expect(try code(client.call(request).errorCode) == .notCoordinator)
        #expect(try client.call(ListGroupsRequest()).groups.isEmpty)
    }
}
