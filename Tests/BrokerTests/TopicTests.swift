import Bytes
import KafkaModel
import KafkaProtocol
import TestSupport
import Testing

@testable import Broker

struct TopicTests {
    let server: TestBroker
    let client: TestClient

    init() throws {
        server = try TestBroker(["num.partitions": "2"])
        client = try server.client()
    }

    private func request(_ name: String, partitions: Int32 = 1, validateOnly: Bool = false) -> CreateTopicsRequest {
        var topic = CreateTopicsRequest.CreatableTopic()
        topic.name = name
        topic.numPartitions = partitions
        topic.replicationFactor = 1
        var request = CreateTopicsRequest()
        request.topics = [topic]
        request.validateOnly = validateOnly
        return request
    }

    @Test func `every version creates a topic that can be written to when the answer comes`() throws {
        for version in 2...7 as ClosedRange<Int16> {
            let answer = try client.call(request("t\(version)"), version: version).topics[0]
            #expect(answer.errorCode == 0)
            #expect(answer.errorMessage == nil)
            if version >= 5 {
                #expect((answer.numPartitions, answer.replicationFactor) == (1, 1))
                #expect(answer.configs?.contains { $0.name == "retention.ms" } == true)
            }
            if version >= 7 { #expect(answer.topicId != .zero) }
            #expect(try client.produce("t\(version)", "a").errorCode == 0)
        }
    }

    @Test func `a trial creates nothing`() throws {
        #expect(try client.call(request("t", validateOnly: true)).topics[0].errorCode == 0)
        #expect(try code(client.metadata(["t"]).topics[0].errorCode) == .unknownTopicOrPartition)
        #expect(try entries(of: server.directory.file("data")).contains("t-0") == false)
    }

    @Test func `defaults, what exists, and what cannot be`() throws {
        var standard = request("t", partitions: -1)
        standard.topics[0].replicationFactor = -1
        #expect(try client.call(standard).topics[0].numPartitions == 2)
        #expect(try code(client.call(request("t")).topics[0].errorCode) == .topicAlreadyExists)
        #expect(try code(client.call(request("u", partitions: 0)).topics[0].errorCode) == .invalidPartitions)
        #expect(try code(client.call(request("a b")).topics[0].errorCode) == .invalidTopicException)
        var many = request("u")
        many.topics[0].replicationFactor = 2
        #expect(try code(client.call(many).topics[0].errorCode) == .invalidReplicationFactor)
        var twice = request("u")
        twice.topics += twice.topics
        #expect(try client.call(twice).topics.allSatisfy { code($0.errorCode) == .invalidRequest })
    }

    @Test func `a wrong setting is refused with its name and value`() throws {
        let wrong = try client.createTopic("t", configs: ["retention.ms": "soon"])
        #expect(code(wrong.errorCode) == .invalidConfig)
        #expect(wrong.errorMessage?.contains("retention.ms") == true)
        #expect(wrong.errorMessage?.contains("soon") == true)
        let unknown = try client.createTopic("t", configs: ["colour": "red"])
        #expect(code(unknown.errorCode) == .invalidConfig)
        #expect(unknown.errorMessage?.contains("colour") == true)
    }

    @Test func `an assignment names the brokers`() throws {
        var assigned = request("t", partitions: -1)
        assigned.topics[0].replicationFactor = -1
        assigned.topics[0].assignments = (0..<3 as Range<Int32>).map { index in
            var assignment = CreateTopicsRequest.CreatableReplicaAssignment()
            assignment.partitionIndex = index
            assignment.brokerIds = [1]
            return assignment
        }
        #expect(try client.call(assigned).topics[0].numPartitions == 3)
        assigned.topics[0].name = "u"
        assigned.topics[0].assignments[1].brokerIds = [2]
        #expect(try code(client.call(assigned).topics[0].errorCode) == .invalidReplicaAssignment)
    }

    @Test func `topics are deleted by name and by id`() throws {
        let id = try client.createTopic("a").topicId
        try client.createTopic("b")
        var byName = DeleteTopicsRequest()
        byName.topicNames = ["b", "missing"]
        for version in 1...5 as ClosedRange<Int16> where version == 5 {
            let answer = try client.call(byName, version: version).responses
            #expect(answer.map { code($0.errorCode) } == [.none, .unknownTopicOrPartition])
        }
        var first = DeleteTopicsRequest.DeleteTopicState()
        first.topicId = id
        var second = first
        second.topicId = UUID(high: 4, low: 4)
        var byID = DeleteTopicsRequest()
        byID.topics = [first, second]
        let answer = try client.call(byID, version: 6).responses
        #expect(answer.map { code($0.errorCode) } == [.none, .unknownTopicID])
        #expect(answer[0].name == "a")
        #expect(try client.metadata(nil).topics.isEmpty)
        #expect(try code(client.produce("a", "x").errorCode) == .unknownTopicOrPartition)
        // The name is free again, and its records are others.
        #expect(try client.createTopic("a").topicId != id)
        #expect(try client.values("a").isEmpty)
    }

    @Test func `deletion can be switched off`() throws {
        let server = try TestBroker(["delete.topic.enable": "false"])
        let client = try server.client()
        try client.createTopic("a")
        var deletion = DeleteTopicsRequest()
        deletion.topicNames = ["a"]
        #expect(try code(client.call(deletion, version: 5).responses[0].errorCode) == .topicDeletionDisabled)
    }

    private func grow(_ name: String, to count: Int32, validateOnly: Bool = false) throws -> ErrorCode {
        var topic = CreatePartitionsRequest.CreatePartitionsTopic()
        topic.name = name
        topic.count = count
        topic.assignments = nil
        var request = CreatePartitionsRequest()
        request.topics = [topic]
        request.validateOnly = validateOnly
        return code(try client.call(request).results[0].errorCode)
    }

    @Test func `topics grow and do not shrink`() throws {
        try client.createTopic("t", partitions: 2)
        try client.produce("t", "a", partition: 1)
        #expect(try grow("t", to: 4, validateOnly: true) == .none)
        #expect(try code(client.produce("t", "x", partition: 3).errorCode) == .unknownTopicOrPartition)
        #expect(try grow("t", to: 4) == .none)
        #expect(try client.produce("t", "x", partition: 3).errorCode == 0)
        #expect(try client.values("t", partition: 1) == ["a"])
        #expect(try grow("t", to: 4) == .invalidPartitions)
        #expect(try grow("t", to: 1) == .invalidPartitions)
        #expect(try grow("missing", to: 4) == .unknownTopicOrPartition)
    }

    @Test func `log directories are described with what is in them`() throws {
        try client.createTopic("t", partitions: 2)
        try client.produce("t", "a")
        var request = DescribeLogDirsRequest()
        request.topics = nil
        for version in 1...client.newest(.describeLogDirs) {
            let directory = try client.call(request, version: version).results[0]
            #expect(directory.logDir == server.directory.file("data"))
            #expect(directory.topics[0].partitions.map(\.partitionIndex) == [0, 1])
            #expect(directory.topics[0].partitions[0].partitionSize > 60)
            #expect(directory.topics[0].partitions[1].partitionSize == 0)
            if version >= 4 { #expect(directory.totalBytes > directory.usableBytes) }
        }
    }
}
