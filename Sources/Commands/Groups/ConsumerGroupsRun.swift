import CommandLine
import KafkaClient
import KafkaModel
import Timing

/// Does what a request for `skafka consumer-groups` asks.
struct ConsumerGroupsRun {
    let request: ConsumerGroupsRequest
    let admin: Admin
    let environment: Environment

    private var console: Console { environment.console }

    func run() -> ExitCode {
        guard let seconds = request.watch else { return look(environment, at: nil) }
        return GroupsWatch(seconds: seconds, form: request.form, environment: environment).run { environment, time in
            look(environment, at: time)
        }
    }

    /// - Parameter time: when it is, for one who looks again and again.
    private func look(_ environment: Environment, at time: Timestamp?) -> ExitCode {
        do throws(ClientError) {
            switch request.action {
            case .list(let listing): return try list(listing, environment, at: time)
            case .describe(let description):
                return try GroupsDescribing(
                    request: request, description: description, admin: admin, environment: environment, time: time
                ).run(try groupIDs())
            case .delete: return try delete()
            case .reset(let reset):
                return try GroupsResetting(
                    request: request, reset: reset, admin: admin, environment: environment
                ).run(try groupIDs())
            case .deleteOffsets(let group, let topics): return try deleteOffsets(group, topics)
            case .validateRegex: return .done
            }
        } catch {
            environment.console.tell(ConsumerGroups.failure(error.cause))
            return .failed
        }
    }

    /// The groups that are meant.
    private func groupIDs() throws(ClientError) -> [String] {
        switch request.groups {
        case .named(let ids): return ids
        case .all:
            let (groups, failures) = try admin.listGroups(.consumers)
            if let failure = failures.first { throw failure }
            return groups.map(\.id)
        }
    }

    private func list(
        _ listing: ConsumerGroupsRequest.Listing, _ environment: Environment, at time: Timestamp?
    ) throws(ClientError) -> ExitCode {
        let (groups, failures) = try admin.listGroups(listing.filter)
        let report = GroupListReport(groups: groups)
        // A broker that does not answer leaves the groups of the others to be told.
        if request.form == .text {
            environment.console.write(groups.isEmpty && !failures.isEmpty ? "" : report.text(listing))
        } else {
            environment.print(GroupsWatch.stamped(report.structured, time), as: request.form)
        }
        for failure in failures { environment.console.tell(ConsumerGroups.failure(failure.cause)) }
        return failures.isEmpty ? .done : .failed
    }

    private func delete() throws(ClientError) -> ExitCode {
        let results = try admin.deleteGroups(try groupIDs())
        var deleted: [String] = []
        var failed: [(id: String, error: ClientError)] = []
        for (id, result) in results.sorted(by: { $0.key < $1.key }) {
            switch result {
            case .success: deleted.append(id)
            case .failure(let error): failed.append((id, error))
            }
        }
        let list = deleted.map { "'\($0)'" }.joined(separator: ", ")
        guard !failed.isEmpty else {
            console.print("Deletion of requested consumer groups (\(list)) was successful.")
            return .done
        }
        console.tell("\nError: Deletion of some consumer groups failed:")
        for (id, error) in failed {
            console.tell("* Group '\(id)' could not be deleted due to: \(error.cause)")
        }
        if let (id, _) = failed.first(where: { $0.error.code == .nonEmptyGroup }) {
            console.tell("A group is deleted when its members have left; " + ConsumerGroups.showMembers(id))
        }
        if !deleted.isEmpty { console.print("\nThese consumer groups were deleted successfully: \(list)") }
        return .failed
    }

    private func deleteOffsets(_ group: String, _ topics: [TopicSelection]) throws(ClientError) -> ExitCode {
        var partitions: Set<TopicPartition> = []
        var results: [TopicPartition: String?] = [:]
        let whole = topics.filter { $0.partitions == nil }.map(\.topic)
        for topic in whole.isEmpty ? [] : try admin.metadata(topics: Set(whole).sorted()) {
            partitions.formUnion(topic.partitions.map { TopicPartition(topic.name, $0.index) })
            guard topic.error != .none else { continue }
            results[TopicPartition(topic.name, -1)] = "\(topic.error.message) (\(topic.error.name))"
        }
        for topic in topics {
            partitions.formUnion((topic.partitions ?? []).map { TopicPartition(topic.topic, $0) })
        }
        do throws(ClientError) {
            let codes = partitions.isEmpty ? [:] : try admin.deleteGroupOffsets(group, partitions.sorted())
            for partition in partitions {
                let code = codes[partition] ?? .unknownServerError
                results[partition] = .some(code == .none ? nil : "\(code.message) (\(code.name))")
            }
            if results.values.contains(where: { $0 != nil }) {
                console.tell("\nError: Encountered some partition-level error, see the follow-up details.")
            } else {
                console.print("Request succeeded for deleting offsets from group \(group).")
            }
        } catch {
            guard error.code != nil else { throw error }
            for partition in partitions { results[partition] = error.cause }
            console.tell("\nError: \(error.cause)")
        }
        let report = DeletedOffsetsReport(group: group, results: results)
        if request.form == .text {
            console.write(report.text)
        } else {
            environment.print(report.structured, as: request.form)
        }
        return report.hasFailures ? .failed : .done
    }
}

/// What became of the offsets that were to be deleted.
struct DeletedOffsetsReport {
    let group: String
    /// Why not, where they were not. A topic that is not there has the partition -1.
    let results: [TopicPartition: String?]

    var hasFailures: Bool { results.values.contains { $0 != nil } }

    private var rows: [(partition: TopicPartition, error: String?)] {
        results.map { ($0.key, $0.value) }.sorted {
            let (one, other) = ("\($0.0.topic)\($0.0.partition)", "\($1.0.topic)\($1.0.partition)")
            return one < other
        }
    }

    var text: String {
        let columns = PaddedColumns([PaddedColumns.width(15, results.keys.map(\.topic)), 10, 15])
        let lines = rows.map { row in
            [
                row.partition.topic, row.partition.partition < 0 ? "-" : "\(row.partition.partition)",
                row.error.map { "Error: \($0)" } ?? "Successful",
            ]
        }
        return "\n" + ([["TOPIC", "PARTITION", "STATUS"]] + lines).map { columns.line($0) + "\n" }.joined()
    }

    var structured: [StructuredValue] {
        rows.map { row in
            [
                "group": .string(group), "topic": .string(row.partition.topic),
                "partition": row.partition.partition < 0 ? .null : .int(row.partition.partition),
                "deleted": .bool(row.error == nil), "error": .optional(row.error),
            ]
        }
    }
}

extension ConsumerGroups {
    /// How Kafka's tool tells of a failure.
    static func failure(_ message: String) -> String {
        "\nError: Executing consumer group command failed due to \(message)"
    }

    /// What to do about members that are in the way.
    static func showMembers(_ group: String) -> String {
        "'skafka consumer-groups --describe --group \(group) --members' shows them."
    }
}
