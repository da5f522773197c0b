/// Manual pages in the `man` macros, from the declarations.
public enum ManualPage {
    /// What several commands say alike, such as the variables that they heed.
    public struct Shared: Sendable {
        public var output: [String] = []
        public var environment: [(name: String, meaning: String)] = []
        public var files: [(name: String, meaning: String)] = []

        public init() {}
    }

    /// The page of a command; its subcommands are described on it too.
    public static func page(
        _ command: Command, program: String = "skafka", shared: Shared = Shared(), seeAlso: [String]
    ) -> String {
        let name = "\(program)-\(command.name)"
        var roff = header(name, section: 1) + ".nh\n.ad l\n"
        roff += section("name", "\(escaped(name)) \\- \(escaped(lowercasedFirst(command.summary)))\n")
        roff += "\n.SH SYNOPSIS\n" + synopsis(command, "\(program) \(command.name)")
        for subcommand in command.subcommands where !subcommand.isHidden {
            roff += ".PP\n" + synopsis(subcommand, "\(program) \(command.name) \(subcommand.name)")
        }
        var description = command.description.isEmpty ? [sentence(command.summary)] : command.description
        if let script = command.scriptName { description.append("Scripts know it as \(script).sh.") }
        roff += "\n.SH DESCRIPTION\n" + paragraphs(description)
        roff += "\n.SH OPTIONS\n" + options(command, command.allOptions)
        if !command.subcommands.isEmpty {
            roff += "\n.SH COMMANDS\n"
            for subcommand in command.subcommands where !subcommand.isHidden {
                roff += ".SS \(escaped(subcommand.name))\n" + escaped(sentence(subcommand.summary)) + "\n"
                roff += subcommand.description.isEmpty ? "" : ".PP\n" + paragraphs(subcommand.description)
                roff += options(subcommand, subcommand.options)
            }
        }
        if !shared.output.isEmpty { roff += section("output", paragraphs(shared.output)) }
        roff += ending(command, shared: shared, seeAlso: seeAlso)
        return roff
    }

    /// The page of the program itself.
    public static func overview(
        _ program: Command, commands: [Command], shared: Shared = Shared(), seeAlso: [String]
    ) -> String {
        var roff = header(program.name, section: 1) + ".nh\n.ad l\n"
        roff += section("name", "\(program.name) \\- \(escaped(program.summary))\n")
        roff += "\n.SH SYNOPSIS\n.B \(program.name)\n.I command\n[\\fIoptions\\fR]\n"
        roff += "\n.SH DESCRIPTION\n" + paragraphs(program.description)
        roff += "\n.SH OPTIONS\n" + options(program, program.allOptions)
        roff += "\n.SH COMMANDS\n"
        for command in commands where !command.isHidden {
            roff += ".TP\n.BR \(program.name)\\-\(escaped(command.name)) (1)\n\(escaped(sentence(command.summary)))\n"
        }
        if !shared.output.isEmpty { roff += section("output", paragraphs(shared.output)) }
        roff += ending(program, shared: shared, seeAlso: seeAlso)
        return roff
    }

    public static func header(_ name: String, section: Int) -> String {
        ".TH \(escaped(name.uppercased())) \(section) \"\" \"skafka\" \"skafka manual\"\n"
    }

