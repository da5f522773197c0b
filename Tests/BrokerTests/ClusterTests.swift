import Bytes
import KafkaModel
import KafkaProtocol
import Metadata
import TestSupport
import Testing

@testable import Broker

/// What a broker says of the cluster it is in, and of members that are gone.
struct ClusterTests {
    /// A broker alone in a cluster that had a second member, which was fenced when it left.
    private static func withLostMember() throws -> TestBroker {
        let first = try TestBroker()
        first.stop()
        let store = try EmbeddedStore.open(
            logDirectory: first.directory.file("data"), nodeID: BrokerID(1), clusterID: "c")
        let lost = BrokerRegistration(
            id: BrokerID(2), epoch: 77, incarnationID: UUID(high: 1, low: 1),
            endpoints: [.init(name: "PLAINTEXT", host: "gone", port: 9092)], rack: "r2",
            logDirectories: [UUID(high: 9, low: 9)])
        try store.commit([.registerBroker(lost.record)])
        return try TestBroker(in: first.directory)
    }

    private static func describe(
        _ client: TestClient, endpoint: Int8 = 1, fenced: Bool = false, version: Int16? = nil
    ) throws -> DescribeClusterResponse {
        var request = DescribeClusterRequest()
        request.endpointType = endpoint
        request.includeFencedBrokers = fenced
        return try client.call(request, version: version)
    }

    @Test func `fenced brokers are told to those who ask for them`() throws {
        let server = try Self.withLostMember()
        defer { server.stop() }
        let client = try server.client()
        for version in 0...client.newest(.describeCluster) {
            let answer = try Self.describe(client, version: version)
            #expect(answer.brokers.map(\.brokerId) == [1])
            #expect(answer.controllerId == 1)
        }
        let all = try Self.describe(client, fenced: true).brokers
        #expect(all.map { "\($0.brokerId) \($0.isFenced) \($0.rack ?? "")" } == ["1 false ", "2 true r2"])
    }

    @Test func `controllers have no endpoint here`() throws {
        let server = try TestBroker()
        defer { server.stop() }
        let client = try server.client()
        let mismatched = try Self.describe(client, endpoint: 2)
        #expect(code(mismatched.errorCode) == .mismatchedEndpointType)
        #expect(
            mismatched.errorMessage
                == "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER")
        #expect(try code(Self.describe(client, endpoint: 9).errorCode) == .unsupportedEndpointType)
    }

    @Test func `a broker that will not come back is forgotten, and the one that runs is not`() throws {
        let server = try Self.withLostMember()
        let client = try server.client()
        func unregister(_ id: Int32) throws -> UnregisterBrokerResponse {
            var request = UnregisterBrokerRequest()
            request.brokerId = id
            return try client.call(request)
        }
        let own = try unregister(1)
        #expect(code(own.errorCode) == .invalidRequest)
        #expect(try unregister(2).errorCode == 0)
        let again = try unregister(2)
        #expect(code(again.errorCode) == .brokerIDNotRegistered)
        #expect(again.errorMessage == "Broker ID 2 is not currently registered")
        #expect(try Self.describe(client, fenced: true).brokers.map(\.brokerId) == [1])
        try client.createTopic("t")
        server.stop()
        #expect(try TestBroker(in: server.directory).broker.cluster.image.brokers.count == 1)
    }

    @Test func `partitions are reassigned as far as one broker can`() throws {
        let server = try Self.withLostMember()
        let client = try server.client()
        try client.createTopic("t", partitions: 2)
        func alter(_ index: Int32, _ replicas: [Int32]?) throws -> String {
            var partition = AlterPartitionReassignmentsRequest.ReassignablePartition()
            partition.partitionIndex = index
            partition.replicas = replicas
            var topic = AlterPartitionReassignmentsRequest.ReassignableTopic()
            topic.name = "t"
            topic.partitions = [partition]
            var request = AlterPartitionReassignmentsRequest()
            request.topics = [topic]
            let answer = try client.call(request)
            #expect(answer.errorCode == 0)
            let result = answer.responses[0].partitions[0]
            return "\(code(result.errorCode).name) \(result.errorMessage ?? "")"
        }
        func list(_ partitions: [Int32]? = nil) throws -> [String] {
            var request = ListPartitionReassignmentsRequest()
            request.topics = partitions.map { indexes in
                var topic = ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics()
                topic.name = "t"
                topic.partitionIndexes = indexes
                return [topic]
            }
            return try client.call(request).topics.flatMap { topic in
                topic.partitions.map {
                    "\(topic.name)-\($0.partitionIndex) \($0.replicas) +\($0.addingReplicas) -\($0.removingReplicas)"
                }
            }
        }
        #expect(try list().isEmpty)
        #expect(try alter(0, [1]) == "NONE ")
        #expect(
            try alter(0, [5])
                == "INVALID_REPLICA_ASSIGNMENT The manual partition assignment includes broker 5, but no such broker is "
                + "registered.")
        #expect(try alter(0, nil) == "NO_REASSIGNMENT_IN_PROGRESS No partition reassignment is in progress.")
        #expect(try alter(9, [1]) == "UNKNOWN_TOPIC_OR_PARTITION Unable to find partition t:9.")
        #expect(try list().isEmpty)
        // The other broker cannot catch up, so this goes on until it is taken back.
        #expect(try alter(1, [2]) == "NONE ")
        #expect(try list() == ["t-1 [2, 1] +[2] -[1]"])
        #expect(try list([0]).isEmpty)
        #expect(try client.produce("t", "x").errorCode == 0)
        #expect(try alter(1, nil) == "NONE ")
        #expect(try list().isEmpty)
    }
}
