import CommandLine

/// `skafka run-class`: what kafka-run-class.sh starts by the name of a class is the command that does the same.
///
/// It is no ordinary command, for what stands behind the class belongs to another.
enum RunClass {
    static let declaration = Command(
        "run-class", summary: "Run the command that a class of Kafka's stands for",
        description: [
            "kafka-run-class.sh starts classes; here each class of a tool stands for the command that does the same, and "
                + "takes the arguments behind it. -name and -loggc, which are for Java, may stand in front and have no "
                + "effect; -daemon goes to the broker.",
            "skafka --help-json lists the classes under classNames.",
        ],
        operands: [
            Operand("class", help: "Such as org.apache.kafka.tools.TopicCommand."),
            Operand("arguments", help: "What the command gets.", isRepeatable: true),
        ],
        examples: [
            Command.Example(
                "skafka run-class kafka.tools.DumpLogSegments --files 00000000000000000000.log",
                does: "As skafka dump-log.")
        ],
        kafkaProgram: "kafka-run-class.sh")

    /// What is left of the words behind the command's own name.
    struct Request: Equatable {
        var className = ""
        var arguments: [String] = []

        /// Nil when there is no class.
        init?(_ words: [String]) {
            var rest = words[...]
            var isDaemon = false
            while let word = rest.popFirst() {
                switch word {
                case "-daemon": isDaemon = true
                case "-loggc": continue
                case "-name": _ = rest.popFirst()
                case "-h", "--help", "--help-json", "--version": return nil
                default:
                    className = word
                    arguments = (isDaemon ? ["-daemon"] : []) + rest
                    return
                }
            }
            return nil
        }
    }

    /// What there is to do without a class.
    static func run(_ arguments: Arguments, _ environment: Environment) throws(UsageError) -> ExitCode {
        throw UsageError("it takes the name of a class")
    }

    static func forward(_ words: [String], _ environment: Environment, as name: String) -> ExitCode {
        guard let request = Request(words) else {
            return Program.run(CommandEntry(declaration: declaration, run: run), words, environment, as: name)
        }
        if let reason = OutOfScope.reason(className: request.className) {
            environment.complain(reason)
            return .failed
        }
        guard let entry = Program.entries.first(where: { $0.declaration.classNames.contains(request.className) }) else {
            let known = Program.entries.flatMap(\.declaration.classNames)
            environment.complain(
                "no command does what the class '\(request.className)' does",
                hint: nearest(to: request.className, among: known).map { "Did you mean \($0)?" })
            return .failed
        }
        return Program.run(entry, request.arguments, environment, as: "skafka \(entry.declaration.name)")
    }
}
