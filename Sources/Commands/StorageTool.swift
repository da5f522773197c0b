import Bytes
import CommandLine
import Configuration

/// `skafka storage`.
enum StorageTool {
    private static let configOption = Option(
        "config", short: "c", .value("CONFIG"), help: "The properties file of the broker.", isRequired: true,
        completion: .files)

    static let declaration = Command(
        "storage",
        summary: "Format the log directories of a broker and tell about them",
        dialect: .argparse,
        description: [
            "Works on the log directories that a properties file names, while no broker uses them. A broker with a "
                + "file starts only on directories that were formatted; one without a file formats its own."
        ],
        subcommands: [
            Command(
                "info", summary: "Tell what the log directories are formatted for", dialect: .argparse,
                options: [configOption, OutputForm.option]),
            Command(
                "format", summary: "Format the log directories", dialect: .argparse,
                options: [
                    configOption,
                    Option(
                        "cluster-id", short: "t", .value("CLUSTER_ID"), help: "The id of the cluster.",
                        isRequired: true),
                    Option(
                        "add-scram", short: "S", .repeated("CREDENTIAL"),
                        help:
                            "A credential for SCRAM, such as SCRAM-SHA-256=[name=alice,password=secret]."
                    ),
                    Option(
                        "ignore-formatted", short: "g", help: "Leave directories that are formatted as they are."),
                    Option(
                        "release-version", short: "r", .value("RELEASE"),
                        help: "The release whose metadata the cluster starts with, such as 3.9 or 4.0-IV3. Without one "
                            + "3.9, which every later Kafka reads too."),
                    Option(
                        "feature", short: "f", .repeated("FEATURE=LEVEL"),
                        help: "The level of a feature, such as kraft.version=1."),
                    Option(
                        "standalone", short: "s", help: "Make this node the only voter of a dynamic quorum.",
                        group: "quorum"),
                    Option(
                        "no-initial-controllers", short: "N", help: "Make no voters of a dynamic quorum.",
                        group: "quorum"),
                    Option(
                        "initial-controllers", short: "I", .value("VOTERS"),
                        help:
                            "The voters of a dynamic quorum: id@host:port:directory-id,... In this version only this node.",
                        group: "quorum"),
                ]),
            Command(
                "version-mapping", summary: "Show the features of a release", dialect: .argparse,
                options: [
                    Option(
                        "release-version", short: "r", .value("RELEASE"),
                        help: "The release; without one, the newest that is known."), OutputForm.option,
                ]),
            Command(
                "feature-dependencies", summary: "Show what the level of a feature needs", dialect: .argparse,
                options: [
                    Option(
                        "feature", short: "f", .repeated("FEATURE=LEVEL"), help: "The feature and its level.",
                        isRequired: true)
                ]),
            Command("random-uuid", summary: "Print a random id for a cluster", dialect: .argparse),
        ],
        examples: [
            Command.Example(
                "skafka storage format -t $(skafka storage random-uuid) -s -c server.properties",
                does: "Format the directories of a single node for a new cluster."),
            Command.Example(
                "skafka storage info -c server.properties", does: "Show the cluster id and node id of the directories."),
        ],
        isKafkaTool: true, classNames: ["kafka.tools.StorageTool"])

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        switch arguments.path.first {
        case "info": return try StorageInfo.run(arguments, environment)
        case "format": return StorageFormat.run(arguments, environment)
        case "version-mapping": return try FeatureTool.mapping(arguments, environment)
        case "feature-dependencies":
            return FeatureTool.dependencies(arguments, environment, read: FeatureTool.storageNameAndLevel)
        default:
            environment.console.print(UUID.random().description)
            return .done
        }
    }

    /// The broker that the file describes; without one, the failure was told.
    static func configuration(
        _ arguments: Arguments, _ environment: Environment, attempt: String
    ) -> BrokerConfiguration? {
        do throws(ConfigurationFile.Failure) {
            return try ConfigurationFile.load(path: arguments.value("config"), hostName: environment.hostName)
        } catch {
            environment.complain("cannot \(attempt): \(error)")
            return nil
        }
    }

    /// The log directories and the one of the metadata log, each once, in the order of names.
    static func directories(_ configuration: BrokerConfiguration) -> [String] {
        Set(configuration.logDirectories + [configuration.metadataLogDirectory]).sorted()
    }
}
