import Bytes
import CommandLine
import KafkaClient
import KafkaModel
import Posix
import Timing

/// `skafka metadata-quorum`.
enum MetadataQuorum {
    private static let connection = ClientOptions.endpoints()

    static let declaration = Command(
        "metadata-quorum", summary: "Show and change the quorum of controllers", dialect: .argparse,
        description: [
            "Shows who keeps the metadata of a cluster without ZooKeeper and how far each replica of it is, and adds or "
                + "removes voters.",
            "add-controller reads the properties file of the new controller, given as --command-config, and the id of its "
                + "metadata directory, which must be formatted already.",
        ],
        options: connection,
        subcommands: [
            Command(
                "describe", summary: "Show the quorum", dialect: .argparse,
                options: connection + [
                    Option("status", help: "A summary: leader, epoch, voters, observers."),
                    Option("replication", help: "How far each replica is."),
                    Option("human-readable", help: "With --replication: times as how long ago it was."),
                    OutputForm.option,
                ]),
            Command(
                "add-controller", summary: "Make a controller a voter", dialect: .argparse,
                options: connection + [dryRun]),
            Command(
                "remove-controller", summary: "Make a controller a voter no longer", dialect: .argparse,
                options: connection + [
                    Option(
                        "controller-id", short: "i", .value("CONTROLLER_ID"), help: "The id of the controller.",
                        isRequired: true),
                    Option(
                        "controller-directory-id", short: "d", .value("CONTROLLER_DIRECTORY_ID"),
                        help: "The id of its metadata directory.", isRequired: true),
                    dryRun,
                    Option("unregister", help: "Have the cluster forget the controller as well."),
                ]),
        ],
        examples: [
            Command.Example(
                "skafka metadata-quorum --bootstrap-server localhost:9092 describe --status",
                does: "Show who leads the quorum."),
            Command.Example(
                "skafka metadata-quorum --bootstrap-server localhost:9092 describe --replication --human-readable",
                does: "Show how far each replica is."),
        ],
        isKafkaTool: true,
        classNames: ["org.apache.kafka.tools.MetadataQuorumCommand", "kafka.admin.MetadataQuorumCommand"])

    private static let dryRun = Option("dry-run", help: "Only tell what would be done.")

    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        guard ClientOptions.nameCluster(arguments, environment) else {
            throw UsageError("one of the arguments --bootstrap-server --bootstrap-controller is required")
        }
        switch arguments.path.first {
        case "describe": return try describe(arguments, environment)
        case "add-controller": return try add(arguments, environment)
        default: return try remove(arguments, environment)
        }
    }

    private static func fail(_ message: String, _ environment: Environment) -> ExitCode {
        environment.console.tell(message)
        return .failed
    }

    private static func describe(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let form = try OutputForm(arguments)
        let isReadable = arguments.has("human-readable")
        switch (arguments.has("status"), arguments.has("replication")) {
        case (true, true):
            return fail(
                "Only one of --status or --replication should be specified with describe sub-command", environment)
        case (false, false):
            return fail("One of --status or --replication must be specified with describe sub-command", environment)
        case (true, false) where isReadable:
            return fail("The option --human-readable is only supported along with --replication", environment)
        case (let isStatus, _):
            return try ClientOptions.withAdmin(
                arguments, environment, clientID: "admin-1", attempt: "describe the quorum"
            ) { (admin) throws(ClientError) in
                let clusterID = isStatus ? try admin.describeCluster().clusterID : nil
                let quorum = try admin.describeQuorum()
                do throws(QuorumReport.Failure) {
                    let report = try QuorumReport(quorum)
                    if form != .text {
                        environment.print(
                            isStatus ? [report.statusRow(clusterID: clusterID)] : report.replicationRows, as: form)
                    } else if isStatus {
                        environment.console.write(report.status(clusterID: clusterID))
                    } else {
                        let now = Clock.system.timestamp.milliseconds
                        environment.console.write(try report.replication(isReadable ? .ago(now: now) : .asTold))
                    }
                    return .done
                } catch {
                    return fail(error.reason, environment)
                }
            }
        }
    }

    private static func add(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        guard let file = arguments.value("command-config") else {
            return fail(
                "You must supply the configuration file of the controller you are adding when using add-controller.",
                environment)
        }
        let controller: NewController
        do throws(ConfigurationFile.Failure) {
            let properties = try ConfigurationFile.read(file)
            do throws(NewController.Failure) {
                controller = try NewController(properties)
            } catch {
                return fail(error.description, environment)
            }
        } catch {
            guard case .unreadable(let problem) = error, problem.errno == .noSuchFile else {
                return fail(error.description, environment)
            }
            return fail("Properties file \(file) does not exists!", environment)
        }
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "admin-1", attempt: "add controller \(controller.id)",
            file: .controller
        ) { (admin) throws(ClientError) in
            if arguments.has("dry-run") {
                try admin.requireDynamicQuorum(for: .addRaftVoter)
                environment.console.print("DRY RUN of adding \(controller.text)")
                return .done
            }
            try admin.addVoter(controller.id, directoryID: controller.directoryID, at: controller.endpoints)
            environment.console.print("Added \(controller.text)")
            return .done
        }
    }

    private static func remove(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        let id = try arguments.int32("controller-id", short: "i") ?? -1
        guard id >= 0 else { return fail("Invalid negative --controller-id: \(id)", environment) }
        let text = arguments.value("controller-directory-id") ?? ""
        guard let directoryID = UUID(text) else {
            return fail(
                "Failed to parse --controller-directory-id: '\(text)' is not the 22 characters of a directory id",
                environment)
        }
        let removal = " KRaft controller \(id) with directory id \(directoryID)"
        return try ClientOptions.withAdmin(
            arguments, environment, clientID: "admin-1", attempt: "remove controller \(id)"
        ) { (admin) throws(ClientError) in
            if arguments.has("dry-run") {
                try admin.requireDynamicQuorum(for: .removeRaftVoter)
                guard
                    try admin.describeQuorum().voters.contains(where: { $0.id == id && $0.directoryID == directoryID })
                else {
                    return fail(
                        "cannot remove controller \(id): no voter has this id and the directory id \(directoryID)",
                        environment)
                }
                environment.console.print("DRY RUN of removing \(removal)")
                if arguments.has("unregister") {
                    environment.console.print("DRY RUN of unregistering KRaft controller \(id)")
                }
                return .done
            }
            try admin.removeVoter(id, directoryID: directoryID)
            environment.console.print("Removed \(removal)")
            guard arguments.has("unregister") else { return .done }
            do throws(ClientError) {
                try admin.unregisterController(id)
            } catch {
                return fail(
                    "Failed to unregister controller \(id): \(error.cause). To unregister the controller from the "
                        + "cluster, run `skafka cluster unregister-controller --id \(id)`.", environment)
            }
            environment.console.print("Unregistered KRaft controller \(id)")
            return .done
        }
    }
}
