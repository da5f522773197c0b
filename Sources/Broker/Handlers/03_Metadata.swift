import Bytes
import Configuration
import KafkaModel
import KafkaProtocol
import Metadata
import Network

/// Metadata: brokers, topics and their leaders. A topic that is missing and may be created is created before the
/// answer, so a client's first record needs no second try.
enum MetadataHandler {
    static let route = Route(.metadata, versions: APITable.row(.metadata).versions) {
        frame, start, context, connection, broker throws(WireError) in
        var reader = ByteReader(frame.bytes)
        try reader.move(to: start)
        let request = try MetadataRequest.decode(&reader, version: context.version)
        let missing = namesToCreate(request, context, broker)
        if missing.isEmpty {
            connection.answer(describe(request, context, broker, refused: [:]), to: context, api: .metadata)
            return .answered
        }
        return broker.runOnRequestThread(connection) {
            let refused = broker.createAutomatically(missing)
            let response = describe(request, context, broker, refused: refused)
            return { $0.answer(response, to: context, api: .metadata) }
        }
    }

    private static func namesToCreate(
        _ request: MetadataRequest, _ context: RequestContext, _ broker: Broker
    ) -> [String] {
        let mayCreate = context.version < 4 || request.allowAutoTopicCreation
        guard mayCreate, broker.configuration.autoCreateTopics, let topics = request.topics else { return [] }
        let image = broker.cluster.image
        return Set(topics.compactMap(\.name)).sorted().filter {
            image.topic($0) == nil && TopicName.problem(with: $0) == nil
        }
    }

    private static func describe(
        _ request: MetadataRequest, _ context: RequestContext, _ broker: Broker, refused: [String: ErrorCode]
    ) -> MetadataResponse {
        let image = broker.cluster.image
        var response = MetadataResponse()
        var node = MetadataResponse.MetadataResponseBroker()
        let endpoint = broker.advertisedEndpoint(listener: context.listenerName)
        node.nodeId = broker.id.rawValue
        node.host = endpoint.host
        node.port = Int32(endpoint.port)
        node.rack = broker.configuration.rack
        response.brokers = [node]
        response.clusterId = broker.clusterID
        response.controllerId = broker.id.rawValue
        // Version 0 has no null: an empty list asks for everything.
        let asksForAll = request.topics == nil || (context.version == 0 && request.topics?.isEmpty == true)
        if asksForAll {
            response.topics = image.topics.map { describe($0, broker) }
            return response
        }
        for asked in request.topics ?? [] {
            if let name = asked.name {
                if let topic = image.topic(name) {
                    response.topics.append(describe(topic, broker))
                } else {
                    let isLegal = TopicName.problem(with: name) == nil
                    let code = refused[name] ?? (isLegal ? .unknownTopicOrPartition : .invalidTopicException)
                    response.topics.append(missing(name: name, id: .zero, code))
                }
            } else if let topic = image.topic(id: asked.topicId) {
                response.topics.append(describe(topic, broker))
            } else {
                response.topics.append(missing(name: nil, id: asked.topicId, .unknownTopicID))
            }
        }
        return response
    }

    private static func missing(
        name: String?, id: UUID, _ code: ErrorCode
    ) -> MetadataResponse.MetadataResponseTopic {
        var topic = MetadataResponse.MetadataResponseTopic()
        topic.name = name
        topic.topicId = id
        topic.errorCode = code.rawValue
        topic.isInternal = name.map(TopicName.isInternal) ?? false
        return topic
    }

    private static func describe(_ image: TopicImage, _ broker: Broker) -> MetadataResponse.MetadataResponseTopic {
        let unusable = broker.topics.snapshot.unusable(in: image.id)
        var topic = MetadataResponse.MetadataResponseTopic()
        topic.name = image.name
        topic.topicId = image.id
        topic.isInternal = TopicName.isInternal(image.name)
        topic.partitions = image.partitions.enumerated().map { index, partition in
            var answer = MetadataResponse.MetadataResponsePartition()
            answer.partitionIndex = Int32(index)
            answer.leaderId = partition.leader.rawValue
            answer.leaderEpoch = partition.leaderEpoch
            answer.replicaNodes = partition.replicas.map(\.rawValue)
            answer.isrNodes = partition.isr.map(\.rawValue)
            // A replica in a directory that failed leads nothing, and as yet nobody else could.
            if unusable.contains(answer.partitionIndex) {
                answer.leaderId = BrokerID.none.rawValue
                answer.offlineReplicas = [broker.id.rawValue]
            }
            if answer.leaderId == BrokerID.none.rawValue { answer.errorCode = ErrorCode.leaderNotAvailable.rawValue }
            return answer
        }
        return topic
    }
}
