import Timing

/// Which topics the cluster is asked about: those that are in use. A topic that somebody deleted would come into being
/// again by being asked for, again and again.
extension RecordAccumulator {
    func isInUse(_ name: String, now: Instant) -> Bool {
        guard let topic = topics[name] else { return false }
        return isInUse(topic, now)
    }

    private func isInUse(_ topic: TopicQueue, _ now: Instant) -> Bool {
        if topic.isForgotten { return false }
        return now - topic.used < limits.topicIdleMax
            || topic.partitions.contains { !$0.isEmpty || !$0.unresolved.isEmpty || $0.onWireCount > 0 }
    }

    /// Topics in use that were learned so long ago; others of that age are forgotten.
    func agedTopics(now: Instant, age: Duration) -> [String] {
        var aged: [String] = []
        for topic in topics.values where now - topic.learned >= age {
            if isInUse(topic, now) { aged.append(topic.name) } else { topic.isForgotten = true }
        }
        return aged
    }

    func topics(ledBy broker: Int32, now: Instant) -> [String] {
        topics.values.filter { topic in
            topic.partitions.contains { $0.leader == broker } && isInUse(topic, now)
        }.map(\.name)
    }
}
