/// Reads the arguments of a command in its dialect. The words of the errors are those of Kafka's tools.
public struct Parser {
    private let root: Command
    private var command: Command
    private var arguments = Arguments()
    private var rest: ArraySlice<String>
    /// Words of a tool of the first dialect that are too many; it names them all at once.
    private var surplus: [String] = []

    public static func parse(_ words: [String], for command: Command) throws(UsageError) -> ParseResult {
        var parser = Parser(root: command, command: command, rest: words[...])
        parser.arguments.words = words
        do throws(UsageError) {
            return try parser.parse()
        } catch {
            var error = error
            error.path = parser.arguments.path
            throw error
        }
    }

    private mutating func parse() throws(UsageError) -> ParseResult {
        while let word = rest.popFirst() {
            if word == "--" {
                while let operand = rest.popFirst() { try take(operand: operand) }
            } else if command.dialect == .argparse ? looksLikeOption(word) : word.hasPrefix("-") && word != "-" {
                let (option, attached) = try option(word)
                switch option.name {
                case Command.helpOption.name: return .help(path: arguments.path)
                case Command.helpJSONOption.name: return .helpJSON(path: arguments.path)
                case Command.versionOption.name: return .version
                default: try take(option, attached)
                }
            } else {
                try take(operand: word)
                guard command.operands.last?.endsOptions == true else { continue }
                while let operand = rest.popFirst() { try take(operand: operand) }
            }
        }
        if !command.subcommands.isEmpty { throw UsageError("too few arguments") }
        try checkComplete()
        return .run(arguments)
    }

    /// The option that a word names, with the value after `=` or right after a short letter. Several letters behind one
    /// dash are taken apart: the first is returned, the others are put back.
    private mutating func option(_ word: String) throws(UsageError) -> (Option, attached: String?) {
        let dashes = word.hasPrefix("--") ? 2 : 1
        let body = word.dropFirst(dashes)
        let equals = body.firstIndex(of: "=")
        let name = String(body[..<(equals ?? body.endIndex)])
        let value = equals.map { String(body[body.index(after: $0)...]) }
        let options = command.allOptions
        for option in options where option.isSpelled(name, dashes: dashes, command.dialect) {
            try note(option, spelled: name)
            return (option, value)
        }
        if dashes == 1, let letter = body.first, let option = options.first(where: { $0.short == letter }) {
            let tail = body.dropFirst()
            if tail.isEmpty || tail.hasPrefix("=") { return (option, tail.isEmpty ? nil : String(tail.dropFirst())) }
            guard case .none = option.argument else { return (option, String(tail)) }
            guard tail.first?.isLetter == true else { throw unknown(word, name) }
            rest = ["-" + tail] + rest
            return (option, nil)
        }
        if dashes == 2, let option = try abbreviated(name, options) {
            try note(option, spelled: option.name)
            return (option, value)
        }
        throw unknown(word, name)
    }

    /// The second dialect takes the beginning of a name for the name.
    private func abbreviated(_ name: String, _ options: [Option]) throws(UsageError) -> Option? {
        guard command.dialect == .argparse, !name.isEmpty else { return nil }
        let candidates = options.filter { $0.name.hasPrefix(name) }
        guard candidates.count > 1 else { return candidates.first }
        let names = candidates.map(\.spelling).sorted().joined(separator: ", ")
        throw UsageError("ambiguous option: --\(name) could match \(names)")
    }

    private mutating func note(_ option: Option, spelled name: String) throws(UsageError) {
        if let other = arguments.spelling(of: option), other != name {
            let former = name == option.name ? other : name
            let both = "--\(option.name) and --\(former) cannot be specified together."
            throw UsageError(command.dialect == .jopt ? "Options \(both)" : both)
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
            try takeValue(of: option, attached)
            return
        }
        if let attached {
            switch command.dialect {
            case .jopt: throw UsageError("option \(option.spelling) takes no value, but got '\(attached)'")
            case .argparse:
                throw UsageError("argument \(names(option)): ignore implicit argument '\(attached)'")
            }
        }
        try checkGroup(option)
        arguments.add(option, "")
    }

