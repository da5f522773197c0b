import CommandLine
import KafkaClient
import KafkaModel
import Timing

/// `consumer-groups --reset-offsets`: asks for what a plan needs, group by group, and commits it if that is wanted.
struct GroupsResetting {
    let request: ConsumerGroupsRequest
    let reset: OffsetsReset
    let admin: Admin
    let environment: Environment

    private var console: Console { environment.console }

    /// Why a group stays where it is.
    private struct Refusal: Error {
        let message: String
        var hint: String?

        static func asking<Value>(_ body: () throws(ClientError) -> Value) throws(Refusal) -> Value {
            do throws(ClientError) {
                return try body()
            } catch {
                throw Refusal(message: ConsumerGroups.failure(error.cause))
            }
        }
    }

    func run(_ ids: [String]) throws(ClientError) -> ExitCode {
        var outcome = ExitCode.done
        var report = ResetReport()
        for (id, result) in try admin.describeGroups(ids).sorted(by: { $0.key < $1.key }) {
            var state = GroupState.dead
            switch result {
            case .success(let group): state = group.state
            case .failure(let error): guard error.code == .groupIDNotFound else { throw error }
            }
            guard state == .empty || state == .dead else {
                console.tell(
                    "\nError: Assignments can only be reset if the group '\(id)' is inactive, but the current state is "
                        + "\(state.rawValue).")
                console.tell("Stop its consumers first; " + ConsumerGroups.showMembers(id))
                report.add(id, [:])
                outcome = .failed
                continue
            }
            do throws(Refusal) {
                report.add(id, try move(id))
            } catch {
                console.tell(error.message)
                if let hint = error.hint { console.tell(hint) }
                outcome = .failed
            }
        }
        // As Kafka's, which says no more when a plan cannot be made.
        if outcome == .done || !report.groups.isEmpty { print(report) }
        return outcome
    }

    private func print(_ report: ResetReport) {
        if reset.isExported {
            let isOne = if case .named(let ids) = request.groups { ids.count == 1 } else { false }
            console.write(report.csv(naming: !isOne))
        } else if request.form == .text {
            console.write(report.text)
        } else {
            environment.print(report.structured, as: request.form)
        }
    }

    /// Makes the plan of a group and, where that is wanted, commits it.
    private func move(_ id: String) throws(Refusal) -> [TopicPartition: Int64] {
        let partitions: [TopicPartition]
        if case .plan(let file) = reset.target {
            guard let planned = file.offsets[id] else {
                throw Refusal(message: "\nError: No reset plan for group \(id) found")
            }
            partitions = planned.keys.sorted()
        } else {
            partitions = try Refusal.asking { () throws(ClientError) in try self.partitions(of: id).sorted() }
        }
        let problem = try Refusal.asking { () throws(ClientError) in try self.problem(with: partitions) }
        if let problem { throw Refusal(message: ConsumerGroups.failure(problem)) }
        let facts = try Refusal.asking { () throws(ClientError) in try self.facts(for: id, partitions) }
        let plan: OffsetsReset.Plan
        do throws(OffsetsReset.Obstacle) {
            plan = try reset.plan(for: id, partitions, facts)
        } catch {
            throw Refusal(message: ConsumerGroups.failure(error.message))
        }
        for warning in plan.warnings { ToolLog.warning(warning, "org.apache.kafka.tools.OffsetsUtils", environment) }
        for remark in plan.remarks { console.tell("\n\(remark)") }
        if reset.isExecuted { try commit(plan.offsets, of: id) }
        return plan.offsets
    }

