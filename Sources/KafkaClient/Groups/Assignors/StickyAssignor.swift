import KafkaModel

/// What both sticky assignors do: as even as can be, and moving as little as can be.
///
/// Members and partitions are numbers here: members in the order of the hash map in which Kafka's leader has them, which
/// decides ties, partitions by topic and number.
enum StickyAssignor {
    struct Plan {
        var shares: [String: [TopicPartition]]
        /// Partitions that another member has to give back first; nil where it was not found out on the way.
        var moving: [TopicPartition: String]?
    }

    static func assign(_ members: [AssignableMember], _ topics: AssignableTopics, claims: [StickyClaim]) -> Plan {
        let problem = StickyProblem(members, topics, claims)
        guard !members.isEmpty else { return Plan(shares: [:], moving: [:]) }
        if problem.wishesAreEqual {
            var even = EvenStickyPlan(problem)
            even.run()
            let moving = even.moving.map { (problem.partitions[$0.key], members[$0.value].id) }
            return Plan(
                shares: problem.named(even.shares), moving: Dictionary(moving, uniquingKeysWith: { first, _ in first }))
        }
        var general = GeneralStickyPlan(problem)
        general.run()
        return Plan(shares: problem.named(general.shares), moving: nil)
    }
}

/// Takes from an assignment what another member still has: it is given in the next rebalance, when it was given back.
enum CooperativeStickyAssignor {
    static func adjust(_ plan: StickyAssignor.Plan, _ members: [AssignableMember]) -> [String: [TopicPartition]] {
        var shares = plan.shares
        for (partition, member) in plan.moving ?? moving(plan.shares, members) {
            shares[member]?.removeAll { $0 == partition }
        }
        return shares
    }

    private static func moving(
        _ shares: [String: [TopicPartition]], _ members: [AssignableMember]
    ) -> [TopicPartition: String] {
        var added: [TopicPartition: String] = [:]
        var revoked: Set<TopicPartition> = []
        for member in members {
            let share = Set(shares[member.id] ?? [])
            let owned = Set(member.owned)
            for partition in share.subtracting(owned) { added[partition] = member.id }
            revoked.formUnion(owned.subtracting(share))
        }
        return added.filter { revoked.contains($0.key) }
    }
}
