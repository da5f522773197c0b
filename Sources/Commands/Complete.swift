import CommandLine
import Configuration
import Glibc
import KafkaClient

/// `skafka complete`: what the completion scripts ask while somebody types. It says nothing when it does not know, and
/// it is done within a second.
enum Complete {
    static let declaration = Command(
        "complete", summary: "Tell a shell what may stand at the cursor",
        operands: [
            Operand(
                "bash|zsh|fish|topics|groups|...",
                help: "The shell that asks, or what names of the cluster shall be listed."),
            Operand("words", help: "The line up to the cursor: one text, or its words.", isRepeatable: true),
        ],
        isHidden: true)

    private static let secondsMax: UInt32 = 1

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        guard let asker = arguments.operands.first else { return .usage }
        var words = Array(arguments.operands.dropFirst())
        if words.count == 1, let line = words.first { words = shellWords(line) }
        let completion = LineCompletion(
            words, program: Program.declaration, commands: Program.entries.map(\.declaration))
        if let kind = Option.Names(rawValue: asker) {
            for name in names(kind, completion.arguments, environment).sorted() { environment.console.print(name) }
            return .done
        }
        environment.console.write(answer(completion, environment))
        return .done
    }

    /// The first line says whether files are wanted too; the others are candidates with their help.
    private static func answer(_ completion: LineCompletion, _ environment: Environment) -> String {
        var completion = completion
        if let kind = completion.names {
            completion.add(names: names(kind, completion.arguments, environment).sorted())
        }
        var text = completion.takesFiles ? "files\(completion.prefix)\n" : "\n"
        for candidate in completion.candidates { text += "\(candidate.text)\t\(candidate.help)\n" }
        return text
    }

    private static func names(_ kind: Option.Names, _ arguments: Arguments, _ environment: Environment) -> [String] {
        switch kind {
        case .topicConfigs: return TopicConfigTable.definitions.map(\.name)
        case .brokerConfigs: return BrokerConfigTable.definitions.map(\.name)
        case .profiles:
            do throws(Profiles.Failure) { return try Profiles.read(environment).all.map(\.name) } catch { return [] }
        case .topics, .groups, .brokers: return clusterNames(kind, arguments, environment)
        }
    }

    /// Without a word of complaint: who completes a line is not to be talked to.
    private static func clusterNames(
        _ kind: Option.Names, _ arguments: Arguments, _ environment: Environment
    ) -> [String] {
        var quiet = environment
        quiet.console = Console { _, _ in }
        giveUpInTime()
        do throws(UsageError) {
            guard var properties = try ClientOptions.properties(arguments, quiet, attempt: "complete") else {
                return []
            }
            for (key, value) in haste { properties[key] = value }
            return ask(kind, properties)
        } catch {
            return []
        }
    }

    private static let haste = [
        "retries": "0", "request.timeout.ms": "900", "default.api.timeout.ms": "900",
        "socket.connection.setup.timeout.ms": "900", "socket.connection.setup.timeout.max.ms": "900",
    ]

    private static func ask(_ kind: Option.Names, _ properties: [String: String]) -> [String] {
        do throws(ConfigurationError) {
            let admin = Admin(try ClientConfiguration(properties, defaultClientID: "skafka-complete"))
            do throws(ClientError) {
                switch kind {
                case .topics: return try admin.metadata().map(\.name)
                case .brokers: return try admin.describeCluster().brokers.map { String($0.id) }
                case .groups: return try admin.groupNames()
                case .topicConfigs, .brokerConfigs, .profiles: return []
                }
            } catch {
                return []
            }
        } catch {
            return []
        }
    }

    /// The resolver may wait longer than the client does; whatever happens, the shell gets its line back.
    private static func giveUpInTime() {
        signal(SIGALRM, endQuietly)
        alarm(secondsMax)
    }
}

private func endQuietly(_ signal: CInt) { _exit(0) }
