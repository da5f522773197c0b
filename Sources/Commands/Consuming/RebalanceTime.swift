import KafkaModel
import Timing

/// How long a consumer had no partition because its group was being shared.
final class RebalanceTime {
    private(set) var total: Int64 = 0
    private var round: Int64 = 0
    private var assigned: Set<TopicPartition> = []
    private var start: Timestamp

    init(_ start: Timestamp) { self.start = start }

    func revoked(_ partitions: [TopicPartition], at now: Timestamp) {
        assigned.subtract(partitions)
        if assigned.isEmpty { start = now }
    }

    func assigned(_ partitions: [TopicPartition], at now: Timestamp) {
        if assigned.isEmpty {
            let elapsed = max(0, now.milliseconds - start.milliseconds)
            total += elapsed
            round += elapsed
        }
        assigned.formUnion(partitions)
    }

    /// What came to it since the last time.
    func takeRound() -> Int64 {
        defer { round = 0 }
        return round
    }
}
