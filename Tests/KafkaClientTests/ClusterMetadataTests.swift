import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Posix
import Testing
import Timing

@testable import KafkaClient

@Suite struct ClusterMetadataTests {
    private static func topic(
        _ name: String, _ code: ErrorCode = .none, leader: Int32 = 1, epoch: Int32 = 5, partitions: Range<Int32> = 0..<2
    ) -> MetadataResponse.MetadataResponseTopic {
        var topic = MetadataResponse.MetadataResponseTopic()
        topic.name = name
        topic.topicId = UUID(high: 1, low: 2)
        topic.errorCode = code.rawValue
        topic.partitions =
            code != .none
            ? []
            : partitions.map { index in
                var partition = MetadataResponse.MetadataResponsePartition()
                partition.partitionIndex = index
                partition.leaderId = leader
                partition.leaderEpoch = epoch
                return partition
            }
        return topic
    }

    /// A broker that gives these answers to Metadata, one after the other, then hangs up.
    private func server(_ answers: [[MetadataResponse.MetadataResponseTopic]]) throws -> ScriptedServer {
        try ScriptedServer { peer, _ in
            guard peer.introduce() else { return }
            for topics in answers {
                guard let (header, _) = peer.request() else { return }
                var node = MetadataResponse.MetadataResponseBroker()
                node.nodeId = 1
                node.host = "127.0.0.1"
                node.port = 9092
                var response = MetadataResponse()
                response.brokers = [node]
                response.clusterId = "c"
                response.topics = topics
                peer.answer(response, to: header)
            }
            peer.waitForEnd()
        }
    }

    private var soon: Instant { Clock.system.now + .seconds(5) }

    @Test func `a topic that is just being created is waited for, and then known`() throws {
        let server = try server([[Self.topic("t", .leaderNotAvailable)], [Self.topic("t")]])
        let metadata = ClusterMetadata(try server.configuration(["retry.backoff.ms": "1"]))
        let topic = try metadata.topic("t", until: soon)
        #expect(topic.partitions.map(\.leader) == [1, 1])
        #expect(metadata.broker(1)?.address.description == "127.0.0.1:9092")
        #expect(try metadata.topic("t", until: soon).partitions.count == 2)
        #expect(metadata.clusterID == "c")
    }

    @Test func `a topic that cannot be is told by name, at once`() throws {
        let server = try server([[Self.topic("t?", .invalidTopicException)]])
        let metadata = ClusterMetadata(try server.configuration())
        let error = #expect(throws: ClientError.self) { try metadata.topic("t?", until: soon) }
        #expect(error?.description.contains("answers for topic 't?'") == true)
    }

    @Test func `an older leader epoch does not take the place of a newer one`() throws {
        let server = try server([[Self.topic("t")], [Self.topic("t", leader: 2, epoch: 4)]])
        let metadata = ClusterMetadata(try server.configuration())
        _ = try metadata.topic("t", until: soon)
        metadata.learn(TopicPartition("t", 0), leader: 1, epoch: 3, at: nil)
        #expect(metadata.known("t")?.partitions[0].leaderEpoch == 5)
        metadata.invalidate("t")
        #expect(try metadata.topic("t", until: soon).partitions[0].leader == 1)
    }

    @Test func `a forged number of a partition takes no memory`() throws {
        let server = try server([[Self.topic("t", partitions: Int32.max - 1..<Int32.max)]])
        let metadata = ClusterMetadata(try server.configuration())
        #expect(try metadata.topic("t", until: soon).partitions.isEmpty)
    }

    @Test func `an answer that is believed for no time still reaches who asked`() throws {
        let server = try server([[Self.topic("t")], [Self.topic("t", leader: 2, epoch: 6)]])
        let metadata = ClusterMetadata(try server.configuration(), age: .zero)
        #expect(try metadata.topic("t", until: soon).partitions[0].leader == 1)
        #expect(try metadata.topic("t", until: soon).partitions[0].leader == 2)
    }
}
