import Coordination
import GroupCoordinator
import Telemetry
import Timing

/// What is counted of groups.
struct GroupMetrics: Sendable {
    private let commits: Counter
    private let expirations: Counter
    private let deletions: Counter
    private let classicRebalances: Counter
    private let consumerRebalances: Counter
    private let loads: Counter
    private let loadMilliseconds: Counter

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
        loads = metrics.counter("skafka_group_loads_total", help: "Partitions of __consumer_offsets that were read.")
        loadMilliseconds = metrics.counter(
            "skafka_group_load_milliseconds_total", help: "What reading them took, all together.")
    }

    func loaded(within duration: Duration) {
        loads.add()
        loadMilliseconds.add(Int(clamping: duration.wholeMilliseconds))
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

extension GroupCoordinators {
    private static let states: [(GroupType, [String])] = [
        (.classic, ["Empty", "PreparingRebalance", "CompletingRebalance", "Stable"]),
        (.consumer, ["Empty", "Assigning", "Reconciling", "Stable"]),
    ]

    /// What is asked of the shards when somebody reads the metrics.
    func registerGauges(_ metrics: Metrics) {
        for (type, states) in Self.states {
            for state in states {
                metrics.gauge(
                    "skafka_group_groups", labels: ["protocol": type.rawValue, "state": state],
                    help: "Groups that this broker coordinates."
                ) { [weak self] in
                    self?.sum { $0.groups.values.count { $0.type == type && $0.stateName == state } } ?? 0
                }
            }
        }
        metrics.gauge("skafka_group_members", help: "Members of all groups.") { [weak self] in
            self?.sum { $0.groups.values.reduce(0) { $0 + $1.memberCount } } ?? 0
        }
        metrics.gauge("skafka_group_offsets", help: "Partitions of which a group has committed an offset.") {
            [weak self] in self?.sum { $0.offsets.count } ?? 0
        }
    }

    private func sum(_ count: (GroupShard) -> Int) -> Double {
        Double(shards.reduce(0) { $0 + $1.inspect { count($0.state) } })
    }
}
