import KafkaClient
import KafkaModel
import Timing

/// What a console consumer is given by its group, and where each of these partitions ended when it came, for who wants to
/// end there.
final class ConsoleShare {
    private let consumer: Consumer
    let endsAtEnd: Bool
    /// Nil before the group has given anything.
    private var ends: [TopicPartition: Int64]?
    /// Why the ends are not known.
    private(set) var problem: ClientError?

    init(_ consumer: Consumer, endsAtEnd: Bool) {
        self.consumer = consumer
        self.endsAtEnd = endsAtEnd
    }

    func join(_ source: ConsoleRequest.Source) {
        let listener = RebalanceListener(
            revoked: { [unowned self] partitions in for partition in partitions { ends?[partition] = nil } },
            assigned: { [unowned self] in assigned($0) })
        switch source {
        case .topic(let topic), .partition(let topic, _): consumer.join(.topics([topic]), listener: listener)
        case .matching(let filter):
            let excludesInternal = consumer.configuration.excludesInternalTopics
            consumer.join(
                .matching { name, _ in filter.allows(name, excludingInternal: excludesInternal) }, listener: listener)
        }
    }

    private func assigned(_ partitions: [TopicPartition]) {
        guard endsAtEnd else { return }
        let configuration = consumer.configuration
        do throws(ClientError) {
            let found = try OffsetLookup(configuration, consumer.metadata).offsets(
                of: partitions, .latest, until: Clock.system.now + configuration.client.apiTimeout)
            var ends = ends ?? [:]
            for (partition, end) in found { ends[partition] = end ?? 0 }
            self.ends = ends
        } catch {
            problem = error
        }
    }

    func end(of partition: TopicPartition) -> Int64? { ends?[partition] }

    /// Whether everything was read that was there when it came. A partition that is at its end rests.
    var isAtEnd: Bool {
        guard endsAtEnd, let ends else { return false }
        return ends.allSatisfy { partition, end in
            guard let position = consumer.position(of: partition), position >= end else { return false }
            consumer.pause(partition)
            return true
        }
    }
}
