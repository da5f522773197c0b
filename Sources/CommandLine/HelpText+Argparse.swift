extension Command {
    /// What Kafka's tools show with an error: those of the first dialect all their options, the others their usage.
    public func usage(path: [String], name: String) -> String {
        let chain = chain(path)
        switch dialect {
        case .jopt: return joptTable
        case .argparse: return chain[chain.count - 1].argparseUsage(name, above: Array(chain.dropLast()))
        }
    }

    /// What tools of the second dialect print for `-h`: the usage, what it is for, the arguments in two columns.
    ///
    /// - Parameter above: the commands of which this is a subcommand, outermost first.
    func argparseHelp(_ name: String, above: [Command]) -> String {
        var text = argparseUsage(name, above: above) + "\n" + filled(sentence(summary), width: 75) + "\n"
        var positional = operands.map { ($0.name, $0.help) }
        let visible = subcommands.filter { !$0.isHidden }
        if !visible.isEmpty {
            positional.append((choices, ""))
            positional += visible.map { ("  " + $0.name, sentence($0.summary)) }
        }
        if !positional.isEmpty { text += "\npositional arguments:\n" + argparseRows(positional) }
        // Kafka's usage has no word of ours.
        let named = (argparseOptions + [Self.helpJSONOption]).map { ($0.argparseTitle, $0.helpWithDefault) }
        text += "\noptional arguments:\n" + argparseRows(named)
        if !examples.isEmpty {
            text += "\nexamples:\n"
            for example in examples { text += "  \(example.line)\n      \(example.does)\n" }
        }
        return text
    }

    /// `usage: kafka-storage format [-h] --config CONFIG …`, broken into lines of 75 columns.
    func argparseUsage(_ name: String, above: [Command] = []) -> String {
        var words: [String] = []
        for (position, parent) in above.enumerated() {
            if position > 0 { words.append(parent.name) }
            for option in parent.options where option.isRequired && option.group == nil {
                words.append(option.argparseWord)
            }
            for group in parent.requiredGroups { words += parent.groupWords(group) }
        }
        if !above.isEmpty { words.append(self.name) }
        for option in argparseOptions where option.group == nil { words.append(option.argparseWord) }
        var groups: [String] = []
        for option in options {
            guard let group = option.group, !groups.contains(group) else { continue }
            groups.append(group)
            words += groupWords(group)
        }
        words += operands.map { $0.isRepeatable ? "[\($0.name) [\($0.name) ...]]" : "[\($0.name)]" }
        if !subcommands.isEmpty { words += [choices, "..."] }
        return broken(words, head: "usage: " + name)
    }

    private var choices: String { "{" + subcommands.filter { !$0.isHidden }.map(\.name).joined(separator: ",") + "}" }

    private var argparseOptions: [Option] { [Self.helpOption] + options }

    private func groupWords(_ group: String) -> [String] {
        let cores = options.filter { $0.group == group }.map(\.argparseCore)
        let isRequired = requiredGroups.contains(group)
        guard let first = cores.first, let last = cores.last, cores.count > 1 else {
            return cores.map { isRequired ? $0 : "[\($0)]" }
        }
        let middle = cores.dropFirst().dropLast().flatMap { ["|", $0] }
        return [(isRequired ? "(" : "[") + first] + middle + ["|", last + (isRequired ? ")" : "]")]
    }

    private func broken(_ words: [String], head: String) -> String {
        let isLong = head.count > 30
        let indent = String(repeating: " ", count: isLong ? 6 : head.count)
        var lines = isLong ? [head, indent] : [head]
        for (position, word) in words.enumerated() {
            if position > 0, lines[lines.count - 1].count + word.count + 1 > argparseWidth {
                lines.append(indent)
            }
            lines[lines.count - 1] += " " + word
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func argparseRows(_ rows: [(left: String, right: String)]) -> String {
        twoColumns(rows, indent: 2, left: 23, gap: 2, width: argparseWidth)
    }
}

private let argparseWidth = 75

private func filled(_ text: String, width: Int) -> String { wrapped(text, width: width).joined(separator: "\n") }

extension Option {
    private var metavar: String {
        guard let placeholder else { return "" }
        return choices.isEmpty ? placeholder : "{" + choices.joined(separator: ",") + "}"
    }

    private var argparseArgument: String {
        switch argument {
        case .none: ""
        case .value, .repeated: " " + metavar
        case .several: " \(metavar) [\(metavar) ...]"
        case .optional: " [\(metavar)]"
        }
    }

    /// The help option is named by its letter first, as argparse4j declares it.
    private var flags: [String] {
        let letter = short.map { ["-\($0)"] } ?? []
        return name == Command.helpOption.name ? letter + [spelling] : [spelling] + letter
    }

    fileprivate var argparseCore: String { flags[0] + argparseArgument }
    fileprivate var argparseWord: String { isRequired ? argparseCore : "[\(argparseCore)]" }
    fileprivate var argparseTitle: String { flags.map { $0 + argparseArgument }.joined(separator: ", ") }
}
