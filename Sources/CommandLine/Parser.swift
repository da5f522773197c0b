/// Reads the arguments of a command in its dialect. The words of the errors are those of Kafka's tools.
public struct Parser {
    private let root: Command
    private var command: Command
    private var arguments = Arguments()
    private var rest: ArraySlice<String>

    public static func parse(_ words: [String], for command: Command) throws(UsageError) -> ParseResult {
        var parser = Parser(root: command, command: command, rest: words[...])
        return try parser.parse()
    }

    private mutating func parse() throws(UsageError) -> ParseResult {
        while let word = rest.popFirst() {
            if word == "--" {
                while let operand = rest.popFirst() { try take(operand: operand) }
            } else if word.hasPrefix("-"), word != "-" {
                guard let (option, attached) = try option(word) else { continue }
                if option.name == "help" { return .help(path: arguments.path) }
                if option.name == "version" { return .version }
                try take(option, attached)
            } else {
                try take(operand: word)
                guard command.operands.last?.endsOptions == true else { continue }
                while let operand = rest.popFirst() { try take(operand: operand) }
            }
        }
        try checkComplete()
        return .run(arguments)
    }

    /// The option that a word names, with the value after `=` or right after a short letter.
    private mutating func option(_ word: String) throws(UsageError) -> (Option, attached: String?)? {
        let isLong = word.hasPrefix("--")
        let body = word.dropFirst(isLong ? 2 : 1)
        let equals = body.firstIndex(of: "=")
        let name = String(body[..<(equals ?? body.endIndex)])
        let value = equals.map { String(body[body.index(after: $0)...]) }
        for option in command.allOptions where option.name == name && (isLong || option.hasSingleDash) {
            try note(option, spelled: name)
            return (option, value)
        }
        for option in command.allOptions where isLong && option.formerNames.contains(name) {
            try note(option, spelled: name)
            return (option, value)
        }
        if !isLong, let letter = body.first {
            for option in command.allOptions where option.short == letter {
                let tail = String(body.dropFirst())
                return (option, tail.isEmpty ? nil : tail.hasPrefix("=") ? String(tail.dropFirst()) : tail)
            }
        }
        throw unknown(word, name)
    }

    private mutating func note(_ option: Option, spelled name: String) throws(UsageError) {
        if let other = arguments.spelling(of: option), other != name {
            let former = name == option.name ? other : name
            throw UsageError("Options --\(option.name) and --\(former) cannot be specified together.")
        }
        arguments.note(option, spelled: name)
    }

    private func unknown(_ word: String, _ name: String) -> UsageError {
        let spellings = command.allOptions.map(\.spelling)
        let hint = nearest(to: "--" + name, among: spellings).map { "Did you mean \($0)?" }
        switch command.dialect {
        case .jopt: return UsageError("\(name) is not a recognized option", hint: hint)
        case .argparse: return UsageError("unrecognized arguments: '\(word)'", hint: hint)
        }
    }

    private mutating func take(_ option: Option, _ attached: String?) throws(UsageError) {
        guard case .none = option.argument else {
            try take(option, value: attached)
            return
        }
        if let attached {
            throw UsageError("option \(option.spelling) takes no value, but got '\(attached)'")
        }
        try checkGroup(option)
        arguments.add(option, "")
    }

    private mutating func take(_ option: Option, value attached: String?) throws(UsageError) {
        var value = attached
        if case .optional = option.argument, value == nil, rest.first?.hasPrefix("-") ?? true { value = "" }
        if value == nil, let next = rest.first, command.dialect == .jopt || !next.hasPrefix("-") || next == "-" {
            value = next
            rest.removeFirst()
        }
        guard let value else {
            switch command.dialect {
            case .jopt: throw UsageError("Option \(option.name) requires an argument")
            case .argparse: throw UsageError("argument \(names(option)): expected one argument")
            }
        }
        if command.dialect == .jopt, !option.isRepeatable, arguments.has(option.name) {
            throw UsageError("Found multiple arguments for option \(option.name), but you asked for only one")
        }
        try checkGroup(option)
        arguments.add(option, value)
    }

    private func checkGroup(_ option: Option) throws(UsageError) {
        guard let group = option.group else { return }
        for other in command.options where other.group == group && other.name != option.name {
            guard arguments.has(other.name) else { continue }
            throw UsageError("argument \(names(option)): not allowed with argument \(names(other))")
        }
    }

    private mutating func take(operand: String) throws(UsageError) {
        if !command.subcommands.isEmpty {
            guard let next = command.subcommands.first(where: { $0.name == operand }) else {
                let choices = command.subcommands.map(\.name)
                throw UsageError(
                    "invalid choice: '\(operand)' (choose from " + choices.map { "'\($0)'" }.joined(separator: ", ")
                        + ")",
                    hint: nearest(to: operand, among: choices).map { "Did you mean \($0)?" })
            }
            command = next
            arguments.path.append(operand)
            return
        }
        guard arguments.operands.count < command.operands.count || command.operands.last?.isRepeatable == true else {
            switch command.dialect {
            case .jopt: throw UsageError("Found non argument parameters: \(operand)")
            case .argparse: throw UsageError("unrecognized arguments: '\(operand)'")
            }
        }
        arguments.operands.append(operand)
    }

    private func checkComplete() throws(UsageError) {
        if !command.subcommands.isEmpty { throw UsageError("too few arguments") }
        for option in command.options where option.isRequired && !arguments.has(option.name) {
            switch command.dialect {
            case .jopt: throw UsageError("Missing required argument \"[\(option.name)]\"")
            case .argparse: throw UsageError("argument \(names(option)) is required")
            }
        }
    }

    private func names(_ option: Option) -> String {
        option.spelling + (option.short.map { "/-\($0)" } ?? "")
    }
}