    private func partitions(of id: String) throws(ClientError) -> Set<TopicPartition> {
        switch reset.scope {
        case .planned: return []
        case .allTopics: return Set(try committed(by: id).keys)
        case .topics(let topics):
            var partitions: Set<TopicPartition> = []
            let whole = topics.filter { $0.partitions == nil }.map(\.topic)
            for topic in whole.isEmpty ? [] : try admin.metadata(topics: Set(whole).sorted()) {
                guard topic.error == .none else {
                    throw ClientError("the cluster", .receive(.metadata), .topicRefused(topic.name, topic.error))
                }
                partitions.formUnion(topic.partitions.map { TopicPartition(topic.name, $0.index) })
            }
            for topic in topics {
                partitions.formUnion((topic.partitions ?? []).map { TopicPartition(topic.topic, $0) })
            }
            return partitions
        }
    }

    private func committed(by id: String) throws(ClientError) -> [TopicPartition: CommittedOffset] {
        try admin.listGroupOffsets([id])[id]?.get() ?? [:]
    }

    /// What keeps partitions from being reset at all, in Kafka's words.
    private func problem(with partitions: [TopicPartition]) throws(ClientError) -> String? {
        guard !partitions.isEmpty else { return nil }
        var leaders: [TopicPartition: Int32] = [:]
        for topic in try admin.metadata(topics: Set(partitions.map(\.topic)).sorted()) {
            for partition in topic.partitions {
                leaders[TopicPartition(topic.name, partition.index)] = partition.leader
            }
        }
        func list(_ partitions: [TopicPartition]) -> String {
            partitions.map(\.description).joined(separator: ",")
        }
        let missing = partitions.filter { leaders[$0] == nil }
        if !missing.isEmpty { return "The partitions \"\(list(missing))\" do not exist" }
        let lost = partitions.filter { leaders[$0] ?? -1 < 0 }
        if !lost.isEmpty { return "The partitions \"\(list(lost))\" have no leader" }
        return nil
    }

    private func facts(
        for id: String, _ partitions: [TopicPartition]
    ) throws(ClientError) -> OffsetsReset.Facts {
        var facts = OffsetsReset.Facts()
        guard !partitions.isEmpty else { return facts }
        let needs = reset.needs
        if needs.contains(.starts) { facts.starts = try offsets(partitions, .earliest) }
        if needs.contains(.ends) { facts.ends = try offsets(partitions, .latest) }
        if needs.contains(.committed) { facts.committed = try committed(by: id) }
        if needs.contains(.times) { facts.times = try offsets(partitions, .at(time)) }
        return facts
    }

    /// Brokers take no time before 1970: there the numbers stand for other things.
    private var time: Timestamp {
        let now = Clock.system.timestamp
        return switch reset.target {
        case .time(let time): max(time, Timestamp(milliseconds: 0))
        case .age(let age): Timestamp(milliseconds: max(0, now.milliseconds.addingClamped(0 &- age)))
        case .earliest, .latest, .current, .offset, .shift, .plan: now
        }
    }

    private func offsets(
        _ partitions: [TopicPartition], _ spec: OffsetSpec
    ) throws(ClientError) -> [TopicPartition: Int64] {
        var offsets: [TopicPartition: Int64] = [:]
        for (partition, result) in try admin.listOffsets(partitions, spec) { offsets[partition] = try result.get() }
        return offsets
    }

    private func commit(_ offsets: [TopicPartition: Int64], of id: String) throws(Refusal) {
        guard !offsets.isEmpty else { return }
        let codes = try Refusal.asking { () throws(ClientError) in
            try admin.alterGroupOffsets(id, offsets.mapValues { CommittedOffset($0) })
        }
        let failed = offsets.keys.filter { codes[$0] != .some(.none) }.sorted()
        guard let first = failed.first else { return }
        let code = codes[first] ?? .unknownServerError
        let list = failed.map(\.description).joined(separator: ", ")
        throw Refusal(
            message: ConsumerGroups.failure(
                "Failed altering group offsets for the following partitions: [\(list)]: \(code.message) "
                    + "(\(code.name))"),
            hint: code == .unknownMemberID
                ? "A consumer has joined the group meanwhile; " + ConsumerGroups.showMembers(id) : nil)
    }
}
