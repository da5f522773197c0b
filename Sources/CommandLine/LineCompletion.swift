/// What a shell may offer for the word at the cursor, from the declarations and the words in front of it. Nothing on an
/// unfinished line is an error.
public struct LineCompletion: Sendable {
    public struct Candidate: Equatable, Sendable {
        public let text: String
        public let help: String
    }

    /// What is offered, each with all that the word begins with already.
    public private(set) var candidates: [Candidate] = []
    /// Names of the cluster are wanted, which only the cluster knows.
    public private(set) var names: Option.Names?
    public private(set) var takesFiles = false
    /// What of the word stands in front of a value: `--topic=`.
    public private(set) var prefix = ""
    /// What the finished words said, to find the cluster by.
    public private(set) var arguments = Arguments()

    private var current: String
    private var options: [Option] = []
    private var given: Set<String> = []
    private var operandCount = 0

    /// - Parameters:
    ///   - words: the line, the program's name first, the word at the cursor last; that may be empty.
    ///   - commands: all there are.
    public init(_ words: [String], program: Command, commands: [Command]) {
        var rest = words.drop { Self.isAssignment($0) }
        current = rest.popLast() ?? ""
        let visible = commands.filter { !$0.isHidden }
        guard let name = rest.popFirst() else { return }
        if let command = commands.first(where: { $0.scriptName == Self.script(name) }) {
            complete(rest, of: command)
        } else if let word = rest.popFirst() {
            if let command = commands.first(where: { $0.name == word }) { complete(rest, of: command) }
        } else {
            options = program.allOptions
            offerCommands(visible)
            if current.hasPrefix("-") { offerOptions() }
        }
    }

    /// `VARIABLE=value` in front of a command.
    private static func isAssignment(_ word: String) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isLetter || $0 == "_" || $0.isNumber }
    }

    private static func script(_ path: String) -> String {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        return name.hasSuffix(".sh") ? String(name.dropLast(3)) : name
    }

    private mutating func complete(_ words: ArraySlice<String>, of root: Command) {
        var command = root
        options = command.allOptions
        var rest = words
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-", word != "--" else {
                if let next = command.subcommands.first(where: { $0.name == word }) {
                    command = next
                    options = command.allOptions
                } else if word != "--" {
                    operandCount += 1
                }
                continue
            }
            let (option, attached) = option(word, command.dialect)
            guard let option else { continue }
            given.insert(option.name)
            guard option.placeholder != nil, attached == nil else {
                if let attached { arguments.add(option, attached) }
                continue
            }
            guard let value = rest.first else { return offerValue(of: option, command) }
            if case .optional = option.argument, value.hasPrefix("-") { continue }
            rest.removeFirst()
            arguments.add(option, value)
        }
        let (option, attached) = option(current, command.dialect)
        if let option, let attached, option.placeholder != nil {
            prefix = String(current.dropLast(attached.count))
            current = attached
            offer(option.completion, help: option.help)
        } else {
            offerWords(of: command)
        }
    }

    private func option(_ word: String, _ dialect: Dialect) -> (Option?, attached: String?) {
        let dashes = word.hasPrefix("--") ? 2 : word.hasPrefix("-") ? 1 : 0
        guard dashes > 0 else { return (nil, nil) }
        let body = word.dropFirst(dashes)
        let equals = body.firstIndex(of: "=")
        let name = String(body[..<(equals ?? body.endIndex)])
        let option = options.first {
            $0.isSpelled(name, dashes: dashes, dialect) || dashes == 1 && $0.short.map { String($0) } == name
        }
        return (option, equals.map { String(body[body.index(after: $0)...]) })
    }

    private mutating func offerValue(of option: Option, _ command: Command) {
        offer(option.completion, help: option.help)
        if case .optional = option.argument { offerWords(of: command) }
    }

    private mutating func offerWords(of command: Command) {
        if !command.subcommands.isEmpty {
            offerCommands(command.subcommands.filter { !$0.isHidden })
        } else if !current.hasPrefix("-") {
            let last = command.operands.last.flatMap { $0.isRepeatable ? $0 : nil }
            if let operand = operandCount < command.operands.count ? command.operands[operandCount] : last {
                offer(operand.completion, help: operand.help)
            }
        }
        if current.hasPrefix("-") || candidates.isEmpty && names == nil && !takesFiles { offerOptions() }
    }

    private mutating func offer(_ completion: Option.Completion, help: String) {
        switch completion {
        case .nothing: break
        case .files: takesFiles = true
        case .names(let kind): names = kind
        case .words(let words): for word in words { add(word, "") }
        }
    }

    private mutating func offerCommands(_ commands: [Command]) {
        for command in commands { add(command.name, sentence(command.summary)) }
    }

    /// All that may still be given: an option once unless it takes several values, of a group only one.
    private mutating func offerOptions() {
        let groups = Set(options.filter { given.contains($0.name) }.compactMap(\.group))
        for option in options where !given.contains(option.name) || option.isRepeatable {
            if let group = option.group, groups.contains(group), !given.contains(option.name) { continue }
            add(option.spelling, option.help)
        }
    }

    private mutating func add(_ text: String, _ help: String) {
        guard text.hasPrefix(current) else { return }
        candidates.append(Candidate(text: prefix + text, help: help))
    }

    /// Adds what the cluster told, behind the last comma of a list. Names with letters that a shell takes for its own are
    /// left out.
    public mutating func add(names: [String]) {
        if let comma = current.lastIndex(of: ",") {
            prefix += current[...comma]
            current = String(current[current.index(after: comma)...])
        }
        for name in names where name.utf8.allSatisfy(Self.isHarmless) { add(name, "") }
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "@"), UInt8(ascii: "/"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}

/// Splits a line as a shell does, as far as blanks, quotes and backslashes go. The last word is the one at the end of the
/// line, empty behind a blank; quotes may be open there.
public func shellWords(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var quote: Character?
    var isEscaped = false
    for character in line {
        if isEscaped {
            word.append(character)
            isEscaped = false
        } else if character == "\\", quote != "'" {
            isEscaped = true
        } else if let open = quote {
            if character == open { quote = nil } else { word.append(character) }
        } else if character == "'" || character == "\"" {
            quote = character
        } else if character == " " || character == "\t" || character == "\n" {
            if !word.isEmpty { words.append(word) }
            word = ""
        } else {
            word.append(character)
        }
    }
    return words + [word]
}
