import CommandLine
import KafkaClient
import KafkaModel
import Timing

/// `consumer-groups --describe`: asks for what a view shows, for all groups at once, and prints a block for each.
struct GroupsDescribing {
    let request: ConsumerGroupsRequest
    let description: ConsumerGroupsRequest.Description
    let admin: Admin
    let environment: Environment
    let time: Timestamp?

    private var console: Console { environment.console }

    func run(_ ids: [String]) throws(ClientError) -> ExitCode {
        var outcome = ExitCode.done
        var groups: [GroupDescription] = []
        for (id, result) in try admin.describeGroups(ids).sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let group): groups.append(group)
            case .failure(let error):
                outcome = .failed
                if error.code == .groupIDNotFound {
                    tellMissing(id)
                } else {
                    console.tell(ConsumerGroups.failure(error.cause))
                }
            }
        }
        let (offsets, isWhole) = try description.view == .offsets ? self.offsets(of: groups) : ([:], true)
        if !isWhole { outcome = .failed }
        var rows: [StructuredValue] = []
        for group in groups {
            guard group.state != .dead else {
                tellMissing(group.id)
                outcome = .failed
                continue
            }
            tellState(of: group)
            print(group, offsets[group.id], &rows)
        }
        if request.form != .text { environment.print(GroupsWatch.stamped(rows, time), as: request.form) }
        return outcome
    }

    private func tellMissing(_ id: String) {
        console.tell("\nError: Consumer group '\(id)' does not exist.")
        do throws(ClientError) {
            let names = try admin.listGroups(.consumers).groups.map(\.id)
            if let near = nearest(to: id, among: names) { console.tell("Did you mean \(near)?") }
        } catch {
            // It would only have been a hint.
        }
    }

    private func tellState(of group: GroupDescription) {
        switch group.state {
        case .empty: console.tell("\nConsumer group '\(group.id)' has no active members.")
        case .preparingRebalance, .completingRebalance, .assigning, .reconciling:
            console.tell("\nWarning: Consumer group '\(group.id)' is rebalancing.")
        case .stable, .dead, .notReady, .unknown: break
        }
    }

    private func print(_ group: GroupDescription, _ offsets: GroupOffsetsReport?, _ rows: inout [StructuredValue]) {
        let isText = request.form == .text
        switch description.view {
        case .offsets:
            guard let offsets else { return }
            if isText { console.write(offsets.text(description)) }
            rows += isText ? [] : offsets.structured(description)
        case .members:
            let report = GroupMembersReport(group: group)
            if isText { console.write(report.text(description)) }
            rows += isText ? [] : report.structured(request.form)
        case .state:
            let report = GroupStateReport(group: group)
            if isText { console.write(report.text(description)) }
            rows += isText ? [] : [report.structured]
        }
    }

    /// What each group has committed beside the ends of its partitions, and whether all was found out.
    private func offsets(
        of groups: [GroupDescription]
    ) throws(ClientError) -> (reports: [String: GroupOffsetsReport], isWhole: Bool) {
        let living = groups.filter { $0.state != .dead }
        guard !living.isEmpty else { return ([:], true) }
        var committed: [String: [TopicPartition: CommittedOffset]] = [:]
        var partitions: Set<TopicPartition> = []
        for (id, result) in try admin.listGroupOffsets(living.map(\.id)).sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let offsets): committed[id] = offsets
            case .failure(let error): console.tell(ConsumerGroups.failure(error.cause))
            }
        }
        for group in living {
            partitions.formUnion(GroupOffsetsReport.partitions(of: group, committed: committed[group.id] ?? [:]))
        }
        let (ends, areWhole) = try ends(of: partitions)
        let isWhole = areWhole && committed.count == living.count
        var reports: [String: GroupOffsetsReport] = [:]
        for group in living {
            guard let own = committed[group.id] else { continue }
            reports[group.id] = GroupOffsetsReport(
                group, committed: own, ends: ends,
                lags: description.showsLagSeconds ? try lags(own, ends: ends) : [:])
        }
        return (reports, isWhole)
    }

    /// A topic that is gone, or a partition without a leader, has no end; for other reasons somebody should know.
    private func ends(
        of partitions: Set<TopicPartition>
    ) throws(ClientError) -> (ends: [TopicPartition: Int64], isWhole: Bool) {
        var ends: [TopicPartition: Int64] = [:]
        var isWhole = true
        let existing = try existing(partitions)
        for (partition, result) in try admin.listOffsets(existing, .latest).sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success(let end): ends[partition] = end
            case .failure(let error):
                console.tell("skafka: the end of \(partition) is not known: \(error.cause)")
                isWhole = false
            }
        }
        return (ends, isWhole)
    }

    /// Those that have a leader.
    private func existing(_ partitions: Set<TopicPartition>) throws(ClientError) -> [TopicPartition] {
        guard !partitions.isEmpty else { return [] }
        let led = try admin.metadata(topics: Set(partitions.map(\.topic)).sorted()).flatMap { topic in
            topic.partitions.filter { $0.leader >= 0 }.map { TopicPartition(topic.name, $0.index) }
        }
        return partitions.intersection(led).sorted()
    }

    /// How old the first record is that a group has not read: nothing where it has read all.
    private func lags(
        _ committed: [TopicPartition: CommittedOffset], ends: [TopicPartition: Int64]
    ) throws(ClientError) -> [TopicPartition: Int64] {
        var lags: [TopicPartition: Int64] = [:]
        var unread: [TopicPartition: Int64] = [:]
        for (partition, offset) in committed {
            guard let end = ends[partition] else { continue }
            if offset.offset < end { unread[partition] = offset.offset } else { lags[partition] = 0 }
        }
        let times = try admin.recordTimes(at: unread)
        let now = Clock.system.timestamp.milliseconds
        for (partition, time) in times { lags[partition] = max(0, now - time.milliseconds) }
        return lags
    }
}
