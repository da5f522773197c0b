import CommandLine
import KafkaClient

/// `skafka topics`: lists, describes, makes, grows and removes topics.
enum Topics {
    static let declaration = Command(
        "topics", summary: "List, describe, create, alter and delete topics",
        description: [
            "Does what kafka-topics.sh does, and prints what it prints. Names of topics are regular expressions for whole "
                + "names, in which a comma may stand for a bar; only --create takes the name as it is.",
            "--describe prints a line for each topic and one for each partition. The filters print only the lines of "
                + "partitions that are in the state they name.",
            "It works against any cluster of Kafka 2.1 or newer. What a broker is too old to tell is left out or shown "
                + "as N/A.",
        ],
        options: ClientOptions.all + [ZooKeeperBootstrap.option] + actions + details + filters + [
            Option("if-exists", help: "With --alter, --delete and --describe: a topic that is missing is no error."),
            Option("if-not-exists", help: "With --create: a topic that is there already is no error."),
            Option(
                "exclude-internal",
                help: "With --list and --describe: leave out the topics that Kafka keeps for itself."),
            Option(
                "partition-size-limit-per-response",
                .value("Integer: maximum number of partitions per response"),
                help: "With --describe: how many partitions to ask for at once.", default: "2000"),
            OutputForm.option,
        ],
        examples: [
            Command.Example(
                "skafka topics --bootstrap-server localhost:9092 --create --topic orders --partitions 3",
                does: "Make a topic of three partitions."),
            Command.Example(
                "skafka topics --bootstrap-server localhost:9092 --describe --topic 'orders.*' --output json",
                does: "Tell all about the topics whose names begin with orders, for a program."),
            Command.Example(
                "skafka topics --bootstrap-server localhost:9092 --describe --under-replicated-partitions",
                does: "Show the partitions that lack replicas."),
        ], isKafkaTool: true, classNames: ["org.apache.kafka.tools.TopicCommand", "kafka.admin.TopicCommand"])

    private static let actions = [
        Option("list", help: "List the topics."),
        Option("create", help: "Create a topic."),
        Option("delete", help: "Delete topics."),
        Option(
            "alter",
            help: "Raise the number of partitions of topics. Their settings are changed with 'skafka configs'."),
        Option("describe", help: "Describe topics."),
    ]

    private static let details = [
        Option(
            "topic", .value("String: topic"),
            help: "The topic to create, or a regular expression for those to list, alter, describe or delete.",
            completion: .topics),
        Option("topic-id", .value("String: topic-id"), help: "The id of the topic to describe."),
        Option(
            "config", .repeated("String: name=value"),
            help: "With --create: a setting of the topic that is not the default.",
            completion: .topicConfigs),
        Option(
            "delete-config", .repeated("String: name"),
            help: "It has had no effect since Kafka 4.0; 'skafka configs --delete-config' does it."),
        Option(
            "partitions", .value("Integer: # of partitions"),
            help:
                "With --create: the number of partitions, else the cluster's default. With --alter: the new number. "
                + "Where keys decide about partitions, more of them change where a key goes."),
        Option(
            "replication-factor", .value("Integer: replication factor"),
            help: "With --create: the number of replicas of each partition, else the cluster's default."),
        Option(
            "replica-assignment",
            .value(
                "String: broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , broker_id_for_part2_replica1 : "
                    + "broker_id_for_part2_replica2 , ..."),
            help: "The brokers of each partition, instead of a choice of the cluster's."),
    ]

    private static let filters = [
        Option("under-replicated-partitions", help: "With --describe: only partitions that lack replicas in the ISR."),
        Option("unavailable-partitions", help: "With --describe: only partitions without a leader that lives."),
        Option(
            "under-min-isr-partitions",
            help: "With --describe: only partitions with fewer replicas in the ISR than min.insync.replicas."),
        Option(
            "at-min-isr-partitions",
            help: "With --describe: only partitions with just as many replicas in the ISR as min.insync.replicas."),
        Option(
            "topics-with-overrides",
            help: "With --describe: only topics with settings of their own, without partitions."),
    ]

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        do throws(ToolRefusal) {
            let request = try TopicsRequest(arguments)
            for notice in request.notices { environment.console.tell(notice) }
            let admin = try ToolRefusal.admin(
                arguments, environment, attempt: Attempt(head: Self.failure),
                withoutServer: "--bootstrap-server must be specified")
            guard let admin else { return .failed }
            do throws(ClientError) {
                return try TopicsRun(request: request, admin: admin, environment: environment).run()
            } catch {
                throw ToolRefusal.plain(Self.failure + error.cause)
            }
        } catch {
            switch error {
            case .usage(let error): throw error
            case .plain(let message, let hint):
                environment.console.tell(message)
                if let hint { environment.console.tell(hint) }
                return .failed
            }
        }
    }

    /// How Kafka's tool begins what it tells of a failure.
    static let failure = "Error while executing topic command : "
}
