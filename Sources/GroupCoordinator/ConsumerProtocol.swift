import Bytes
import KafkaProtocol
import Metadata

// The embedded protocol in which consumers of the classic protocol tell each other topics and partitions, as far as a
// broker has to speak it (KIP-848's online migration). A newer version than known is read as the newest known.

extension WireMessage {
    /// Nil where the bytes are not what their version says. They are between the members: to the coordinator it is as if
    /// the member had said nothing, as in Kafka, and there is nobody to tell why.
    init?(embedded bytes: [UInt8], versionMax: Int16) {
        var reader = ByteReader(bytes.span.bytes)
        do throws(WireError) {
            let version = try reader.int16()
            guard version >= Self.versions.lowerBound else { return nil }
            self = try Self.decode(&reader, version: min(version, versionMax))
        } catch {
            return nil
        }
    }
}

extension ConsumerProtocolSubscription {
    init?(embedded bytes: [UInt8]) { self.init(embedded: bytes, versionMax: Self.versions.upperBound) }

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
    init?(embedded bytes: [UInt8]) { self.init(embedded: bytes, versionMax: Self.versions.upperBound) }

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
