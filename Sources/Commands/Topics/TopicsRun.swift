import Bytes
import CommandLine
import Configuration
import KafkaClient
import KafkaModel

/// Does what a request for `skafka topics` asks.
struct TopicsRun {
    let request: TopicsRequest
    let admin: Admin
    let environment: Environment

    func run() throws(ClientError) -> ExitCode {
        switch request.action {
        case .list: return try list()
        case .describe(let description): return try describe(description)
        case .create(let topic): return try create(topic)
        case .alter(let partitions, let assignment): return try alter(partitions, assignment)
        case .delete: return try delete()
        }
    }

    private func fail(_ message: String, hint: String? = nil) -> ExitCode {
        environment.console.tell(Topics.failure + message)
        if let hint { environment.console.tell(hint) }
        return .failed
    }

    /// The topics that are meant, in the order of their names.
    private func chosen(_ topics: [TopicDescription]) -> [TopicDescription] {
        topics.filter { topic in
            if let filter = request.filter {
                return filter.allows(topic.name, excludingInternal: request.excludesInternal)
            }
            return !(request.excludesInternal && TopicName.isInternal(topic.name))
        }.sorted { $0.name < $1.name }
    }

    private func missing(_ all: [TopicDescription]) -> ExitCode {
        let topic = request.topic ?? ""
        let near = nearest(to: topic, among: all.map(\.name)).map { "Did you mean \($0)?" }
        return fail("Topic '\(topic)' does not exist as expected", hint: near)
    }

    /// Whether there has to be a topic that is not there.
    private func isMissing(_ found: [TopicDescription]) -> Bool {
        found.isEmpty && !(request.topic ?? "").isEmpty && !request.missingIsFine
    }

    private func list() throws(ClientError) -> ExitCode {
        let topics = chosen(try admin.topicsAndCluster().topics)
        guard request.form == .text else {
            environment.print(topics.map(Self.listRow), as: request.form)
            return .done
        }
        // As Kafka's tool, a line without anything where there are none.
        environment.console.print(topics.map(\.name).joined(separator: "\n"))
        return .done
    }

    private static func listRow(_ topic: TopicDescription) -> StructuredValue {
        [
            "topic": .string(topic.name), "topicId": topic.id == .zero ? .null : .string(topic.id.description),
            "partitionCount": .int(topic.partitions.count), "isInternal": .bool(topic.isInternal),
        ]
    }

    private func describe(_ description: TopicsRequest.Description) throws(ClientError) -> ExitCode {
        let (all, cluster) = try admin.topicsAndCluster()
        var report = TopicsReport(description, liveBrokers: Set(cluster.brokers.map(\.id)))
        let topics: [TopicDescription]
        if let id = description.topicID {
            topics = all.filter { $0.id == id && !(request.excludesInternal && TopicName.isInternal($0.name)) }
            guard !topics.isEmpty || request.missingIsFine else {
                return fail("TopicId '\(id)' does not exist as expected")
            }
        } else {
            let found = chosen(all)
            guard !isMissing(found) else { return missing(all) }
            topics = try admin.describeTopics(found.map(\.name), pageSize: description.pageSize)
        }
        if let refused = topics.first(where: { $0.error != .none }) {
            return fail("\(refused.error.message) (\(refused.error.name)): \(refused.name)")
        }
        guard try add(topics, to: &report) else { return .failed }
        if request.form == .text {
            environment.console.write(report.text)
        } else {
            environment.print(report.rows(request.form), as: request.form)
        }
        return .done
    }

    /// Asks for what is not in the descriptions themselves. False if that is refused, which was told.
    private func add(_ topics: [TopicDescription], to report: inout TopicsReport) throws(ClientError) -> Bool {
        guard !topics.isEmpty else { return true }
        let resources = topics.map { ConfigResource(.topic, $0.name) }
        let configs = report.needsConfigs ? try admin.describeConfigs(resources, [], TopicsReport.selection) : []
        for config in configs where config.error != .none {
            _ = fail("\(config.message ?? config.error.message) (\(config.error.name))")
            return false
        }
        do throws(ClientError) {
            report.reassignments = try admin.partitionReassignments()
        } catch {
            guard error.isUnsupported || error.code == .clusterAuthorizationFailed else { throw error }
        }
        for (index, topic) in topics.enumerated() {
            let config = configs.indices.contains(index) ? configs[index] : nil
            report.add(topic, config?.entries ?? [], among: config?.count ?? 0)
        }
        return true
    }

    private func create(_ topic: NewTopic) throws(ClientError) -> ExitCode {
        let console = environment.console
        if topic.name.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }) {
            console.print(
                "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could "
                    + "collide. To avoid issues it is best to use either, but not both.")
        }
        let outcome = try admin.createTopics([topic]).first
        switch outcome?.error {
        case .none?: console.print("Created topic \(topic.name).")
        case .topicAlreadyExists? where request.existingIsFine: break
        case let error?:
            return fail(outcome?.text ?? "", hint: error == .invalidConfig ? nearestConfig(topic) : nil)
        case nil: return fail("the broker's answer leaves out the topic '\(topic.name)'")
        }
        return .done
    }

    private func nearestConfig(_ topic: NewTopic) -> String? {
        let names = TopicConfigTable.definitions.map(\.name)
        guard let unknown = topic.configs.first(where: { !names.contains($0.name) }) else { return nil }
        return nearest(to: unknown.name, among: names).map { "Did you mean \($0)?" }
    }

    private func alter(_ partitions: Int32, _ assignment: [[Int32]]) throws(ClientError) -> ExitCode {
        let all = try admin.topicsAndCluster().topics
        let found = chosen(all)
        guard !isMissing(found) else { return missing(all) }
        guard !found.isEmpty else { return .done }
        return tell(
            try admin.createPartitions(
                found.map { topic in
                    // The partitions that are there keep their brokers.
                    let more = assignment.isEmpty ? nil : Array(assignment.dropFirst(topic.partitions.count))
                    return Admin.MorePartitions(topic: topic.name, count: partitions, assignments: more)
                }))
    }

    private func delete() throws(ClientError) -> ExitCode {
        let all = try admin.topicsAndCluster().topics
        let found = chosen(all)
        guard !isMissing(found) else { return missing(all) }
        guard !found.isEmpty else { return .done }
        return tell(try admin.deleteTopics(found.map(\.name)))
    }

    /// A line for each that failed.
    private func tell(_ outcomes: [AdminOutcome]) -> ExitCode {
        var code = ExitCode.done
        for outcome in outcomes where outcome.error != .none {
            code = fail(outcomes.count == 1 ? outcome.text : "\(outcome.name): \(outcome.text)")
        }
        return code
    }
}
