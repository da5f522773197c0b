import CommandLine
import KafkaClient

/// `skafka consumer-groups`: lists, describes, deletes and resets groups of consumers.
enum ConsumerGroups {
    static let declaration = Command(
        "consumer-groups", summary: "List, describe, delete and reset consumer groups",
        description: [
            "Does what kafka-consumer-groups.sh does, and prints what it prints. Exactly one of --list, --describe, "
                + "--delete, --reset-offsets, --delete-offsets and --validate-regex says what to do.",
            "--describe shows, for each partition that a group reads or has read, how far it has come and how much is left, "
                + "with --members who reads what, with --state what the group as a whole is at.",
            "--reset-offsets moves a group to other offsets while it has no members. It shows what it would do; only "
                + "with --execute it does it. --export prints the plan as CSV, and --from-file takes such a plan.",
            "What is talk, such as that a group has no members, goes to stderr, and the exit code is 1 where something "
                + "failed; Kafka's own tool prints both to stdout and ends with 0.",
            "It works against any cluster of Kafka 2.1 or newer. What a broker is too old to tell is shown as a dash.",
        ],
        options: ClientOptions.all + actions + selection + views + targets + execution + additions,
        examples: [
            Command.Example(
                "skafka consumer-groups --bootstrap-server localhost:9092 --list --state stable,empty",
                does: "List the groups in these states."),
            Command.Example(
                "skafka consumer-groups --bootstrap-server localhost:9092 --describe --group orders-app",
                does: "Show how far a group has come and what is left."),
            Command.Example(
                "skafka consumer-groups --bootstrap-server localhost:9092 --describe --all-groups --lag-seconds --watch 5",
                does: "Watch the lag of all groups, in records and in seconds."),
            Command.Example(
                "skafka consumer-groups --bootstrap-server localhost:9092 --describe --group orders-app --members "
                    + "--verbose --output json",
                does: "Tell a program who reads what."),
            Command.Example(
                "skafka consumer-groups --bootstrap-server localhost:9092 --group orders-app --reset-offsets "
                    + "--topic orders:0,1 --to-datetime 2026-01-31T12:00:00.000 --dry-run",
                does: "Show where the group would stand at a time."),
            Command.Example(
                "skafka consumer-groups --bootstrap-server localhost:9092 --group orders-app --reset-offsets "
                    + "--all-topics --to-earliest --execute",
                does: "Have the group read everything again."),
        ],
        isKafkaTool: true,
        classNames: [
            "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand", "kafka.admin.ConsumerGroupCommand",
        ])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        do throws(ToolRefusal) {
            let request = try ConsumerGroupsRequest(arguments)
            if case .validateRegex(let text) = request.action { return RegexCheck(text).tell(environment) }
            for notice in request.notices { environment.console.tell(notice) }
            let admin = try ToolRefusal.admin(
                arguments, environment, attempt: Attempt(head: failure("")),
                defaults: ["default.api.timeout.ms": arguments.value("timeout") ?? ""], overrides: request.limits)
            guard let admin else { return .failed }
            return ConsumerGroupsRun(request: request, admin: admin, environment: environment).run()
        } catch {
            return try error.tell(environment)
        }
    }

    private static let actions = [
        Option("list", help: "List the groups of consumers."),
        Option(
            "describe",
            help: "Describe groups and show how many records of each partition they have not read yet."),
        Option("delete", help: "Delete groups without members, with all they have committed."),
        Option(
            "reset-offsets",
            help: "Move groups without members to other offsets: of the partitions of --topic or --all-topics, to what "
                + "one of the options --to-..., --by-duration, --shift-by and --from-file says."),
        Option("delete-offsets", help: "Delete what a group has committed for topics that it does not read."),
        Option(
            "validate-regex", .value("regex"),
            help: "Tell whether a regular expression can be subscribed to. It asks no cluster."),
    ]

    private static let selection = [
        Option(
            "group", .repeated("consumer group"), help: "The group. It may be given often.", completion: .groups),
        Option("all-groups", help: "All groups of consumers."),
        Option(
            "topic", .repeated("topic"),
            help:
                "A topic whose offsets are reset or deleted, with partitions if need be: orders:0,1,2. It may be given "
                + "often.", completion: .topics),
        Option("all-topics", help: "All topics for which the group has committed."),
        Option(
            "timeout", .value("Long: timeout (ms)"), help: "How long to try, in milliseconds, for each thing asked.",
            default: "30000"),
    ]

    private static let views = [
        Option("offsets", help: "With --describe: a line for each partition. This is what is shown by itself."),
        Option("members", help: "With --describe: a line for each member of the group."),
        Option(
            "state", .optional("String"),
            help: "With --describe: what the groups are at. With --list: show the states, or only groups in these.",
            completion: .words(GroupState.ofConsumers.map(\.rawValue))),
        Option("verbose", help: "With --describe: more columns."),
        Option(
            "type", .optional("String"), help: "With --list: show the types, or only groups of these.",
            completion: .words(["classic", "consumer"])),
    ]

    private static let targets = [
        Option("to-earliest", help: "Reset to the first record."),
        Option("to-latest", help: "Reset behind the last record."),
        Option("to-current", help: "Reset to what is committed, and where nothing is, behind the last record."),
        Option("to-offset", .value("Long: offset"), help: "Reset to an offset, within what the partition holds."),
        Option(
            "shift-by", .value("Long: number-of-offsets"),
            help: "Reset to so many records further, or back with a negative number, within what the partition holds."),
        Option(
            "to-datetime", .value("datetime"),
            help:
                "Reset to the first record of a time or later: YYYY-MM-DDThh:mm:ss.sss, in UTC unless it ends with a zone."
        ),
        Option(
            "by-duration", .value("duration"),
            help: "Reset to the first record that is no older than a duration: PnDTnHnMnS."),
        Option(
            "from-file", .value("path to CSV file"), help: "Reset as a plan says that --export has printed.",
            completion: .files),
    ]

    private static let execution = [
        Option("dry-run", help: "With --reset-offsets: show the plan. This is what happens by itself."),
        Option("execute", help: "With --reset-offsets: do it."),
        Option("export", help: "With --reset-offsets: print the plan as CSV."),
    ]

    /// What Kafka's tool has not.
    private static let additions = [
        Option(
            "lag-seconds",
            help:
                "With --describe: show the lag as time too, that is how old the first record is that was not read yet."),
        Option(
            "watch", .optional("seconds"),
            help: "With --list and --describe: do it again every so many seconds, 2 by itself, until Ctrl-C."),
        OutputForm.option,
    ]
}
