import CommandLine
import Glibc

/// A command and what it does.
struct CommandEntry: Sendable {
    let declaration: Command
    /// A usage error that it throws is told as one of the parser's is.
    let run: @Sendable (Arguments, Environment) throws(UsageError) -> ExitCode
    /// Instead of `run`, for a command that hands its words on: with the words as they stand and what it was called as.
    var runsRaw: (@Sendable ([String], Environment, String) -> ExitCode)?
    /// What Kafka's script says when it is called without a word, for a command that would do something.
    var scriptUsage: String?
    /// Not for a command that lives long or must be silent.
    var isAttended = true
}

/// The program: from the words of the command line to an exit code.
public enum Program {
    static let entries: [CommandEntry] = [
        CommandEntry(
            declaration: ServerStart.declaration, run: ServerStart.run, scriptUsage: ServerStart.scriptUsage,
            isAttended: false),
        CommandEntry(declaration: ServerStop.declaration, run: ServerStop.run),
        CommandEntry(declaration: Dev.declaration, run: Dev.run, isAttended: false),
        CommandEntry(declaration: StorageTool.declaration, run: StorageTool.run),
        CommandEntry(declaration: DumpLog.declaration, run: DumpLog.run),
        CommandEntry(declaration: LogTool.declaration, run: LogTool.run),
        CommandEntry(declaration: Topics.declaration, run: Topics.run),
        CommandEntry(declaration: Configs.declaration, run: Configs.run),
        CommandEntry(declaration: LogDirs.declaration, run: LogDirs.run),
        CommandEntry(declaration: ConsoleProducer.declaration, run: ConsoleProducer.run),
        CommandEntry(declaration: VerifiableProducer.declaration, run: VerifiableProducer.run),
        CommandEntry(declaration: ProducerPerfTest.declaration, run: ProducerPerfTest.run),
        CommandEntry(declaration: GetOffsets.declaration, run: GetOffsets.run),
        CommandEntry(declaration: ConsumerGroups.declaration, run: ConsumerGroups.run),
        CommandEntry(declaration: GroupsTool.declaration, run: GroupsTool.run),
        CommandEntry(declaration: DeleteRecords.declaration, run: DeleteRecords.run),
        CommandEntry(declaration: LeaderElection.declaration, run: LeaderElection.run),
        CommandEntry(declaration: BrokerAPIVersions.declaration, run: BrokerAPIVersions.run),
        CommandEntry(declaration: ClusterTool.declaration, run: ClusterTool.run),
        CommandEntry(declaration: MetadataQuorum.declaration, run: MetadataQuorum.run),
        CommandEntry(declaration: FeaturesTool.declaration, run: FeaturesTool.run),
        CommandEntry(declaration: ReplicaVerification.declaration, run: ReplicaVerification.run),
        CommandEntry(declaration: Doctor.declaration, run: Doctor.run),
        CommandEntry(declaration: ProfilesTool.declaration, run: ProfilesTool.run),
        CommandEntry(declaration: RunClass.declaration, run: RunClass.run, runsRaw: RunClass.forward),
        CommandEntry(declaration: ConsoleConsumer.declaration, run: ConsoleConsumer.run),
        CommandEntry(declaration: ConsumerPerfTest.declaration, run: ConsumerPerfTest.run),
        CommandEntry(declaration: VerifiableConsumer.declaration, run: VerifiableConsumer.run),
        CommandEntry(declaration: EndToEndLatency.declaration, run: EndToEndLatency.run),
        CommandEntry(declaration: Help.declaration, run: Help.run),
        CommandEntry(declaration: Complete.declaration, run: Complete.run, isAttended: false),
        CommandEntry(declaration: Generate.declaration, run: Generate.run),
    ]

    /// The words before any command.
    static let declaration = Command(
        "skafka",
        summary: "Apache Kafka in one native program: the broker and its tools",
        description: [
            "skafka is a message broker that clients of Apache Kafka talk to, and the tools that come with it, in one "
                + "program. Its commands carry the names of Kafka's scripts and take their options: what "
                + "kafka-server-start.sh does is skafka server-start.",
            "Under the name of such a script, with or without its ending, for instance through a symbolic link, the "
                + "program behaves as that command.",
            "Data goes to the standard output, talk to the standard error. Every command has --help, and --help-json, "
                + "which prints the same for programs; skafka --help-json prints all commands. Completions for bash, zsh "
                + "and fish know the names of topics, groups and brokers when the line, the environment or a profile says "
                + "which cluster is meant.",
        ],
        examples: [
            Command.Example(
                "skafka server-start", does: "Start a broker on localhost:9092 with its data in /tmp/kafka-logs."),
            Command.Example("skafka storage --help", does: "Show what the storage command can do."),
        ])

