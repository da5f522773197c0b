import Configuration
import KafkaModel
import KafkaProtocol
import Metadata
import Timing

/// DescribeQuorum: who keeps the metadata log and how far each has come (KIP-595, KIP-836). Here it is one node, the only
/// voter, which is always where the log ends.
enum DescribeQuorumHandler: RequestHandler {
    /// What is written at the moment is waited for.
    static let place = HandlingPlace.requestThread

    private static let topic = "__cluster_metadata"

    static func handle(
        _ request: DescribeQuorumRequest, _ context: RequestContext, _ broker: Broker
    ) -> DescribeQuorumResponse {
        var response = DescribeQuorumResponse()
        response.errorMessage = nil
        guard request.topics.count == 1, request.topics[0].topicName == topic,
            request.topics[0].partitions.map(\.partitionIndex) == [0]
        else {
            response.topics = request.topics.map(unknown)
            return response
        }
        var answer = DescribeQuorumResponse.TopicData()
        answer.topicName = topic
        answer.partitions = [describe(broker.cluster.quorum, now: broker.clock.timestamp)]
        response.topics = [answer]
        response.nodes = [node(broker)]
        return response
    }

    private static func describe(
        _ quorum: QuorumDescription, now: Timestamp
    ) -> DescribeQuorumResponse.PartitionData {
        var voter = DescribeQuorumResponse.ReplicaState()
        voter.replicaId = quorum.leader.rawValue
        voter.replicaDirectoryId = quorum.directoryID
        voter.logEndOffset = quorum.logEndOffset
        // A leader has fetched from itself, and caught up, whenever one asks.
        voter.lastFetchTimestamp = now.milliseconds
        voter.lastCaughtUpTimestamp = now.milliseconds
        var partition = DescribeQuorumResponse.PartitionData()
        partition.errorMessage = nil
        partition.leaderId = quorum.leader.rawValue
        partition.leaderEpoch = quorum.epoch
        partition.highWatermark = quorum.logEndOffset
        partition.currentVoters = [voter]
        return partition
    }

    /// Where the node can be reached. Nothing listens for other controllers, so these are the listeners of clients.
    private static func node(_ broker: Broker) -> DescribeQuorumResponse.Node {
        var node = DescribeQuorumResponse.Node()
        node.nodeId = broker.id.rawValue
        node.listeners = broker.configuration.advertisedListeners.map { listener in
            let endpoint = broker.advertisedEndpoint(listener: listener.name)
            var answer = DescribeQuorumResponse.Listener()
            answer.name = listener.name
            answer.host = endpoint.host
            answer.port = endpoint.port
            return answer
        }
        return node
    }

    private static func unknown(_ topic: DescribeQuorumRequest.TopicData) -> DescribeQuorumResponse.TopicData {
        var answer = DescribeQuorumResponse.TopicData()
        answer.topicName = topic.topicName
        answer.partitions = topic.partitions.map { partition in
            var refused = DescribeQuorumResponse.PartitionData()
            refused.partitionIndex = partition.partitionIndex
            refused.errorCode = ErrorCode.unknownTopicOrPartition.rawValue
            refused.errorMessage = ErrorCode.unknownTopicOrPartition.message
            refused.leaderId = BrokerID.none.rawValue
            return refused
        }
        return answer
    }
}
