import Bytes
import KafkaModel
import KafkaProtocol

/// What members of the classic protocol tell each other through the coordinator, which does not look into it: messages
/// behind a version of their own.
enum GroupProtocol {
    /// `protocol_type` of consumers.
    static let type = "consumer"

    static func encode(_ subscription: ConsumerProtocolSubscription) -> [UInt8] {
        encode(subscription, version: ConsumerProtocolSubscription.versions.upperBound)
    }

    static func encode(_ partitions: [TopicPartition]) -> [UInt8] {
        var assignment = ConsumerProtocolAssignment()
        for (topic, own) in Dictionary(grouping: partitions, by: \.topic).sorted(by: { $0.key < $1.key }) {
            var entry = ConsumerProtocolAssignment.TopicPartition()
            entry.topic = topic
            entry.partitions = own.map(\.partition)
            assignment.assignedPartitions.append(entry)
        }
        return encode(assignment, version: ConsumerProtocolAssignment.versions.upperBound)
    }

    private static func encode<Message: WireMessage>(_ message: Message, version: Int16) -> [UInt8] {
        var writer = ByteWriter()
        writer.int16(version)
        message.encode(into: &writer, version: version)
        return Array(writer.bytes)
    }

    /// A subscription of any version; one that is newer begins with all of the newest we know.
    static func subscription(_ bytes: [UInt8]) throws(WireError) -> ConsumerProtocolSubscription { try decode(bytes) }

    static func assignment(_ bytes: [UInt8]) throws(WireError) -> [TopicPartition] {
        // Who gets nothing may get no bytes at all.
        guard !bytes.isEmpty else { return [] }
        let assignment: ConsumerProtocolAssignment = try decode(bytes)
        return assignment.assignedPartitions.flatMap { entry in
            entry.partitions.map { TopicPartition(entry.topic, $0) }
        }
    }

    private static func decode<Message: WireMessage>(_ bytes: [UInt8]) throws(WireError) -> Message {
        var reader = ByteReader(bytes.span.bytes)
        let version = try reader.int16()
        guard version >= 0 else { throw .unsupportedVersion }
        return try Message.decode(&reader, version: min(version, Message.versions.upperBound))
    }
}

extension AssignableMember {
    init(_ member: JoinGroupResponse.JoinGroupResponseMember) throws(WireError) {
        let subscription = try GroupProtocol.subscription(member.metadata)
        self.init(
            member.memberId, topics: subscription.topics,
            owned: subscription.ownedPartitions.flatMap { entry in
                entry.partitions.map { TopicPartition(entry.topic, $0) }
            }, generation: subscription.generationId, instanceID: member.groupInstanceId, rack: subscription.rackId,
            userData: subscription.userData)
    }
}
