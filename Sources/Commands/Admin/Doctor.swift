import CommandLine
import KafkaClient
import KafkaModel

/// `skafka doctor`.
enum Doctor {
    static let declaration = Command(
        "doctor", summary: "Look for what could lose records",
        description: [
            "Looks at the brokers and topics of a cluster for what lets acknowledged records be lost: fewer than three "
                + "replicas, min.insync.replicas below two, unclean leader elections, replicas out of sync, log "
                + "directories out of service, and, where there is but one copy, records that are acknowledged before they "
                + "are on the disk. Each finding says why it matters and what cures it.",
            "It sees only the cluster. The other half is up to the clients: acks=all, enable.idempotence=true, retries "
                + "left as they are, a look at every send's result, and offsets committed after the work is done.",
        ],
        options: ClientOptions.all + [
            Option("topic", .value("topic"), help: "Only these topics, as a regular expression."), OutputForm.option,
        ],
        sections: [
            Command.Section(
                "Exit status", ["0: nothing at risk was found. 1: something is, or could not be looked at."])
        ],
        examples: [
            Command.Example("skafka doctor --bootstrap-server localhost:9092", does: "Examine a whole cluster.")
        ])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        let filter = try TopicFilter(arguments.value("topic") ?? ".*")
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "doctor", attempt: "examine the cluster"
        ) { (admin) throws(ClientError) in
            var diagnosis = try examine(admin, filter)
            diagnosis.connection = arguments.value("bootstrap-server").map { " --bootstrap-server \($0)" } ?? ""
            if form == .text {
                environment.console.write(diagnosis.text)
            } else {
                environment.print(diagnosis.rows, as: form)
                for reason in diagnosis.blind { environment.complain("not looked at: \(reason)") }
            }
            return diagnosis.findings.isEmpty && diagnosis.blind.isEmpty ? .done : .failed
        }
    }

    private static func examine(_ admin: Admin, _ filter: TopicFilter) throws(ClientError) -> Diagnosis {
        var diagnosis = Diagnosis()
        diagnosis.brokers = try admin.describeCluster().brokers.map(\.id)
        for id in diagnosis.brokers {
            do throws(ClientError) {
                for directory in try admin.describeLogDirs(broker: id) where directory.error != .none {
                    diagnosis.offline.append((id, directory.path))
                }
                let resource = ConfigResource(.broker, "\(id)")
                diagnosis.brokerSettings[id] = settings(try admin.describeConfigs([resource])).first?.value
            } catch {
                diagnosis.blind.append("broker \(id): \(error)")
            }
        }
        let topics = try admin.metadata().filter { filter.allows($0.name) }.sorted { $0.name < $1.name }
        let configs = try admin.describeConfigs(topics.map { ConfigResource(.topic, $0.name) })
        let settings = settings(configs)
        for topic in topics {
            if settings[topic.name] == nil { diagnosis.blind.append("the settings of topic \(topic.name)") }
            diagnosis.topics.append(
                Diagnosis.Topic(
                    name: topic.name,
                    partitions: topic.partitions.map { ($0.index, $0.leader, $0.replicas.count, $0.isr.count) },
                    settings: settings[topic.name] ?? [:]))
        }
        return diagnosis
    }

    /// Settings by the name of the resource; those that could not be had are left out.
    private static func settings(_ described: [ConfigDescription]) -> [String: [String: String]] {
        var found: [String: [String: String]] = [:]
        for one in described where one.error == .none {
            found[one.resource.name] = Dictionary(
                one.entries.compactMap { entry in entry.value.map { (entry.name, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
        return found
    }
}
