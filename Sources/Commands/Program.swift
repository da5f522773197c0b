import CommandLine
import Glibc

/// A command and what it does.
struct CommandEntry: Sendable {
    let declaration: Command
    let run: @Sendable (Arguments, Environment) -> ExitCode
}

/// The program: from the words of the command line to an exit code.
public enum Program {
    static let entries: [CommandEntry] = [
        CommandEntry(declaration: ServerStart.declaration, run: ServerStart.run),
        CommandEntry(declaration: ServerStop.declaration, run: ServerStop.run),
        CommandEntry(declaration: Dev.declaration, run: Dev.run),
        CommandEntry(declaration: StorageTool.declaration, run: StorageTool.run),
        CommandEntry(declaration: DumpLog.declaration, run: DumpLog.run),
        CommandEntry(declaration: LogTool.declaration, run: LogTool.run),
        CommandEntry(declaration: LogDirs.declaration, run: LogDirs.run),
        CommandEntry(declaration: Help.declaration, run: Help.run),
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
        if let entry = entry(calledAs: words.first ?? "") {
            return run(entry, Array(words.dropFirst()), environment)
        }
        guard let first = words.dropFirst().first else {
            environment.console.tellText(Help.overview)
            return .usage
        }
        switch first {
        case "--help", "-h":
            environment.console.write(Help.overview)
            return .done
        case "--version":
            environment.console.print("skafka \(Version.skafka) (Kafka \(Version.kafka))")
            return .done
        default: break
        }
        guard let entry = entries.first(where: { $0.declaration.name == first }) else {
            return unknown(first, environment)
        }
        return run(entry, Array(words.dropFirst(2)), environment)
    }

    private static func run(_ entry: CommandEntry, _ words: [String], _ environment: Environment) -> ExitCode {
        let command = entry.declaration
        if command.isKafkaTool { return runTool(entry, words, environment) }
        do throws(UsageError) {
            switch try Parser.parse(words, for: command) {
            case .run(let arguments):
                for warning in arguments.warnings { environment.console.tell(warning) }
                return entry.run(arguments, environment)
            case .help(let path):
                environment.console.write(command.help(path: path))
                return .done
            case .version:
                environment.console.print(Version.kafka)
                return .done
            }
        } catch {
            environment.complain(
                "\(command.name): \(error.message)",
                hint: error.hint ?? "'skafka \(command.name) --help' shows what it takes.")
            return .usage
        }
    }

    /// As `run`, with the habits of Kafka's tools.
    private static func runTool(_ entry: CommandEntry, _ words: [String], _ environment: Environment) -> ExitCode {
        let command = entry.declaration
        guard !words.isEmpty else {
            environment.console.tellText(command.help())
            return .failed
        }
        do throws(UsageError) {
            switch try Parser.parse(words, for: command) {
            case .run(let arguments):
                for warning in arguments.warnings { environment.console.tell(warning) }
                return entry.run(arguments, environment)
            case .help(let path):
                environment.console.tellText(command.help(path: path))
            case .version:
                environment.console.print(Version.kafka)
                return .done
            }
        } catch {
            environment.console.tell(error.message)
            if let hint = error.hint { environment.console.tell(hint) }
            environment.console.tellText("\n" + command.help())
        }
        return .failed
    }

    /// The command that the program's own name stands for: `kafka-server-start.sh` is `server-start`.
    private static func entry(calledAs path: String) -> CommandEntry? {
        var name = path.split(separator: "/").last.map(String.init) ?? ""
        if name.hasSuffix(".sh") { name.removeLast(3) }
        guard name.hasPrefix("kafka-") else { return nil }
        name.removeFirst(6)
        return entries.first { $0.declaration.name == name && !$0.declaration.isHidden }
    }

    static func unknown(_ word: String, _ environment: Environment) -> ExitCode {
        let names = entries.map(\.declaration).filter { !$0.isHidden }.map(\.name)
        let meant = nearest(to: word, among: names).map { "Did you mean \($0)?" }
        environment.complain(
            word.hasPrefix("-") ? "'\(word)' is no option of skafka" : "'\(word)' is no command of skafka",
            hint: meant ?? "'skafka help' lists all commands.")
        return .usage
    }
}
