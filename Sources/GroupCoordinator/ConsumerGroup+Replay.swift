import Bytes
import Coordination
import KafkaProtocol

extension ConsumerGroup {
    /// Takes in what the log says. Anything is possible there: a log may begin in the middle of a story, when its older
    /// records have been compacted away.
    public mutating func replay(_ record: ConsumerGroupRecord) {
        switch record {
        case .metadata(let value): epoch = value?.epoch ?? 0
        case .partitionMetadata(let value): seenTopics = Self.seen(value)
        case .member(let id, let value):
            if let value { change(id) { $0.take(value) } } else { forget(id) }
        case .targetMetadata(let value):
            target.epoch = value?.assignmentEpoch ?? -1
            target.timestamp = value?.assignmentTimestamp ?? 0
        case .target(let member, let value): target.members[member] = value.map(Self.partitions)
        case .current(let id, let value):
            if let value {
                change(id) { $0.take(value) }
            } else if members[id] != nil {
                change(id) { member in
                    member.epoch = ConsumerGroupMember.leaveEpoch
                    member.previousEpoch = ConsumerGroupMember.leaveEpoch
                    member.assigned = [:]
                    member.revoking = [:]
                }
            }
        case .regex(let regex, let value):
            regexes[regex] = value.map { value in
                ResolvedRegex(
                    topics: ConsumerGroupMember.ordered(value.topics), version: value.version,
                    timestamp: value.timestamp)
            }
        }
    }

    /// Changes a record's worth of the group and writes the record.
    mutating func write(_ record: ConsumerGroupRecord, into effects: inout GroupEffects) {
        replay(record)
        effects.append(record.encoded(group: id))
    }

    mutating func change(_ id: String, _ body: (inout ConsumerGroupMember) -> Void) {
        let before = members[id]
        var member = before ?? ConsumerGroupMember(id: id)
        body(&member)
        account(before, member)
        members[id] = member
    }

    private mutating func forget(_ id: String) {
        guard let member = members.removeValue(forKey: id) else { return }
        account(member, nil)
        joinsAwaited.remove(id)
    }

    /// Keeps right what follows from the members when one of them changes. Most changes are about what it holds.
    private mutating func account(_ before: ConsumerGroupMember?, _ after: ConsumerGroupMember?) {
        if before?.topics != after?.topics {
            for topic in before?.topics ?? [] { topicSubscribers.count(topic, -1) }
            for topic in after?.topics ?? [] { topicSubscribers.count(topic, 1) }
        }
        if before?.regex != after?.regex {
            if let regex = before?.regex { regexSubscribers.count(regex, -1) }
            if let regex = after?.regex { regexSubscribers.count(regex, 1) }
        }
        if before?.assignor != after?.assignor {
            if let assignor = before?.assignor { assignorVotes.count(assignor, -1) }
            if let assignor = after?.assignor { assignorVotes.count(assignor, 1) }
        }
        if before?.classic != after?.classic {
            classicMembers += (after?.classic == nil ? 0 : 1) - (before?.classic == nil ? 0 : 1)
            for offer in before?.classic?.protocols ?? [] { classicOffers.count(offer.name, -1) }
            for offer in after?.classic?.protocols ?? [] { classicOffers.count(offer.name, 1) }
        }
        if let instance = before?.instanceID, instance != after?.instanceID, staticMembers[instance] == before?.id {
            staticMembers[instance] = nil
        }
        if let after, let instance = after.instanceID { staticMembers[instance] = after.id }
        let isHolding =
            before?.epoch == after?.epoch && before?.assigned == after?.assigned
            && before?.revoking == after?.revoking
        guard !isHolding else { return }
        if let before {
            letGo(before.assigned, since: before.epoch)
            letGo(before.revoking, since: before.epoch)
        }
        if let after {
            hold(after.assigned, since: after.epoch)
            hold(after.revoking, since: after.epoch)
        }
    }

    private mutating func hold(_ partitions: HeldPartitions, since epoch: Int32) {
        for (topic, held) in partitions {
            for partition in held.keys { holders[topic, default: [:]][partition] = epoch }
        }
    }

    /// Another member may hold a partition already, where the log of a compacted past skips the moment of handing over.
    private mutating func letGo(_ partitions: HeldPartitions, since epoch: Int32) {
        for (topic, held) in partitions {
            for partition in held.keys where holders[topic]?[partition] == epoch {
                holders[topic]?[partition] = nil
            }
            if holders[topic]?.isEmpty == true { holders[topic] = nil }
        }
    }

    private static func partitions(_ value: ConsumerGroupTargetAssignmentMemberValue) -> PartitionsByTopic {
        var partitions: PartitionsByTopic = [:]
        for topic in value.topicPartitions where !topic.partitions.isEmpty {
            partitions[topic.topicId] = topic.partitions.sorted()
        }
        return partitions
    }

    private static func seen(_ value: ConsumerGroupPartitionMetadataValue?) -> [String: SeenTopic] {
        var topics: [String: SeenTopic] = [:]
        for told in value?.topics ?? [] {
            var topic = SeenTopic(id: told.topicId, partitionCount: told.numPartitions)
            for partition in told.partitionMetadata { topic.racks[partition.partition] = partition.racks.sorted() }
            topics[told.topicName] = topic
        }
        return topics
    }
}

extension [String: Int] {
    /// Counts up or down; what nobody is left for is gone.
    fileprivate mutating func count(_ key: String, _ step: Int) {
        let count = self[key, default: 0] + step
        self[key] = count == 0 ? nil : count
    }
}
