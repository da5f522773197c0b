import Bytes
import Coordination
import KafkaProtocol
import Metadata
import Timing

// Who shall have what.
extension ConsumerGroup {
    /// Computes the target assignment of the present epoch, if it is not there and the last one is old enough.
    mutating func renewTarget(_ context: GroupContext, into effects: inout GroupEffects) {
        guard target.epoch < epoch, mayAssign(context) else { return }
        let assignor = ServerAssignor(preferredAssignor(context)) ?? .uniform
        let problem = assignmentProblem(context.image)
        let assignment = assignor.assign(problem)
        for (index, member) in problem.members.enumerated() {
            let partitions = problem.partitions(assignment[index])
            guard partitions != target.members[member.id] else { continue }
            write(.target(member: member.id, Self.value(partitions)), into: &effects)
        }
        var value = ConsumerGroupTargetAssignmentMetadataValue()
        value.assignmentEpoch = epoch
        value.assignmentTimestamp = context.wall.milliseconds
        write(.targetMetadata(value), into: &effects)
    }

    /// Members that come one after the other are not worth an assignment each.
    private func mayAssign(_ context: GroupContext) -> Bool {
        let interval = settings(context).assignmentInterval.wholeMilliseconds
        guard target.timestamp != 0, interval != 0 else { return true }
        return context.wall.milliseconds >= target.timestamp.addingClamped(interval)
    }

    /// The one that most members ask for; who asks for none leaves it to the others, and at last to the broker.
    func preferredAssignor(_ context: GroupContext) -> String {
        let most = assignorVotes.max { ($0.value, $1.key) < ($1.value, $0.key) }
        return most?.key ?? context.settings.assignors.first ?? ServerAssignor.uniform.rawValue
    }

    private func assignmentProblem(_ image: ClusterImage) -> AssignmentProblem {
        let names = subscribedTopics
        let topics = names.compactMap { name in
            image.topic(name).map { AssignmentProblem.Topic(id: $0.id, partitionCount: $0.partitions.count) }
        }
        var problem = AssignmentProblem(topics: topics, isHomogeneous: isHomogeneous)
        var indices: [String: Int] = [:]
        for name in names {
            if let id = image.topicID(name) { indices[name] = problem.index(of: id) }
        }
        var shared: [Int]?
        for id in members.keys.sorted() {
            guard let member = members[id] else { continue }
            let topics = shared ?? Set(self.topics(of: member).compactMap { indices[$0] }).sorted()
            if problem.isHomogeneous { shared = topics }
            problem.add(id: id, instanceID: member.instanceID, topics: topics, current: target.members[id] ?? [:])
        }
        return problem
    }

    /// What a member named and what its expression matched.
    func topics(of member: ConsumerGroupMember) -> [String] {
        guard let regex = member.regex, let resolved = regexes[regex] else { return member.topics }
        return member.topics.isEmpty ? resolved.topics : member.topics + resolved.topics
    }

    static func value(_ partitions: PartitionsByTopic) -> ConsumerGroupTargetAssignmentMemberValue {
        var value = ConsumerGroupTargetAssignmentMemberValue()
        value.topicPartitions = partitions.keys.sorted().map { topic in
            var told = ConsumerGroupTargetAssignmentMemberValue.TopicPartition()
            told.topicId = topic
            told.partitions = partitions[topic] ?? []
            return told
        }
        return value
    }
}
