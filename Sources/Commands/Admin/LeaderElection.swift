import CommandLine
import KafkaClient
import KafkaModel

/// `skafka leader-election`.
enum LeaderElection {
    static let declaration = Command(
        "leader-election", summary: "Have leaders elected for partitions",
        description: [
            "Has the controller elect leaders: with --election-type preferred the first of the replicas, where it is in "
                + "sync and not the leader already; with unclean any replica, where there is no leader at all. An unclean "
                + "election loses the records that the new leader does not have.",
            "Partitions are given one by one, as a JSON file "
                + #"{"partitions":[{"topic":"foo","partition":1}]}, "#
                + "or all together. If one of them gets no leader, the exit code is 1.",
        ],
        options: ClientOptions.options(configFormerly: ["admin.config"]) + [
            Option(
                "election-type", .value("election type"), help: "preferred or unclean.",
                completion: .words(["preferred", "unclean"])),
            Option("topic", .value("topic name"), help: "The topic of --partition.", completion: .topics),
            Option("partition", .value("Integer: partition id"), help: "The partition of --topic."),
            Option("all-topic-partitions", help: "All partitions for which an election is due."),
            Option(
                "path-to-json-file", .value("Path to JSON file"),
                help: #"A file with partitions: {"partitions":[{"topic":"foo","partition":1}]}"#, completion: .files),
            OutputForm.option,
        ],
        examples: [
            Command.Example(
                "skafka leader-election --bootstrap-server localhost:9092 --election-type preferred --all-topic-partitions",
                does: "Give the leadership back to the preferred replicas after a restart.")
        ],
        isKafkaTool: true, deprecation: .hasBeenDeprecated,
        classNames: ["org.apache.kafka.tools.LeaderElectionCommand", "kafka.admin.LeaderElectionCommand"])

    /// What a command line asks for, as far as it needs no file.
    struct Request {
        enum Partitions: Equatable {
            case all
            case one(TopicPartition)
            case file(String)
        }

        let type: Admin.ElectionType
        let partitions: Partitions
        let form: OutputForm

        init(_ arguments: Arguments, hasCluster: Bool) throws(UsageError) {
            form = try OutputForm(arguments)
            var missing = hasCluster ? [] : ["bootstrap-server"]
            if !arguments.has("election-type") { missing.append("election-type") }
            guard missing.isEmpty else {
                throw UsageError("Missing required option(s): \(missing.joined(separator: ", "))")
            }
            let word = arguments.value("election-type") ?? ""
            guard let type = Admin.ElectionType.allCases.first(where: { "\($0)" == word.lowercased() }) else {
                throw UsageError("Cannot parse argument '\(word)' of option election-type")
            }
            self.type = type
            let ways = ["topic", "all-topic-partitions", "path-to-json-file"]
            guard ways.count(where: arguments.has) == 1 else {
                throw UsageError(
                    "One and only one of the following options is required: \(ways.joined(separator: ", "))")
            }
            guard let topic = arguments.value("topic") else {
                guard !arguments.has("partition") else {
                    throw UsageError("Option partition is only allowed if topic is used")
                }
                partitions = arguments.value("path-to-json-file").map { .file($0) } ?? .all
                return
            }
            guard let text = arguments.value("partition") else {
                throw UsageError("Missing required option(s): partition")
            }
            guard let index = Int32(text) else {
                throw UsageError("Cannot parse argument '\(text)' of option partition")
            }
            partitions = .one(TopicPartition(topic, index))
        }
    }

    /// Elections take no longer than this, unless the properties say otherwise, as Kafka's tool has it.
    private static let defaults = ["default.api.timeout.ms": "30000", "request.timeout.ms": "15000"]

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request: Request
        let partitions: [TopicPartition]?
        do throws(UsageError) {
            request = try Request(arguments, hasCluster: ClientOptions.nameCluster(arguments, environment))
        } catch {
            // Kafka's tool tells this without its help.
            environment.console.tell(error.message)
            if let hint = error.hint { environment.console.tell(hint) }
            return .failed
        }
        do throws(JSONFile.Failure) {
            switch request.partitions {
            case .all: partitions = nil
            case .one(let partition): partitions = [partition]
            case .file(let path): partitions = try Self.partitions(try JSONFile.read(path))
            }
        } catch {
            environment.console.tell(error.description)
            return .failed
        }
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "leader-election", attempt: "elect leaders", defaults: defaults
        ) { (admin) throws(ClientError) in
            let report: ElectionReport
            do throws(ClientError) {
                report = ElectionReport(
                    type: request.type, results: try admin.electLeaders(request.type, for: partitions))
            } catch {
                guard let message = message(for: error) else { throw error }
                environment.console.tell("\(message): \(error.cause)")
                return .failed
            }
            if request.form == .text {
                environment.console.write(report.text)
            } else {
                environment.print(report.rows, as: request.form)
            }
            guard report.failed.isEmpty else {
                if request.form == .text { environment.console.tellText(report.complaints) }
                environment.console.tell("\(report.failed.count) replica(s) could not be elected")
                return .failed
            }
            return .done
        }
    }

    private static func message(for error: ClientError) -> String? {
        if case .timedOut = error.reason { return "Timeout waiting for election results" }
        switch error.code {
        case .requestTimedOut: return "Timeout waiting for election results"
        case .clusterAuthorizationFailed: return "Not authorized to perform leader election"
        default: return nil
        }
    }

    /// What a file says.
    static func partitions(_ file: StructuredValue) throws(JSONFile.Failure) -> [TopicPartition] {
        guard file.isObject else {
            throw JSONFile.Failure(description: "Expected JSON object, received \(file.json)")
        }
        guard let list = file["partitions"] else {
            throw JSONFile.Failure(description: "Replica election data is missing \"partitions\" field")
        }
        guard let elements = list.elements else {
            throw JSONFile.Failure(description: "Expected JSON array, received \(list.json)")
        }
        var partitions: [TopicPartition] = []
        for element in elements { partitions.append(try JSONFile.partition(element)) }
        let duplicates = JSONFile.duplicates(partitions)
        guard duplicates.isEmpty else {
            throw JSONFile.Failure(
                description: "Replica election data contains duplicate partitions: ["
                    + duplicates.map(\.description).joined(separator: ", ") + "]")
        }
        return partitions.sorted()
    }
}

