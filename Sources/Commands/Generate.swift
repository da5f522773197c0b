import CommandLine
import Posix

/// `skafka generate`: writes the manual pages and completions that are checked in, from the declarations.
enum Generate {
    static let declaration = Command(
        "generate", summary: "Write manual pages or completions into a directory",
        operands: [
            Operand(
                "man|completions|names",
                help: "What to write; the names are those of Kafka's scripts, for links, and go to stdout."),
            Operand("directory", help: "Where to write it.", completion: .files),
        ],
        isHidden: true)

    static func run(_ arguments: Arguments, _ environment: Environment) -> ExitCode {
        if arguments.operands == ["names"] {
            for name in ShellCompletion.scriptNames(Program.entries.map(\.declaration)) {
                environment.console.print(name)
            }
            return .done
        }
        guard arguments.operands.count == 2, let files = files(arguments.operands[0]) else {
            environment.complain("generate: it takes 'man' or 'completions', and a directory, or 'names'")
            return .usage
        }
        let directory = arguments.operands[1]
        do throws(SystemError) {
            try Disk.real.makeDirectories(directory)
            for file in files {
                try Disk.real.replaceContents(of: directory + "/" + file.name, with: Array(file.text.utf8))
            }
            return .done
        } catch {
            environment.complain("cannot generate \(arguments.operands[0]): \(error)")
            return .failed
        }
    }

    static func files(_ kind: String) -> [(name: String, text: String)]? {
        let commands = Program.entries.map(\.declaration)
        switch kind {
        case "man": return manual(commands)
        case "completions":
            return [
                ("skafka.bash", ShellCompletion.script(.bash, commands: commands)),
                ("_skafka", ShellCompletion.script(.zsh, commands: commands)),
                ("skafka.fish", ShellCompletion.script(.fish, commands: commands)),
            ]
        default: return nil
        }
    }

    private static func manual(_ commands: [Command]) -> [(name: String, text: String)] {
        let paged = commands.filter { !$0.isHidden && $0.name != Help.declaration.name }
        var files = [
            (
                name: "skafka.1",
                text: ManualPage.overview(
                    Program.declaration, commands: paged, shared: SharedManual.ofAll,
                    seeAlso: paged.map { "skafka-\($0.name)(1)" } + SharedManual.pages)
            )
        ]
        for command in paged {
            files.append(
                (
                    "skafka-\(command.name).1",
                    ManualPage.page(
                        command, shared: SharedManual.of(command), seeAlso: SharedManual.references(command))
                ))
        }
        files.append(("skafka.conf.5", ConfigurationManual.page))
        files.append(("skafka-client.conf.5", ClientConfigurationManual.page))
        files.append(("skafka-storage.7", StorageManual.page.roff))
        files.append(("skafka-protocol.7", ProtocolManual.page.roff))
        return files
    }
}
