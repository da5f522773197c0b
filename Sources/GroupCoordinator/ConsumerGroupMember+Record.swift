import Bytes
import KafkaProtocol

// What the log says about a member, both ways.
extension ConsumerGroupMember {
    var metadataValue: ConsumerGroupMemberMetadataValue {
        var value = ConsumerGroupMemberMetadataValue()
        value.instanceId = instanceID
        value.rackId = rackID
        value.clientId = client.id
        value.clientHost = client.host
        value.subscribedTopicNames = topics
        // Kafka writes an empty one for none.
        value.subscribedTopicRegex = regex ?? ""
        value.rebalanceTimeoutMs = rebalanceTimeoutMs
        value.serverAssignor = assignor
        value.classicMemberMetadata = classic.map { classic in
            var told = ConsumerGroupMemberMetadataValue.ClassicMemberMetadata()
            told.sessionTimeoutMs = classic.sessionTimeoutMs
            told.supportedProtocols = classic.protocols.map { offer in
                var told = ConsumerGroupMemberMetadataValue.ClassicMemberMetadata.ClassicProtocol()
                told.name = offer.name
                told.metadata = offer.metadata
                return told
            }
            return told
        }
        return value
    }

    mutating func take(_ value: ConsumerGroupMemberMetadataValue) {
        instanceID = value.instanceId
        rackID = value.rackId
        client = GroupClient(id: value.clientId, host: value.clientHost)
        topics = Self.ordered(value.subscribedTopicNames)
        regex = value.subscribedTopicRegex.flatMap { $0.isEmpty ? nil : $0 }
        rebalanceTimeoutMs = value.rebalanceTimeoutMs
        assignor = value.serverAssignor
        classic = value.classicMemberMetadata.map { told in
            Classic(
                sessionTimeoutMs: told.sessionTimeoutMs,
                protocols: told.supportedProtocols.map { .init(name: $0.name, metadata: $0.metadata) })
        }
    }

    var currentValue: ConsumerGroupCurrentMemberAssignmentValue {
        var value = ConsumerGroupCurrentMemberAssignmentValue()
        value.memberEpoch = epoch
        value.previousMemberEpoch = previousEpoch
        value.state = state.rawValue
        value.assignedPartitions = Self.told(assigned)
        value.partitionsPendingRevocation = Self.told(revoking)
        return value
    }

    mutating func take(_ value: ConsumerGroupCurrentMemberAssignmentValue) {
        epoch = value.memberEpoch
        previousEpoch = value.previousMemberEpoch
        state = State(rawValue: value.state) ?? .unknown
        assigned = Self.held(value.assignedPartitions, since: value.memberEpoch)
        revoking = Self.held(value.partitionsPendingRevocation, since: value.memberEpoch)
    }

    /// Names in order, each once. Members send the same list with every full heartbeat, in order or not.
    static func ordered(_ names: [String]) -> [String] {
        let isOrdered = zip(names, names.dropFirst()).allSatisfy { $0 < $1 }
        return isOrdered ? names : Set(names).sorted()
    }

    private static func told(
        _ partitions: HeldPartitions
    ) -> [ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions] {
        partitions.keys.sorted().map { topic in
            var told = ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions()
            told.topicId = topic
            let held = (partitions[topic] ?? [:]).sorted { $0.key < $1.key }
            told.partitions = held.map(\.key)
            told.assignmentEpochs = held.map(\.value)
            return told
        }
    }

    /// Brokers before 4.2 wrote no epochs: the member has the partitions since its own, then.
    private static func held(
        _ told: [ConsumerGroupCurrentMemberAssignmentValue.TopicPartitions], since epoch: Int32
    ) -> HeldPartitions {
        var partitions: HeldPartitions = [:]
        for topic in told where !topic.partitions.isEmpty {
            let epochs = topic.assignmentEpochs.flatMap { $0.count == topic.partitions.count ? $0 : nil }
            for (index, partition) in topic.partitions.enumerated() {
                partitions[topic.topicId, default: [:]][partition] = epochs?[index] ?? max(epoch, 0)
            }
        }
        return partitions
    }
}