/// What became of the elections.
struct ElectionReport {
    let type: Admin.ElectionType
    let results: [(partition: TopicPartition, error: ErrorCode, message: String?)]

    var elected: [TopicPartition] { results.filter { $0.error == .none }.map(\.partition) }
    var unneeded: [TopicPartition] { results.filter { $0.error == .electionNotNeeded }.map(\.partition) }
    var failed: [(partition: TopicPartition, error: ErrorCode, message: String?)] {
        results.filter { $0.error != .none && $0.error != .electionNotNeeded }
    }

    private func reason(_ error: ErrorCode, _ message: String?) -> String {
        "\(message.flatMap { $0.isEmpty ? nil : $0 } ?? error.message) (\(error.name))"
    }

    var text: String {
        let name = "\(type)".uppercased()
        var text = ""
        func list(_ partitions: [TopicPartition]) -> String {
            partitions.map(\.description).joined(separator: ", ")
        }
        if !elected.isEmpty {
            text += "Successfully completed leader election (\(name)) for partitions \(list(elected))\n"
        }
        if !unneeded.isEmpty { text += "Valid replica already elected for partitions \(list(unneeded))\n" }
        return text
    }

    /// What stays undone.
    var complaints: String {
        failed.map { partition, error, message in
            "Error completing leader election (\("\(type)".uppercased())) for partition: \(partition): "
                + "\(reason(error, message))\n"
        }.joined()
    }

    var rows: [StructuredValue] {
        results.map { partition, error, message in
            let outcome =
                error == .none ? "elected" : error == .electionNotNeeded ? "alreadyElected" : "failed"
            return [
                "topic": .string(partition.topic), "partition": .int(partition.partition), "outcome": .string(outcome),
                "error": outcome == "failed" ? .string(reason(error, message)) : .null,
            ]
        }
    }
}
