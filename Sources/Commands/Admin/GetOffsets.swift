import CommandLine
import KafkaClient
import KafkaModel
import Timing

/// `skafka get-offsets`.
enum GetOffsets {
    static let declaration = Command(
        "get-offsets", summary: "Show the offsets of partitions",
        description: [
            "Prints a line topic:partition:offset for each partition: by default the offset behind the last record, and "
                + "with --time the first one, that of a time, or what else Kafka has names for. A partition without a "
                + "record for the time asked for has no line.",
            "Topics are given as regular expressions of java.util.regex for the whole name. A partition whose leader "
                + "does not answer is skipped with a line on stderr, and the exit code is 1.",
        ],
        options: ClientOptions.options(serverFormerly: ["broker-list"]) + [
            Option(
                "topic-partitions", .value("topic1:1,topic2:0-3,topic3,topic4:5-,topic5:-3"),
                help:
                    "What to show, as regular expressions with partitions: a number, or a range without its upper end."),
            Option(
                "topic", .value("topic"), help: "The topics, as a regular expression. Without it all of them.",
                completion: .topics),
            Option(
                "partitions", .value("partition ids"),
                help: "The partitions, separated by commas. Without it all of them."),
            Option(
                "time",
                .value(
                    "<timestamp> / -1 or latest / -2 or earliest / -3 or max-timestamp / -4 or earliest-local / "
                        + "-5 or latest-tiered / -6 or earliest-pending-upload"),
                help:
                    "Which offset: of the first record that is not older than a time in milliseconds since 1970, or a "
                    + "name; latest by default.",
                completion: .words(OffsetSpec.names.map(\.0))),
            Option("exclude-internal-topics", help: "Leave topics such as __consumer_offsets out."),
            OutputForm.option,
        ],
        examples: [
            Command.Example(
                "skafka get-offsets --bootstrap-server localhost:9092 --topic orders --time earliest",
                does: "Show where each partition of orders begins.")
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.GetOffsetShell", "kafka.tools.GetOffsetShell"])

    /// What a command line asks for.
    struct Request {
        let filter: PartitionFilter
        let spec: OffsetSpec
        let excludesInternal: Bool
        let form: OutputForm

        init(_ arguments: Arguments) throws(UsageError) {
            try ClientOptions.checkServers(arguments)
            form = try OutputForm(arguments)
            if let rules = arguments.value("topic-partitions") {
                guard !arguments.has("topic"), !arguments.has("partitions") else {
                    throw UsageError("--topic-partitions cannot be used with --topic or --partitions")
                }
                spec = try OffsetSpec(arguments.value("time") ?? "latest")
                filter = try PartitionFilter(rules: rules)
            } else {
                spec = try OffsetSpec(arguments.value("time") ?? "latest")
                filter = try PartitionFilter(
                    topic: arguments.value("topic"), partitions: arguments.value("partitions"))
            }
            excludesInternal = arguments.has("exclude-internal-topics")
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let request: Request
        do throws(UsageError) {
            request = try Request(arguments)
        } catch {
            // Kafka's tool tells this without its help.
            return fail(error.message, environment, hint: error.hint)
        }
        guard
            let admin = try ClientOptions.admin(
                arguments, environment, clientID: "GetOffsetShell", attempt: "get offsets")
        else { return .failed }
        do throws(ClientError) {
            return try run(request, admin, environment)
        } catch {
            return fail(error.description, environment)
        }
    }

    private static func fail(_ message: String, _ environment: Environment, hint: String? = nil) -> ExitCode {
        environment.console.tell("Error occurred: \(message)")
        if let hint { environment.console.tell(hint) }
        return .failed
    }

    private static func run(
        _ request: Request, _ admin: Admin, _ environment: Environment
    ) throws(ClientError) -> ExitCode {
        var partitions: [TopicPartition] = []
        for topic in try admin.metadata() where !(request.excludesInternal && topic.isInternal) {
            partitions += topic.partitions.map { TopicPartition(topic.name, $0.index) }.filter(request.filter.allows)
        }
        guard !partitions.isEmpty else {
            return fail("Could not match any topic-partitions with the specified filters", environment)
        }
        var outcome = ExitCode.done
        var report = OffsetsReport()
        let results = try admin.listOffsets(partitions, request.spec)
        for partition in partitions.sorted(by: { $0.description < $1.description }) {
            switch results[partition] {
            case .success(let offset?): report.add(partition, offset)
            case .success(nil), nil: break
            case .failure(let error):
                environment.console.tell(
                    "Skip getting offsets for topic-partition \(partition) due to error: \(error.cause)")
                outcome = .failed
            }
        }
        report.print(request.form, environment)
        return outcome
    }
}

/// Offsets in the order in which they are printed.
struct OffsetsReport {
    private(set) var offsets: [(partition: TopicPartition, offset: Int64)] = []

    mutating func add(_ partition: TopicPartition, _ offset: Int64) { offsets.append((partition, offset)) }

    var text: String { offsets.map { "\($0.topic):\($0.partition):\($1)\n" }.joined() }

    var rows: [StructuredValue] {
        offsets.map { ["topic": .string($0.topic), "partition": .int($0.partition), "offset": .int($1)] }
    }

    func print(_ form: OutputForm, _ environment: Environment) {
        if form == .text { environment.console.write(text) } else { environment.print(rows, as: form) }
    }
}

extension OffsetSpec {
    /// What Kafka's tools call the offsets that are no times, in the order of their numbers from -1 down.
    static let names: [(String, OffsetSpec)] = [
        ("latest", .latest), ("earliest", .earliest), ("max-timestamp", .maxTimestamp),
        ("earliest-local", .earliestLocal), ("latest-tiered", .latestTiered),
        ("earliest-pending-upload", .earliestPendingUpload),
    ]

    init(_ text: String) throws(UsageError) {
        if let named = Self.names.first(where: { $0.0 == text })?.1 {
            self = named
            return
        }
        guard let number = Int64(text) else {
            let choices = Self.names.enumerated().map { "-\($0.offset + 1) or \($0.element.0)" }
            throw UsageError(
                "Malformed time argument \(text). Please use \(choices.joined(separator: " / ")), or a specified long "
                    + "format timestamp")
        }
        self = number < 0 && number >= -6 ? Self.names[Int(-1 - number)].1 : .at(Timestamp(milliseconds: number))
    }
}