    public static func section(_ title: String, _ body: String) -> String {
        "\n.SH \(title.contains(" ") ? "\"\(title.uppercased())\"" : title.uppercased())\n" + body
    }

    public static func paragraphs(_ paragraphs: [String]) -> String {
        paragraphs.map { escaped($0) + "\n" }.joined(separator: ".PP\n")
    }

    /// Text that `troff` prints as it stands. A word that no line may hold can be broken behind commas and colons.
    public static func escaped(_ text: String) -> String {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        let safe = words.map(escapedWord).joined(separator: " ")
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }

    private static let longestWord = 40

    private static func escapedWord(_ word: Substring) -> String {
        let isLong = word.count > longestWord
        var safe = ""
        for character in word {
            switch character {
            case "\\": safe += "\\e"
            case "-": safe += "\\-"
            case ",", ":": safe += isLong ? "\(character)\\:" : "\(character)"
            default: safe.append(character)
            }
        }
        return safe
    }

    private static func synopsis(_ command: Command, _ name: String) -> String {
        var text = ".B \(unbroken(name))\n"
        for option in command.options {
            var word = "\\fB\(escaped(option.spelling))\\fR"
            if let argument = argument(option) { word += "\\ \(argument)" }
            text += option.isRequired ? word + "\n" : "[\(word)]" + (option.isRepeatable ? "...\n" : "\n")
        }
        for operand in command.operands {
            text += "[\\fI\(escaped(operand.name))\\fR]" + (operand.isRepeatable ? "...\n" : "\n")
        }
        if !command.subcommands.isEmpty { text += "\\fIcommand\\fR ...\n" }
        return text
    }

    /// The placeholder without the type that Kafka's help puts in front of it, on one line.
    private static func argument(_ option: Option) -> String? {
        guard var word = option.placeholder else { return nil }
        if let colon = word.firstIndex(of: ":"), colon != word.startIndex, word[..<colon].allSatisfy(\.isLetter) {
            let rest = word[word.index(after: colon)...].drop { $0 == " " }
            if !rest.isEmpty { word = String(rest) }
        }
        let isOptional = if case .optional = option.argument { true } else { false }
        let text = "\\fI\(unbroken(word))\\fR"
        return isOptional ? "[\(text)]" : text
    }

    /// Short words stay together.
    private static func unbroken(_ text: String) -> String {
        guard text.count <= longestWord else { return escaped(text) }
        return escaped(text).split(separator: " ").joined(separator: "\\ ")
    }

    private static func options(_ command: Command, _ options: [Option]) -> String {
        var text = ""
        for operand in command.operands {
            text += ".TP\n.I \(escaped(operand.name))\n\(escaped(operand.help))\n"
        }
        for option in options {
            var head = option.short.map { "\\fB\\-\($0)\\fR, " } ?? ""
            head += "\\fB\(escaped(option.spelling))\\fR"
            if let argument = argument(option) { head += " \(argument)" }
            var help = option.helpWithDefault
            if !option.choices.isEmpty { help += " One of \(option.choices.joined(separator: ", "))." }
            if !option.formerNames.isEmpty {
                help +=
                    " Its former name \(option.formerNames.map { "--" + $0 }.joined(separator: ", ")) is still taken."
            }
            text += ".TP\n\(head)\n\(escaped(help))\n"
        }
        return text
    }

    private static func ending(_ command: Command, shared: Shared, seeAlso: [String]) -> String {
        var roff = ""
        var environment = ""
        var files = ""
        var status: String?
        for part in command.sections {
            switch part.title.lowercased() {
            case "environment": environment = paragraphs(part.paragraphs)
            case "files": files = paragraphs(part.paragraphs)
            case "exit status": status = paragraphs(part.paragraphs)
            default: roff += section(part.title, paragraphs(part.paragraphs))
            }
        }
        roff += section("exit status", status ?? exitStatus(command))
        environment += terms(shared.environment)
        files += terms(shared.files)
        if !environment.isEmpty { roff += section("environment", environment) }
        if !files.isEmpty { roff += section("files", files) }
        if !command.examples.isEmpty {
            roff += "\n.SH EXAMPLES\n"
            for example in command.examples {
                roff += ".TP\n.B \(escaped(example.line))\n\(escaped(example.does))\n"
            }
        }
        if !seeAlso.isEmpty {
            roff += "\n.SH \"SEE ALSO\"\n" + seeAlso.map(reference).joined(separator: ",\n") + "\n"
        }
        return roff
    }

    private static func exitStatus(_ command: Command) -> String {
        let status: [(String, String)] =
            command.isKafkaTool
            ? [("0", "Done."), ("1", "It failed, or the command line was wrong; stderr says why.")]
            : [("0", "Done."), ("1", "It failed; stderr says why."), ("2", "The command line was wrong.")]
        return terms(status + [("130", "Interrupted from the keyboard.")])
    }

    private static func terms(_ terms: [(name: String, meaning: String)]) -> String {
        terms.map { ".TP\n.B \(escaped($0.name))\n\(escaped($0.meaning))\n" }.joined()
    }

    /// `skafka-storage(1)` in the manual's type faces.
    static func reference(_ page: String) -> String {
        guard let parenthesis = page.firstIndex(of: "(") else { return escaped(page) }
        return ".BR \(escaped(String(page[..<parenthesis]))) \(page[parenthesis...])"
    }

    private static func lowercasedFirst(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}
