/// Manual pages in the `man` macros, from the declarations.
public enum ManualPage {
    /// The page of a command; its subcommands are described on it too.
    public static func page(_ command: Command, program: String = "skafka", seeAlso: [String]) -> String {
        let name = "\(program)-\(command.name)"
        var roff = header(name, section: 1)
        roff += section("name", "\(escaped(name)) \\- \(escaped(lowercasedFirst(command.summary)))\n")
        roff += "\n.SH SYNOPSIS\n" + synopsis(command, "\(program) \(command.name)")
        for subcommand in command.subcommands {
            roff += ".PP\n" + synopsis(subcommand, "\(program) \(command.name) \(subcommand.name)")
        }
        roff += "\n.SH DESCRIPTION\n" + paragraphs(command.description)
        if command.subcommands.isEmpty {
            roff += "\n.SH OPTIONS\n" + options(command)
        } else {
            roff += "\n.SH COMMANDS\n"
            for subcommand in command.subcommands {
                roff += ".SS \(escaped(subcommand.name))\n" + escaped(sentence(subcommand.summary)) + "\n"
                roff += subcommand.description.isEmpty ? "" : ".PP\n" + paragraphs(subcommand.description)
                roff += options(subcommand)
            }
        }
        roff += ending(command, seeAlso: seeAlso)
        return roff
    }

    /// The page of the program itself.
    public static func overview(_ program: Command, commands: [Command], seeAlso: [String]) -> String {
        var roff = header(program.name, section: 1)
        roff += section("name", "\(program.name) \\- \(escaped(lowercasedFirst(program.summary)))\n")
        roff += "\n.SH SYNOPSIS\n.B \(program.name)\n.I command\n[\\fIoptions\\fR]\n"
        roff += "\n.SH DESCRIPTION\n" + paragraphs(program.description)
        roff += "\n.SH COMMANDS\n"
        for command in commands where !command.isHidden {
            roff += ".TP\n.BR \(program.name)\\-\(escaped(command.name)) (1)\n\(escaped(sentence(command.summary)))\n"
        }
        roff += "\n.SH OPTIONS\n" + options(program)
        roff += ending(program, seeAlso: seeAlso)
        return roff
    }

    public static func header(_ name: String, section: Int) -> String {
        ".TH \(escaped(name.uppercased())) \(section) \"\" \"skafka\" \"skafka manual\"\n"
    }

    public static func section(_ title: String, _ body: String) -> String { "\n.SH \(title.uppercased())\n" + body }

    public static func paragraphs(_ paragraphs: [String]) -> String {
        paragraphs.map { escaped($0) + "\n" }.joined(separator: ".PP\n")
    }

    /// Text that `troff` prints as it stands.
    public static func escaped(_ text: String) -> String {
        var safe = ""
        for character in text {
            switch character {
            case "\\": safe += "\\e"
            case "-": safe += "\\-"
            default: safe.append(character)
            }
        }
        return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
    }

    private static func synopsis(_ command: Command, _ name: String) -> String {
        var text = ".B \(escaped(name))\n"
        for option in command.knownOptions {
            var word = "\\fB\(escaped(option.spelling))\\fR"
            if let placeholder = option.placeholder { word += " \\fI\(escaped(placeholder))\\fR" }
            text += option.isRequired ? word + "\n" : "[\(word)]" + (option.isRepeatable ? "...\n" : "\n")
        }
        for operand in command.operands {
            text += "[\\fI\(escaped(operand.name))\\fR]" + (operand.isRepeatable ? "...\n" : "\n")
        }
        if !command.subcommands.isEmpty { text += "\\fIcommand\\fR ...\n" }
        return text
    }

    private static func options(_ command: Command) -> String {
        var text = ""
        for operand in command.operands {
            text += ".TP\n.I \(escaped(operand.name))\n\(escaped(operand.help))\n"
        }
        for option in command.knownOptions {
            var head = option.short.map { "\\fB\\-\($0)\\fR, " } ?? ""
            head += "\\fB\(escaped(option.spelling))\\fR"
            if let placeholder = option.placeholder { head += " \\fI\(escaped(placeholder))\\fR" }
            text += ".TP\n\(head)\n\(escaped(option.helpWithDefault))\n"
        }
        return text
    }

    private static func ending(_ command: Command, seeAlso: [String]) -> String {
        var roff = ""
        for part in command.sections { roff += section(part.title, paragraphs(part.paragraphs)) }
        // A command whose exit codes are others says so itself.
        if !command.sections.contains(where: { $0.title == "Exit status" }) { roff += exitStatus(command) }
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
        section(
            "exit status",
            command.isKafkaTool
                ? ".TP\n.B 0\nDone.\n.TP\n.B 1\nIt failed, or the command line was wrong; stderr says why.\n"
                    + ".TP\n.B 130\nInterrupted from the keyboard.\n"
                : ".TP\n.B 0\nDone.\n.TP\n.B 1\nIt failed; stderr says why.\n.TP\n.B 2\n"
                    + "The command line was wrong.\n.TP\n.B 130\nInterrupted from the keyboard.\n")
    }

    /// `skafka-storage(1)` in the manual's type faces.
    static func reference(_ page: String) -> String {
        guard let parenthesis = page.firstIndex(of: "(") else { return escaped(page) }
        return ".BR \(escaped(String(page[..<parenthesis]))) \(page[parenthesis...])"
    }

    private static func lowercasedFirst(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }
}
