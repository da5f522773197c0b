import Bytes
import CommandLine
import Configuration
import KafkaClient
import KafkaModel
import Posix

/// `skafka log-dirs`: what lies in the log directories of brokers, and, beyond Kafka's tool, moving partitions between them.
enum LogDirs {
    static let declaration = Command(
        "log-dirs", summary: "Show the log directories of brokers, move partitions",
        description: [
            "--describe asks brokers what lies in their log directories and prints it as Kafka's tool does: two lines of "
                + "talk and one of JSON. With --output the data comes alone, a row for each replica and one for a directory that "
                + "has none.",
            "--alter has one broker move its replicas of partitions to another of its directories. The copying goes on "
                + "in the broker, which keeps to replica.alter.log.dirs.io.max.bytes.per.second; --wait stays until it is "
                + "done. Moving a partition to the directory where it is ends a move that is under way.",
            "It works against any cluster of Kafka 2.1 or newer.",
        ],
        options: ClientOptions.all + [
            Option("describe", help: "Describe the log directories."),
            Option(
                "topic-list", .value("topics"), help: "Only these topics, separated by commas. Without it all of them.",
                completion: .topics),
            Option(
                "broker-list", .value("brokers"),
                help: "Only these brokers, ids separated by commas. Without it all of them.", completion: .brokers),
            OutputForm.option,
            Option("alter", help: "Move replicas to another log directory of their broker."),
            Option(
                "replica", .repeated("topic-partition"), help: "What to move, such as orders-0. It may be given often."),
            Option("to", .value("directory"), help: "Where to, as the broker's log.dirs names it.", completion: .files),
            Option("broker", .value("id"), help: "On which broker.", completion: .brokers),
            Option("wait", help: "Stay until the replicas have arrived, and tell how far they are."),
        ],
        examples: [
            Command.Example(
                "skafka log-dirs --bootstrap-server localhost:9092 --describe --output table",
                does: "Show which partition lies where, and how large it is."),
            Command.Example(
                "skafka log-dirs --bootstrap-server localhost:9092 --alter --replica orders-0 --to /data2 --broker 1 --wait",
                does: "Move a partition to another disk of broker 1 and wait for it."),
        ],
        isKafkaTool: true, classNames: ["org.apache.kafka.tools.LogDirsCommand", "kafka.admin.LogDirsCommand"])

    /// What a command line asks for.
    struct Request {
        var form = OutputForm.text
        var topics: Set<String> = []
        var brokers: Set<Int32> = []
        var move: LogDirsMove?

        init(_ arguments: Arguments) throws(UsageError) {
            if !arguments.has("alter") { try arguments.require("describe") }
            try arguments.refuse("describe", with: "alter")
            form = try OutputForm(arguments)
            topics = Set(Self.words(arguments.value("topic-list")))
            for word in Self.words(arguments.value("broker-list")) { brokers.insert(try Self.broker(word)) }
            if arguments.has("alter") { move = try LogDirsMove(arguments) }
        }

        private static func words(_ list: String?) -> [String] {
            (list ?? "").split(separator: ",").map(String.init)
        }

        static func broker(_ word: String) throws(UsageError) -> Int32 {
            guard let id = Int32(word), id >= 0 else { throw UsageError("'\(word)' is no broker id") }
            return id
        }
    }

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let attempt: Attempt = arguments.has("alter") ? "move replicas" : "describe log directories"
        let request = try Request(arguments)
        guard let admin = try ClientOptions.admin(arguments, environment, clientID: "log-dirs-tool", attempt: attempt)
        else { return .failed }
        do throws(ClientError) {
            if let move = request.move { return try move.run(admin, environment) }
            return try describe(request, admin, environment)
        } catch {
            environment.tell(attempt.failed("\(error)"))
            return .failed
        }
    }

    private static func describe(
        _ request: Request, _ admin: Admin, _ environment: Environment
    ) throws(ClientError) -> ExitCode {
        let existing = try admin.describeCluster().brokers.map(\.id)
        let missing = request.brokers.subtracting(existing).sorted()
        guard missing.isEmpty else {
            environment.console.tell(
                "ERROR: The given brokers do not exist from --broker-list: \(list(missing)). Current existent brokers: "
                    + list(existing))
            return .failed
        }
        let brokers = request.brokers.isEmpty ? existing : request.brokers.sorted()
        let console = environment.console
        if request.form == .text { console.print("Querying brokers for log directories information") }
        var report = LogDirsReport()
        for broker in brokers {
            report.add(broker, try admin.describeLogDirs(broker: broker), topics: request.topics)
        }
        switch request.form {
        case .text:
            console.print("Received log directory information from brokers \(list(brokers))")
            console.print(report.kafkaJSON)
        case .table: console.write(report.table.text(environment.outputStyle))
        case .json, .jsonl, .yaml, .csv: environment.print(report.rows, as: request.form)
        }
        return .done
    }

    private static func list(_ ids: [Int32]) -> String { ids.map(String.init).joined(separator: ",") }
}
