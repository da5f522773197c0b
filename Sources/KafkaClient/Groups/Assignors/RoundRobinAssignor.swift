import KafkaModel

/// Deals all partitions of all topics, in order, to the members in turn, passing over those that do not want the topic.
enum RoundRobinAssignor {
    static func assign(_ members: [AssignableMember], _ topics: AssignableTopics) -> [String: [TopicPartition]] {
        var shares = Dictionary(members.map { ($0.id, [TopicPartition]()) }, uniquingKeysWith: { first, _ in first })
        let sorted = members.sorted(by: AssignableMember.precedes)
        let wishes = sorted.map { Set($0.topics) }
        var turn = 0
        for (topic, partitions) in topics.racks.sorted(by: { $0.key < $1.key }) {
            guard wishes.contains(where: { $0.contains(topic) }) else { continue }
            for number in partitions.indices {
                while !wishes[turn].contains(topic) { turn = (turn + 1) % sorted.count }
                shares[sorted[turn].id]?.append(TopicPartition(topic, Int32(number)))
                turn = (turn + 1) % sorted.count
            }
        }
        return shares
    }
}
