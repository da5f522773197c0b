import Bytes
import KafkaProtocol
import Metadata

// The embedded protocol in which consumers of the classic protocol tell each other topics and partitions, as far as a
// broker has to speak it (KIP-848's online migration). A newer version than known is read as the newest known.

extension ConsumerProtocolSubscription {
    init?(embedded bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        guard let version = try? reader.int16(), version >= Self.versions.lowerBound,
            let subscription = try? Self.decode(&reader, version: min(version, Self.versions.upperBound))
        else { return nil }
        self = subscription
    }

    /// The partitions that the member says it has, of topics that there are.
    func owned(_ image: ClusterImage) -> [ConsumerGroupHeartbeatRequest.TopicPartitions] {
        ownedPartitions.compactMap { owned in
            guard let id = image.topicID(owned.topic) else { return nil }
            var told = ConsumerGroupHeartbeatRequest.TopicPartitions()
            told.topicId = id
            told.partitions = owned.partitions
            return told
        }
    }
}

extension ConsumerProtocolAssignment {
    init?(embedded bytes: [UInt8]) {
        var reader = ByteReader(bytes.span.bytes)
        guard let version = try? reader.int16(), version >= Self.versions.lowerBound,
            let assignment = try? Self.decode(&reader, version: min(version, Self.versions.upperBound))
        else { return nil }
        self = assignment
    }

    /// The bytes a member is given, in the version of the subscription that it offered.
    static func embedded(_ partitions: PartitionsByTopic, asIn metadata: [UInt8], _ image: ClusterImage) -> [UInt8] {
        var reader = ByteReader(metadata.span.bytes)
        let version = max((try? reader.int16()) ?? 0, 0)
        var assignment = ConsumerProtocolAssignment()
        assignment.assignedPartitions = partitions.keys.sorted().compactMap { topic in
            guard let name = image.topic(id: topic)?.name else { return nil }
            var told = ConsumerProtocolAssignment.TopicPartition()
            told.topic = name
            told.partitions = partitions[topic] ?? []
            return told
        }
        return assignment.framed(version: min(version, versions.upperBound))
    }
}