    /// Runs the program and ends with its exit code.
    public static func main() -> Never {
        exit(run(Swift.CommandLine.arguments, .real).rawValue)
    }

    static func run(_ words: [String], _ environment: Environment) -> ExitCode {
        let script = scriptName(words.first ?? "")
        let rest = Array(words.dropFirst())
        if let entry = entries.first(where: { $0.declaration.scriptName == script }) {
            if rest.isEmpty, let usage = entry.scriptUsage {
                environment.console.tell(usage)
                return .failed
            }
            return run(entry, rest, environment, as: entry.declaration.kafkaProgram ?? script)
        }
        if let reason = OutOfScope.reason(script: script) {
            environment.complain(reason)
            return .failed
        }
        guard let first = rest.first else {
            environment.console.tellText(Help.overview)
            return .usage
        }
        switch first {
        case "--help", "-h": environment.console.write(Help.overview)
        case "--help-json": environment.console.write(declaration.helpJSON(commands: entries.map(\.declaration)))
        case "--version": environment.console.print("skafka \(Version.skafka) (Kafka \(Version.kafka))")
        default:
            guard let entry = entries.first(where: { $0.declaration.name == first }) else {
                return unknown(first, environment)
            }
            return run(entry, Array(rest.dropFirst()), environment, as: "skafka \(first)")
        }
        return .done
    }

    /// - Parameter name: what the command was called as.
    static func run(
        _ entry: CommandEntry, _ words: [String], _ environment: Environment, as name: String
    ) -> ExitCode {
        let command = entry.declaration
        if let runsRaw = entry.runsRaw { return runsRaw(words, environment, name) }
        guard
            !words.isEmpty || !command.isKafkaTool || command.dialect == .argparse
                || ClientOptions.isClusterKnown(to: command, environment)
        else {
            environment.console.tellText(command.help(name: name))
            return .failed
        }
        var path: [String] = []
        do throws(UsageError) {
            switch try Parser.parse(words, for: command) {
            case .run(let arguments):
                path = arguments.path
                for warning in arguments.warnings { environment.console.tell(warning) }
                let environment = entry.isAttended ? environment.attended() : environment
                return try entry.run(arguments, environment)
            case .help(let path):
                let help = command.help(path: path, name: name)
                if command.isKafkaTool, command.dialect == .jopt {
                    environment.console.tellText(help)
                    return .failed
                }
                environment.console.write(help)
            case .helpJSON(let path): environment.console.write(command.helpJSON(path: path, name: name))
            case .version: environment.console.print(Version.kafka)
            }
            return .done
        } catch {
            return refuse(error, path: error.path.isEmpty ? path : error.path, command, environment, as: name)
        }
    }

    /// What is wrong with a command line, in the manner of Kafka's tools or in ours.
    private static func refuse(
        _ error: UsageError, path: [String], _ command: Command, _ environment: Environment, as name: String
    ) -> ExitCode {
        guard command.isKafkaTool else {
            environment.complain(
                ([command.name] + path).joined(separator: " ") + ": \(error.message)",
                hint: error.hint ?? "'\(name) --help' shows what it takes.")
            return .usage
        }
        switch command.dialect {
        case .jopt:
            environment.console.tell(error.message)
            if let hint = error.hint { environment.console.tell(hint) }
            environment.console.tellText(command.usage(path: path, name: name))
        case .argparse:
            environment.console.tellText(command.usage(path: path, name: name))
            environment.console.tell("\(name): error: \(error.message)")
            if let hint = error.hint { environment.console.tell(hint) }
        }
        return .failed
    }

    /// The name by which the program was called, without directory and ending.
    private static func scriptName(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return name.hasSuffix(".sh") ? String(name.dropLast(3)) : name
    }

    static func unknown(_ word: String, _ environment: Environment) -> ExitCode {
        if let reason = OutOfScope.reason(script: word) ?? OutOfScope.reason(script: "kafka-" + word) {
            environment.complain(reason)
            return .failed
        }
        let names = entries.map(\.declaration).filter { !$0.isHidden }.map(\.name)
        let meant = nearest(to: word, among: names).map { "Did you mean \($0)?" }
        environment.complain(
            word.hasPrefix("-") ? "'\(word)' is no option of skafka" : "'\(word)' is no command of skafka",
            hint: meant ?? "'skafka help' lists all commands.")
        return .usage
    }
}
