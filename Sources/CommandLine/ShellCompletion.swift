/// Completion scripts for the shells, from the declarations.
public enum ShellCompletion {
    /// A command or subcommand with the words that lead to it.
    private struct Node {
        var words: [String]
        var command: Command
    }

    private static func nodes(_ commands: [Command]) -> [Node] {
        var nodes: [Node] = []
        var open = commands.filter { !$0.isHidden }.map { Node(words: [$0.name], command: $0) }
        while !open.isEmpty {
            let node = open.removeFirst()
            nodes.append(node)
            open += node.command.subcommands.map { Node(words: node.words + [$0.name], command: $0) }
        }
        return nodes
    }

    public static func bash(_ program: Command, commands: [Command]) -> String {
        let visible = commands.filter { !$0.isHidden }
        var script = """
            # Completion of skafka for bash. Generated from the declarations of the commands.

            _skafka() {
                local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} path= i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                        -*) break ;;
                        *) path+="${path:+ }${COMP_WORDS[i]}" ;;
                    esac
                done
                COMPREPLY=()
                case $path in

            """
        for node in nodes(commands) {
            let path = node.words.joined(separator: " ")
            let pattern = node.command.operands.isEmpty ? "'\(path)'" : "'\(path)'*"
            script += "        \(pattern))\n            case $previous in\n"
            for option in node.command.options where option.placeholder != nil {
                let spellings = [option.spelling] + (option.short.map { ["-\($0)"] } ?? [])
                let action =
                    switch option.completion {
                    case .nothing, .names: "return"
                    case .files: "COMPREPLY=($(compgen -f -- \"$word\")); return"
                    case .words(let words):
                        "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$word\")); return"
                    }
                script += "                \(spellings.joined(separator: "|"))) \(action) ;;\n"
            }
            script += "            esac\n"
            let offered = node.command.subcommands.map(\.name) + node.command.allOptions.map(\.spelling)
            script += "            COMPREPLY=($(compgen -W '\(offered.joined(separator: " "))' -- \"$word\"))\n"
            if node.command.operands.contains(where: { $0.completion.isFiles }) {
                script += "            [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n"
            }
            script += "            ;;\n"
        }
        let offered = visible.map(\.name) + program.allOptions.map(\.spelling)
        script += """
                    '') COMPREPLY=($(compgen -W '\(offered.joined(separator: " "))' -- "$word")) ;;
                esac
            }

            complete -o filenames -F _skafka skafka

            """
        return script
    }

    public static func zsh(_ program: Command, commands: [Command]) -> String {
        let visible = commands.filter { !$0.isHidden }
        var script =
            "#compdef skafka\n# Completion of skafka for zsh. Generated from the declarations of the commands.\n"
        for node in nodes(commands).reversed() {
            script += "\n_\((["skafka"] + node.words).joined(separator: "_"))() {\n"
            script += zshBody(node.command, words: node.words, subcommands: node.command.subcommands)
            script += "}\n"
        }
        script += "\n_skafka() {\n" + zshBody(program, words: [], subcommands: visible) + "}\n\n_skafka \"$@\"\n"
        return script
    }

    private static func zshBody(_ command: Command, words: [String], subcommands: [Command]) -> String {
        var lines: [String] = []
        for option in command.allOptions {
            let help = zshText(option.help)
            let repeats = option.isRepeatable ? "*" : ""
            let spellings = [option.spelling] + (option.short.map { ["-\($0)"] } ?? [])
            for spelling in spellings {
                var line = "'\(repeats)\(spelling)[\(help)]"
                if let placeholder = option.placeholder {
                    line += ":\(zshText(placeholder)):\(option.completion.zshAction)"
                }
                lines.append(line + "'")
            }
        }
        for operand in command.operands {
            let number = operand.isRepeatable ? "*:" : "::"
            lines.append("'\(number)\(zshText(operand.name)):\(operand.completion.zshAction)'")
        }
        guard !subcommands.isEmpty else {
            return "    _arguments -s \\\n" + lines.map { "        \($0)" }.joined(separator: " \\\n") + "\n"
        }
        var body = "    local context state state_descr line\n    typeset -A opt_args\n"
        body += "    _arguments -C \\\n"
        body += lines.map { "        \($0) \\\n" }.joined()
        body += "        '1: :->command' '*:: :->arguments'\n    case $state in\n        command)\n"
        body += "            local -a commands=(\n"
        for subcommand in subcommands {
            body += "                '\(subcommand.name):\(zshText(sentence(subcommand.summary)))'\n"
        }
        body += "            )\n            _describe command commands\n            ;;\n        arguments)\n"
        body += "            case $line[1] in\n"
        for subcommand in subcommands {
            let function = (["skafka"] + words + [subcommand.name]).joined(separator: "_")
            body += "                \(subcommand.name)) _\(function) ;;\n"
        }
        return body + "            esac\n            ;;\n    esac\n"
    }

    public static func fish(_ program: Command, commands: [Command]) -> String {
        var script = "# Completion of skafka for fish. Generated from the declarations of the commands.\n\n"
        script += "complete -c skafka -f\n"
        for command in commands where !command.isHidden {
            script += "complete -c skafka -n __fish_use_subcommand -a \(command.name)"
            script += " -d \(fishText(sentence(command.summary)))\n"
        }
        for option in program.allOptions {
            script += "complete -c skafka -n __fish_use_subcommand" + fishOption(option) + "\n"
        }
        for node in nodes(commands) {
            let condition = node.words.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
            let names = node.command.subcommands.map(\.name)
            script += "\n"
            if !names.isEmpty {
                let fresh = condition + "; and not __fish_seen_subcommand_from " + names.joined(separator: " ")
                for subcommand in node.command.subcommands {
                    script += "complete -c skafka -n '\(fresh)' -a \(subcommand.name)"
                    script += " -d \(fishText(sentence(subcommand.summary)))\n"
                }
            }
            for option in node.command.allOptions {
                script += "complete -c skafka -n '\(condition)'" + fishOption(option) + "\n"
            }
            if node.command.operands.contains(where: { $0.completion.isFiles }) {
                script += "complete -c skafka -n '\(condition)' -F\n"
            }
        }
        return script
    }

    private static func fishOption(_ option: Option) -> String {
        var text = option.hasSingleDash ? " -o \(option.name)" : " -l \(option.name)"
        if let short = option.short { text += " -s \(short)" }
        if option.placeholder != nil { text += option.completion.isFiles ? " -r -F" : " -x" }
        if case .words(let words) = option.completion { text += " -a '\(words.joined(separator: " "))'" }
        return text + " -d \(fishText(option.help))"
    }

    /// Without the characters that the specifications of `_arguments` treat as their own.
    private static func zshText(_ text: String) -> String {
        var safe = ""
        for character in text {
            switch character {
            case "'": safe += "'\\''"
            case "[", "]", ":": safe += "\\\(character)"
            case "\n": safe += " "
            default: safe.append(character)
            }
        }
        return safe
    }

    private static func fishText(_ text: String) -> String {
        var safe = "'"
        for character in text {
            switch character {
            case "'", "\\": safe += "\\\(character)"
            case "\n": safe += " "
            default: safe.append(character)
            }
        }
        return safe + "'"
    }
}

extension Option.Completion {
    var isFiles: Bool { if case .files = self { true } else { false } }

    var zshAction: String {
        switch self {
        case .nothing, .names: " "
        case .files: "_files"
        case .words(let words): "(\(words.joined(separator: " ")))"
        }
    }
}
