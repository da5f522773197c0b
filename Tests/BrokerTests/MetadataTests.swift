import Bytes
import KafkaModel
import KafkaProtocol
import Testing

@testable import Broker

/// ApiVersions, Metadata, DescribeCluster, DescribeTopicPartitions and FindCoordinator: what a client asks first.
struct MetadataTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
    }

    @Test func `ApiVersions tells what the dispatch serves, in every version`() throws {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = "test"
        request.clientSoftwareVersion = "1.0"
        for version in 0...client.newest(.apiVersions) {
            let answer = try client.call(request, version: version)
            #expect(answer.errorCode == 0)
            #expect(answer.apiKeys.map(\.apiKey) == Dispatch.routes.map(\.api.rawValue))
        }
    }

    @Test func `an unknown version of ApiVersions is answered in version 0 with the error`() throws {
        for version in [5, 99, -1] as [Int16] {
            var writer = ByteWriter()
            RequestHeader(apiKey: 18, apiVersion: version, correlationId: 77, clientId: "c").encode(into: &writer)
            writer.append([1, 2, 3])
            try client.sendFrame(Array(writer.bytes))
            try client.receiveFrame()
            let frame = client.frame
            var reader = ByteReader(frame.span.bytes)
            #expect(try reader.int32() == 77)
            let answer = try ApiVersionsResponse.decode(&reader, version: 0)
            #expect(code(answer.errorCode) == .unsupportedVersion)
            #expect(answer.apiKeys.contains { $0.apiKey == 18 })
        }
    }

    @Test func `a client with an impossible name is refused`() throws {
        var request = ApiVersionsRequest()
        request.clientSoftwareName = "-test-"
        request.clientSoftwareVersion = "1"
        #expect(try code(client.call(request, version: 3).errorCode) == .invalidRequest)
    }

    @Test func `every version describes a topic, all topics and none`() throws {
        let id = try client.createTopic("t", partitions: 3).topicId
        for version in 0...13 as ClosedRange<Int16> {
            let one = try client.metadata(["t"], version: version)
            #expect(one.topics.map(\.name) == ["t"])
            #expect(one.topics[0].partitions.map(\.leaderId) == [1, 1, 1])
            #expect(one.topics[0].partitions[0].replicaNodes == [1])
            #expect(one.topics[0].partitions[0].isrNodes == [1])
            if version >= 10 { #expect(one.topics[0].topicId == id) }
            #expect(one.brokers.map(\.nodeId) == [1])
            #expect(one.brokers[0].host == "127.0.0.1")
            #expect(one.brokers[0].port == Int32(server.port))
            // Version 0 has no null, and its empty list is everything.
            let all = try client.metadata(version == 0 ? [] : nil, version: version)
            #expect(all.topics.map(\.name) == ["t"])
            if version > 0 { #expect(try client.metadata([], version: version).topics.isEmpty) }
        }
    }

    @Test func `topics are found by id`() throws {
        let id = try client.createTopic("t").topicId
        var known = MetadataRequest.MetadataRequestTopic()
        known.name = nil
        known.topicId = id
        var unknown = known
        unknown.topicId = UUID(high: 1, low: 1)
        var request = MetadataRequest()
        request.topics = [known, unknown]
        for version in 12...13 as ClosedRange<Int16> {
            let topics = try client.call(request, version: version).topics
            #expect(topics.map(\.name) == ["t", nil])
            #expect(topics.map { code($0.errorCode) } == [.none, .unknownTopicID])
            #expect(topics[1].topicId == UUID(high: 1, low: 1))
        }
    }

    @Test func `a missing topic is created when the client allows it, and can be written to at once`() throws {
        #expect(try code(client.metadata(["new"]).topics[0].errorCode) == .unknownTopicOrPartition)
        let created = try client.metadata(["new"], autoCreate: true).topics[0]
        #expect(created.errorCode == 0)
        #expect(created.partitions.count == 1)
        #expect(try client.produce("new", "a").errorCode == 0)
        // Before version 4 there was nothing to allow.
        #expect(try client.metadata(["old"], version: 1).topics[0].errorCode == 0)
    }

    @Test func `a missing topic that is named twice is created once`() throws {
        let topics = try client.metadata(["new", "new"], autoCreate: true).topics
        #expect(topics.map { code($0.errorCode) } == [.none, .none])
    }

    @Test func `illegal names are told and not created`() throws {
        for name in ["", ".", "..", "a b", "ä", String(repeating: "x", count: 250)] {
            for autoCreate in [true, false] {
                let topic = try client.metadata([name], autoCreate: autoCreate).topics[0]
                #expect(code(topic.errorCode) == .invalidTopicException)
            }
        }
        #expect(try client.metadata(nil).topics.isEmpty)
    }

    @Test func `where creation is off, the client's wish does not count`() throws {
        let server = try TestBroker(["auto.create.topics.enable": "false"])
        let topic = try server.client().metadata(["new"], autoCreate: true).topics[0]
        #expect(code(topic.errorCode) == .unknownTopicOrPartition)
    }

    @Test func `the cluster is described, controllers are not`() throws {
        for version in 0...client.newest(.describeCluster) {
            let answer = try client.call(DescribeClusterRequest(), version: version)
            #expect(answer.clusterId == server.broker.clusterID)
            #expect(answer.controllerId == 1)
            #expect(answer.brokers.map(\.port) == [Int32(server.port)])
        }
        var request = DescribeClusterRequest()
        request.endpointType = 2
        #expect(try code(client.call(request).errorCode) == .mismatchedEndpointType)
    }

    @Test func `transactions have no coordinator, and a client may ask again`() throws {
        var request = FindCoordinatorRequest()
        request.key = "g"
        request.keyType = 1
        request.coordinatorKeys = ["g", "h"]
        for version in 1...client.newest(.findCoordinator) {
            let answer = try client.call(request, version: version)
            let codes = version >= 4 ? answer.coordinators.map(\.errorCode) : [answer.errorCode]
            #expect(codes.allSatisfy { code($0) == .coordinatorNotAvailable })
            if version >= 4 { #expect(answer.coordinators.map(\.key) == ["g", "h"]) }
        }
    }
}

/// DescribeTopicPartitions, page by page.
struct PagingTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker()
        client = try server.client()
        try client.createTopic("a", partitions: 2)
        try client.createTopic("b", partitions: 3)
        try client.createTopic("c", partitions: 1)
    }

    private func page(
        _ names: [String] = [], limit: Int32, from cursor: (String, Int32)? = nil
    ) throws -> (topics: [String], next: String?) {
        var request = DescribeTopicPartitionsRequest()
        request.topics = names.map { name in
            var topic = DescribeTopicPartitionsRequest.TopicRequest()
            topic.name = name
            return topic
        }
        request.responsePartitionLimit = limit
        request.cursor = cursor.map { name, index in
            var cursor = DescribeTopicPartitionsRequest.Cursor()
            cursor.topicName = name
            cursor.partitionIndex = index
            return cursor
        }
        let answer = try client.call(request)
        let topics = answer.topics.map { topic in
            let indexes = topic.partitions.map { String($0.partitionIndex) }.joined(separator: ",")
            return topic.errorCode == 0 ? "\(topic.name ?? "")\(indexes)" : "\(topic.name ?? "")!\(topic.errorCode)"
        }
        return (topics, answer.nextCursor.map { "\($0.topicName)\($0.partitionIndex)" })
    }

    @Test func `all in one page`() throws {
        #expect(try page(limit: 100) == (["a0,1", "b0,1,2", "c0"], nil))
        #expect(try page(limit: 6) == (["a0,1", "b0,1,2", "c0"], nil))
    }

    @Test func `each page goes on where the last one ended`() throws {
        #expect(try page(limit: 2) == (["a0,1"], "b0"))
        #expect(try page(limit: 2, from: ("b", 0)) == (["b0,1"], "b2"))
        #expect(try page(limit: 2, from: ("b", 2)) == (["b2", "c0"], nil))
    }

    @Test func `without room for a single partition there is still room for one`() throws {
        for limit in [0, -1, .min] as [Int32] { #expect(try page(limit: limit) == (["a0"], "a1")) }
    }

    @Test func `names are answered in their order, once, with what is wrong`() throws {
        #expect(try page(["c", "a", "nope", "c", "b b"], limit: 10) == (["a0,1", "b b!17", "c0", "nope!3"], nil))
    }

    @Test func `a cursor of a topic that is gone goes on behind it`() throws {
        #expect(try page(limit: 9, from: ("bb", 1)) == (["c0"], nil))
        #expect(try page(limit: 9, from: ("a", 77)).topics.last == "c0")
    }

    @Test func `a cursor that no answer gave is refused`() throws {
        #expect(try page(["a"], limit: 9, from: ("b", 0)) == (["a!42"], nil))
        #expect(try page(["a"], limit: 9, from: ("a", -1)) == (["a!42"], nil))
    }
}
