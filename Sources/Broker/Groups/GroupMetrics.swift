import GroupCoordinator
import Telemetry

/// What is counted of groups.
struct GroupMetrics: Sendable {
    private let commits: Counter
    private let expirations: Counter
    private let deletions: Counter
    private let classicRebalances: Counter
    private let consumerRebalances: Counter

    init(_ metrics: Metrics) {
        commits = metrics.counter("skafka_group_offset_commits_total", help: "Offsets that were committed.")
        expirations = metrics.counter("skafka_group_offset_expirations_total", help: "Offsets that expired.")
        deletions = metrics.counter(
            "skafka_group_offset_deletions_total", help: "Offsets that were deleted on request.")
        classicRebalances = metrics.counter(
            "skafka_group_rebalances_total", labels: ["protocol": "classic"], help: "Generations and epochs that began."
        )
        consumerRebalances = metrics.counter(
            "skafka_group_rebalances_total", labels: ["protocol": "consumer"],
            help: "Generations and epochs that began.")
    }

    func count(_ event: GroupEvent) {
        switch event {
        case .offsetsCommitted(let count): commits.add(count)
        case .offsetsExpired(let count): expirations.add(count)
        case .offsetsDeleted(let count): deletions.add(count)
        case .rebalanced(.classic): classicRebalances.add()
        case .rebalanced(.consumer): consumerRebalances.add()
        }
    }
}