    private mutating func takeValue(of option: Option, _ attached: String?) throws(UsageError) {
        var value = attached
        if case .optional = option.argument, value == nil, rest.first?.hasPrefix("-") ?? true { value = "" }
        if value == nil { value = nextValue() }
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
        try add(option, value)
        if case .several = option.argument, attached == nil {
            while let next = rest.first, !looksLikeOption(next) {
                rest.removeFirst()
                try add(option, next)
            }
        }
    }

    private mutating func nextValue() -> String? {
        guard let next = rest.first, command.dialect == .jopt || !looksLikeOption(next) else { return nil }
        rest.removeFirst()
        return next
    }

    /// A negative number is a value.
    private func looksLikeOption(_ word: String) -> Bool {
        word.hasPrefix("-") && word != "-" && !word.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    private mutating func add(_ option: Option, _ value: String) throws(UsageError) {
        let mayBeEmpty = if case .optional = option.argument { value.isEmpty } else { false }
        guard mayBeEmpty || option.kind.accepts(value) else {
            switch command.dialect {
            case .jopt: throw UsageError("Cannot parse argument '\(value)' of option \(option.name)")
            case .argparse:
                throw UsageError("argument \(names(option)): could not convert '\(value)' to \(option.kind.javaName)")
            }
        }
        if command.dialect == .argparse, !option.choices.isEmpty, !option.choices.contains(value) {
            throw UsageError(
                "argument \(names(option)): invalid choice: '\(value)' (choose from {\(option.choices.joined(separator: ","))})",
                hint: nearest(to: value, among: option.choices).map { "Did you mean \($0)?" })
        }
        arguments.add(option, value)
    }

    private func checkGroup(_ option: Option) throws(UsageError) {
        guard let group = option.group else { return }
        for other in command.options where other.group == group && other.name != option.name {
            guard arguments.has(other.name) else { continue }
            switch command.dialect {
            case .jopt: throw UsageError("Option \"[\(other.name)]\" can't be used with option \"[\(option.name)]\"")
            case .argparse: throw UsageError("argument \(names(option)): not allowed with argument \(names(other))")
            }
        }
    }

    private mutating func take(operand: String) throws(UsageError) {
        if !command.subcommands.isEmpty {
            guard let next = command.subcommands.first(where: { $0.name == operand }) else {
                let choices = command.subcommands.filter { !$0.isHidden }.map(\.name)
                throw UsageError(
                    "invalid choice: '\(operand)' (choose from " + choices.map { "'\($0)'" }.joined(separator: ", ")
                        + ")",
                    hint: nearest(to: operand, among: choices).map { "Did you mean \($0)?" })
            }
            try checkComplete()
            command = next
            arguments.path.append(operand)
            return
        }
        guard arguments.operands.count < command.operands.count || command.operands.last?.isRepeatable == true else {
            switch command.dialect {
            case .jopt:
                surplus.append(operand)
                return
            case .argparse: throw UsageError("unrecognized arguments: '\(operand)'")
            }
        }
        arguments.operands.append(operand)
    }

    /// The options of a command, before its subcommand or the end.
    private mutating func checkComplete() throws(UsageError) {
        if !surplus.isEmpty { throw UsageError("Found non argument parameters: " + surplus.joined(separator: ",")) }
        for option in command.options where option.isRequired && !arguments.has(option.name) {
            switch command.dialect {
            case .jopt: throw UsageError("Missing required argument \"[\(option.name)]\"")
            case .argparse: throw UsageError("argument \(names(option)) is required")
            }
        }
        for group in command.requiredGroups {
            let options = command.options.filter { $0.group == group }
            guard !options.contains(where: { arguments.has($0.name) }) else { continue }
            let list = options.map { names($0) + " " }.joined()
            throw UsageError("one of the arguments \(list)is required")
        }
        arguments.settle(command, root.deprecation)
    }

    private func names(_ option: Option) -> String {
        option.spelling + (option.short.map { "/-\($0)" } ?? "")
    }
}
