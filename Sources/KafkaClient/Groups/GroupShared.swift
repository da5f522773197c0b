import KafkaModel
import Posix
import Timing

/// What a consumer shares with the threads of its group.
final class GroupShared: Sendable {
    let settings: GroupSettings
    let state: Monitor<GroupSession>
    private let membershipInterruption = Interruption()
    private let offsetsInterruption = Interruption()

    init(_ settings: GroupSettings) {
        self.settings = settings
        state = Monitor(GroupSession(settings))
    }

    /// Ends a wait for the coordinator when the consumer is closed.
    func interruption(_ duty: GroupDuty) -> Interruption {
        switch duty {
        case .membership: membershipInterruption
        case .offsets: offsetsInterruption
        }
    }

    /// What there is of topics now, for the leader.
    func assignable(
        _ topics: [String], _ shared: ConsumerShared, until deadline: Instant
    ) throws(ClientError) -> AssignableTopics {
        try refresh(topics, shared, until: deadline)
        return known(topics, shared)
    }

    /// What of topics a leader shares anew for: racks count only where it says where it is itself.
    func watched(_ topics: AssignableTopics) -> AssignableTopics {
        settings.rack == nil ? AssignableTopics(counts: topics.racks.mapValues(\.count)) : topics
    }

    /// What is known of topics.
    func known(_ topics: [String], _ shared: ConsumerShared) -> AssignableTopics {
        let brokerRacks = Dictionary(
            shared.metadata.brokers.map { ($0.id, $0.rack) }, uniquingKeysWith: { first, _ in first })
        var racks: [String: [Set<String>]] = [:]
        for name in topics {
            guard let topic = shared.metadata.known(name), !topic.isMissing else { continue }
            racks[name] = topic.partitions.map { partition in
                Set(partition.replicas.compactMap { brokerRacks[$0] ?? nil })
            }
        }
        return AssignableTopics(racks)
    }

    /// Asks the cluster for topics; those that are not there stay unknown.
    func refresh(_ topics: [String], _ shared: ConsumerShared, until deadline: Instant) throws(ClientError) {
        guard !topics.isEmpty else { return }
        do throws(ClientError) {
            try shared.metadata.refresh(topics, until: deadline)
        } catch {
            if case .topicRefused = error.reason { return }
            throw error
        }
    }
}
