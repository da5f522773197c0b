import KafkaModel
import KafkaProtocol
import Metadata
import Storage
import Testing

@testable import Broker

struct QuorumTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    private func describe(
        _ topic: String = "__cluster_metadata", _ partitions: [Int32] = [0], version: Int16? = nil
    ) throws -> DescribeQuorumResponse {
        var asked = DescribeQuorumRequest.TopicData()
        asked.topicName = topic
        asked.partitions = partitions.map { index in
            var partition = DescribeQuorumRequest.PartitionData()
            partition.partitionIndex = index
            return partition
        }
        var request = DescribeQuorumRequest()
        request.topics = [asked]
        return try client.call(request, version: version)
    }

    @Test func `the quorum is this node, at the end of its log`() throws {
        for version in 0...client.newest(.describeQuorum) {
            let answer = try describe(version: version)
            #expect(answer.errorCode == 0)
            let quorum = try #require(answer.topics.first?.partitions.first)
            #expect(quorum.errorCode == 0 && quorum.leaderId == 1 && quorum.leaderEpoch == 1)
            #expect(quorum.highWatermark == server.broker.cluster.image.offset + 1)
            let voter = try #require(quorum.currentVoters.first)
            #expect(quorum.currentVoters.count == 1 && quorum.observers.isEmpty)
            #expect(voter.replicaId == 1 && voter.logEndOffset == quorum.highWatermark)
            if version >= 1 { #expect(voter.lastFetchTimestamp > 0 && voter.lastCaughtUpTimestamp > 0) }
            guard version >= 2 else { continue }
            #expect(voter.replicaDirectoryId == server.broker.directories.directoryIDs.values.first)
            let node = try #require(answer.nodes.first)
            #expect(node.nodeId == 1)
            #expect(node.listeners.map { "\($0.name) \($0.host):\($0.port)" } == ["PLAINTEXT 127.0.0.1:\(server.port)"])
        }
    }

    @Test func `changes move it and a restart begins a new epoch`() throws {
        let before = try describe().topics[0].partitions[0].highWatermark
        try client.createTopic("t")
        #expect(try describe().topics[0].partitions[0].highWatermark == before + 2)
        server.stop()
        let again = try TestBroker(in: server.directory)
        #expect(again.broker.cluster.quorum.epoch == 2)
        #expect(again.broker.cluster.quorum.logEndOffset > before + 2)
    }

    @Test func `no other partition has a quorum`() throws {
        for (topic, partitions) in [("t", [0]), ("__cluster_metadata", [1]), ("__cluster_metadata", [0, 1])] {
            let answer = try describe(topic, partitions.map { Int32($0) })
            #expect(
                answer.topics[0].partitions.map { code($0.errorCode) }.allSatisfy { $0 == .unknownTopicOrPartition })
        }
    }
}
