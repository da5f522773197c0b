import CommandLine

/// `skafka help [command]`.
enum Help {
    static let declaration = Command(
        "help", summary: "Show what the commands do",
        operands: [Operand("command", help: "The command to show; without one, all are listed.")])

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        guard let name = arguments.operands.first else {
            environment.console.write(overview)
            return .done
        }
        guard let entry = Program.entries.first(where: { $0.declaration.name == name }) else {
            return Program.unknown(name, environment)
        }
        environment.console.write(entry.declaration.help())
        return .done
    }

    static var overview: String {
        var text = "usage: skafka command [options]\n\n\(Program.declaration.summary).\n\nCommands:\n"
        for command in Program.entries.map(\.declaration) where !command.isHidden {
            let gap = String(repeating: " ", count: max(1, 16 - command.name.count))
            text += "  \(command.name)\(gap)\(command.summary).\n"
        }
        text += "\nOptions:\n  --help          Print this help.\n  --version       Print the version.\n"
        return text + "\n'skafka help command' shows the options of a command.\n"
    }
}
