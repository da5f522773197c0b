import CommandLine
import KafkaClient
import KafkaModel

/// `skafka configs`: shows and changes the settings of topics, brokers, groups and client metrics, quotas, and passwords
/// for SCRAM.
enum Configs {
    static let declaration = Command(
        "configs", summary: "Show and change settings, quotas and SCRAM credentials",
        description: [
            "Does what kafka-configs.sh does, and prints what it prints. What is meant is named by --entity-type and "
                + "--entity-name, or shorter by --topic, --broker and the like. Users and clients may be named "
                + "together.",
            "--describe shows what was set for the entity itself. With --all it shows every setting, each with the "
                + "values that would count without it. In the forms for programs that includes what the setting is for.",
            "--alter with --add-config sets, with --delete-config removes, both at once if given together. A change of a "
                + "running cluster takes effect at once. A password is not sent: the cluster gets what SCRAM needs to "
                + "recognize it.",
            "It works against any cluster of Kafka 2.1 or newer. A broker from before 2.3 can only be told all settings "
                + "of an entity at once, which is then done.",
        ],
        options: ClientOptions.all + [
            Option(
                "bootstrap-controller", .value("String: controller to connect to"),
                help: "Where to reach the controllers of the cluster, instead of its brokers."),
            ZooKeeperBootstrap.option,
        ] + actions + entities + changes + [OutputForm.option],
        sections: [
            Command.Section(
                "Keys",
                [
                    "Users and clients have producer_byte_rate, consumer_byte_rate, request_percentage and "
                        + "controller_mutation_rate; users also SCRAM-SHA-256 and SCRAM-SHA-512 with a value such as "
                        + "[iterations=8192,password=secret]. Addresses have connection_creation_rate. Client metrics have "
                        + "interval.ms, metrics and match. The keys of topics and brokers are in skafka.conf(5)."
                ])
        ],
        examples: [
            Command.Example(
                "skafka configs --bootstrap-server localhost:9092 --alter --topic orders --add-config retention.ms=60000",
                does: "Keep the records of a topic for a minute."),
            Command.Example(
                "skafka configs --bootstrap-server localhost:9092 --describe --topic orders --all --output json",
                does: "Tell all settings of a topic, where they come from and what they are for."),
            Command.Example(
                "skafka configs --bootstrap-server localhost:9092 --alter --user alice --client reports "
                    + "--add-config 'consumer_byte_rate=1048576'",
                does: "Let alice's client read a megabyte a second."),
        ], isKafkaTool: true, classNames: ["org.apache.kafka.tools.ConfigCommand", "kafka.admin.ConfigCommand"])

    private static let actions = [
        Option("alter", help: "Change settings of the entity."),
        Option("describe", help: "Show settings of the entity."),
        Option("all", help: "With --describe: show all settings, also those that were not set for the entity."),
    ]

    private static let entities = [
        Option(
            "entity-type", .repeated("String"),
            help: "What it is: " + ConfigEntity.Kind.names.joined(separator: ", ") + ".",
            completion: .words(ConfigEntity.Kind.names)),
        Option("entity-name", .repeated("String"), help: "Which one: a name, or the id of a broker."),
        Option("entity-default", help: "The defaults of clients, users, brokers or addresses."),
        Option("topic", .value("String"), help: "The topic of that name.", completion: .topics),
        Option("client", .value("String"), help: "The clients of that id."),
        Option("client-defaults", help: "All clients without quotas of their own."),
        Option("user", .value("String"), help: "The user of that name."),
        Option("user-defaults", help: "All users without quotas of their own."),
        Option("broker", .value("String"), help: "The broker of that id.", completion: .brokers),
        Option("broker-defaults", help: "All brokers without settings of their own."),
        Option("broker-logger", .value("String"), help: "What the broker of that id logs.", completion: .brokers),
        Option("ip", .value("String"), help: "The clients at that address."),
        Option("ip-defaults", help: "All addresses without quotas of their own."),
        Option("group", .value("String"), help: "The group of that id.", completion: .groups),
        Option("client-metrics", .value("String"), help: "The client metrics subscription of that name."),
    ]

    private static let changes = [
        Option(
            "add-config", .value("String"),
            help: "Settings to set: k1=v1,k2=v2. A value with commas is put into brackets: k1=[v1,v2]."),
        Option("add-config-file", .value("String"), help: "A properties file of settings to set.", completion: .files),
        Option("delete-config", .repeated("String"), help: "Settings to remove: k1,k2."),
        Option("force", help: "For scripts of older releases: there is nothing to confirm."),
    ]

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        do throws(ToolRefusal) {
            let request = try ConfigsRequest(arguments)
            let admin = try ToolRefusal.admin(
                arguments, environment, attempt: "execute config command",
                withoutServer: "Either --bootstrap-server or --bootstrap-controller must be specified.")
            guard let admin else { return .failed }
            do throws(ClientError) {
                switch request.action {
                case .describe(let all):
                    return try ConfigsDescription(
                        entities: request.entities, showsAll: all, form: request.form, admin: admin,
                        environment: environment
                    ).run()
                case .alter(let change):
                    return try ConfigsChange(
                        entities: request.entities, change: change, admin: admin, environment: environment
                    ).run()
                }
            } catch {
                guard !error.isUnsupported else { throw ToolRefusal.plain(error.cause) }
                // What it is about is in the command line, which Kafka's tool repeats.
                environment.console.tell(
                    "Error while executing config command with args '\(Self.withoutSecrets(arguments.words))'")
                throw ToolRefusal.plain(error.cause, hint: Self.hint(for: error, request))
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

    /// Passwords do not belong on a screen or into a log.
    private static func withoutSecrets(_ words: [String]) -> String {
        words.map { word in
            let parts = word.split(separator: "password=", omittingEmptySubsequences: false)
            return parts[0] + parts.dropFirst().map { "password=***" + $0.drop { $0 != "]" && $0 != "," } }.joined()
        }.joined(separator: " ")
    }

    private static func hint(for error: ClientError, _ request: ConfigsRequest) -> String? {
        guard error.code == .invalidConfig, case .alter(let change) = request.action,
            let known = request.entities[0].kind.knownKeys
        else { return nil }
        let given = change.set.map(\.key) + change.delete
        guard let unknown = given.first(where: { !known.contains($0) }) else { return nil }
        return nearest(to: unknown, among: known).map { "Did you mean \($0)?" }
    }
}
