import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import Posix
import Storage
import TestSupport
import Testing

@testable import Broker

struct ElectionTests {
    private static func elect(
        _ client: TestClient, type: Int8, _ partitions: [Int32]?, version: Int16? = nil
    ) throws -> ElectLeadersResponse {
        var request = ElectLeadersRequest()
        request.electionType = type
        request.topicPartitions = partitions.map { partitions in
            var topic = ElectLeadersRequest.TopicPartitions()
            topic.topic = "t"
            topic.partitions = partitions
            return [topic]
        }
        return try client.call(request, version: version)
    }

    private static func codes(_ response: ElectLeadersResponse) -> [ErrorCode] {
        response.replicaElectionResults.flatMap { $0.partitionResult.map { code($0.errorCode) } }
    }

    /// The partitions in the log directories, each with how far it lags.
    private static func described(_ client: TestClient) throws -> [String] {
        var request = DescribeLogDirsRequest()
        request.topics = nil
        return try client.call(request).results.flatMap { directory in
            directory.topics.flatMap { topic in
                topic.partitions.map { "\(topic.name)-\($0.partitionIndex) \($0.offsetLag)" }
            }
        }
    }

    /// As a cluster of two leaves it whose broker 2 led topic `t` last and is gone for ever.
    private static func withoutLeader() throws -> TestBroker {
        let first = try TestBroker()
        let id = try first.client().createTopic("t").topicId
        #expect(try first.client().produce("t", "kept").errorCode == 0)
        first.stop()
        let store = try EmbeddedStore.open(
            logDirectory: first.directory.file("data"), nodeID: BrokerID(1), clusterID: "c")
        var change = PartitionChangeRecord()
        change.topicId = id
        change.partitionId = 0
        change.leader = -1
        change.isr = [2]
        change.replicas = [2, 1]
        change.directories = [DirectoryID.unassigned, DirectoryID.unassigned]
        try store.commit([.partitionChange(change)])
        return try TestBroker(in: first.directory)
    }

    @Test func `the files of a partition that nobody led outlived its topic`() throws {
        let server = try Self.withoutLeader()
        defer { server.stop() }
        let client = try server.client()
        var request = DeleteTopicsRequest()
        request.topicNames = ["t"]
        #expect(try client.call(request, version: 5).responses[0].errorCode == 0)
        let left = try entries(of: server.directory.file("data")).filter { $0.hasPrefix("t-0") }
        #expect(!left.contains("t-0"), "\(left)")
        #expect(try client.createTopic("t").errorCode == 0)
        #expect(try client.produce("t", "new").baseOffset == 0)
    }

    @Test func `one broker leads everything already`() throws {
        let server = try TestBroker()
        let client = try server.client()
        try client.createTopic("t", partitions: 2)
        for version in 0...client.newest(.electLeaders) {
            let answer = try Self.elect(client, type: 0, [0, 1, 2], version: version)
            #expect(answer.errorCode == 0)
            #expect(Self.codes(answer) == [.electionNotNeeded, .electionNotNeeded, .unknownTopicOrPartition])
            let result = answer.replicaElectionResults[0].partitionResult[0]
            #expect(result.errorMessage == "Leader election not needed for topic partition.")
            #expect(try Self.elect(client, type: 0, nil, version: version).replicaElectionResults.isEmpty)
        }
        #expect(try Self.codes(Self.elect(client, type: 1, [0])) == [.electionNotNeeded])
    }

    @Test func `an unknown kind of election is refused`() throws {
        let server = try TestBroker()
        let answer = try Self.elect(server.client(), type: 7, [0])
        #expect(code(answer.errorCode) == .invalidRequest)
    }

    @Test func `a replica that was not in sync leads only after an unclean election`() throws {
        let server = try Self.withoutLeader()
        defer { server.stop() }
        let client = try server.client()
        #expect(try Self.described(client) == ["t-0 -1"])
        #expect(try client.metadata(["t"]).topics[0].partitions[0].leaderId == -1)
        #expect(try code(client.produce("t", "refused").errorCode) == .notLeaderOrFollower)
        #expect(try Self.codes(Self.elect(client, type: 0, [0])) == [.preferredLeaderNotAvailable])
        let elected = try Self.elect(client, type: 1, nil)
        #expect(Self.codes(elected) == [.none])
        let partition = try client.metadata(["t"]).topics[0].partitions[0]
        #expect(partition.leaderId == 1)
        #expect(partition.isrNodes == [1])
        #expect(try client.produce("t", "new").errorCode == 0)
        #expect(try Self.described(client) == ["t-0 0"])
        #expect(try server.partition("t").lock.withLock { try server.partition("t").log.logEndOffset } == 2)
    }
}
