extension Command {
    /// The command and its subcommand at a path, outermost first.
    func chain(_ path: [String]) -> [Command] {
        var chain = [self]
        for name in path {
            guard let next = chain.last?.subcommands.first(where: { $0.name == name }) else { break }
            chain.append(next)
        }
        return chain
    }

    /// What `--help` prints for the subcommand at `path`, in 80 columns: Kafka's tools in the layout of their parser, the
    /// others in our own.
    ///
    /// - Parameter name: what the command is called as, such as `kafka-storage`; without one, `skafka storage`.
    public func help(path: [String] = [], name: String? = nil, program: String = "skafka") -> String {
        let chain = chain(path)
        guard let command = chain.last else { return "" }
        let name = name ?? "\(program) \(self.name)"
        switch command.dialect {
        case .argparse: return command.argparseHelp(name, above: Array(chain.dropLast()))
        case .jopt: return isKafkaTool ? command.joptHelp : command.ownHelp(name)
        }
    }

    private func ownHelp(_ name: String) -> String {
        var text = usage(name) + "\n\n" + sentence(summary) + "\n"
        if !operands.isEmpty {
            text += "\nArguments:\n"
            text += twoColumns(operands.map { ("[\($0.name)]", $0.help) }, indent: 2, left: 24, width: 80)
        }
        text += "\nOptions:\n"
        text += twoColumns(allOptions.map { ($0.helpCell, $0.helpWithDefault) }, indent: 2, left: 24, width: 80)
        if !examples.isEmpty {
            text += "\nExamples:\n"
            for example in examples { text += "  \(example.line)\n      \(example.does)\n" }
        }
        return text
    }

    /// `usage: skafka server-start [-daemon] …`, broken into lines of 80 columns.
    public func usage(_ name: String) -> String {
        var words: [String] = []
        for option in allOptions where option.group == nil && option.name != Self.helpJSONOption.name {
            words.append(option.usageWord)
        }
        var groups: [String] = []
        for option in options {
            if let group = option.group, !groups.contains(group) { groups.append(group) }
        }
        for group in groups {
            words.append("[" + options.filter { $0.group == group }.map(\.usageCore).joined(separator: " | ") + "]")
        }
        words += operands.map { "[\($0.name)]" + ($0.isRepeatable ? "..." : "") }
        if !subcommands.isEmpty { words.append("command ...") }
        let head = "usage: \(name)"
        let indent = String(repeating: " ", count: min(head.count, 24) + 1)
        var lines = [head]
        for word in words {
            if lines[lines.count - 1].count + 1 + word.count <= 80 {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(indent + word)
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Option {
    var usageCore: String { spelling + (placeholder.map { " " + $0 } ?? "") }

    var usageWord: String { isRequired ? usageCore : "[\(usageCore)]" + (isRepeatable ? "..." : "") }

    var helpCell: String {
        (short.map { "-\($0), " } ?? "") + usageCore
    }
}

/// A summary as a sentence.
func sentence(_ summary: String) -> String { summary.hasSuffix(".") ? summary : summary + "." }
