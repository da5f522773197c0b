import CommandLine

/// `skafka help [command]`.
enum Help {
    static let declaration = Command(
        "help", summary: "Show what the commands do",
        operands: [
            Operand(
                "command", help: "The command to show, and its subcommand; without one, all are listed.",
                isRepeatable: true)
        ])

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        guard let name = arguments.operands.first else {
            environment.console.write(overview)
            return .done
        }
        guard let entry = Program.entries.first(where: { $0.declaration.name == name }) else {
            return Program.unknown(name, environment)
        }
        environment.console.write(entry.declaration.help(path: Array(arguments.operands.dropFirst())))
        return .done
    }

    static var overview: String {
        var text = "usage: skafka command [options]\n\n\(Program.declaration.summary).\n\nCommands:\n"
        let commands = Program.entries.map(\.declaration).filter { !$0.isHidden }
        let width = (commands.map(\.name.count).max() ?? 0) + 2
        for command in commands {
            let gap = String(repeating: " ", count: width - command.name.count)
            text += "  \(command.name)\(gap)\(command.summary).\n"
        }
        text += "\nOptions:\n  --help          Print this help.\n  --version       Print the version.\n"
        return text + "\n'skafka help command' shows the options of a command.\n"
    }
}
