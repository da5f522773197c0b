/// Kafka's tools use two parsers, which differ in grammar and in the words of their errors.
public enum Dialect: String, Sendable {
    /// `--opt value` or `--opt=value`; an option that takes one value may be given once.
    case jopt
    /// Also short letters and subcommands; the last of several values counts.
    case argparse
}

/// A command, declared once. The parser, the help, the manual page and the shell completions are made from it.
public struct Command: Sendable {
    /// A further section of the manual page.
    public struct Section: Sendable {
        public let title: String
        public let paragraphs: [String]

        public init(_ title: String, _ paragraphs: [String]) {
            self.title = title
            self.paragraphs = paragraphs
        }
    }

    /// A command line worth showing, and what it does.
    public struct Example: Sendable {
        public let line: String
        public let does: String

        public init(_ line: String, does: String) {
            self.line = line
            self.does = does
        }
    }

    public let name: String
    /// One line, without a full stop.
    public let summary: String
    public let dialect: Dialect
    /// What it does, in paragraphs, for the manual page.
    public let description: [String]
    public let options: [Option]
    public let operands: [Operand]
    public let subcommands: [Command]
    public let sections: [Section]
    public let examples: [Example]
    /// Left out of listings.
    public let isHidden: Bool
    /// Scripts know it under Kafka's name, so it keeps the habits of Kafka's tools. In the first dialect help goes to
    /// stderr and ends with 1, and so do no arguments at all and wrong ones. In the second help goes to stdout, and what
    /// is wrong ends with the usage on stderr and 1.
    public let isKafkaTool: Bool
    /// Groups of options of which one has to be given.
    public let requiredGroups: [String]
    public let deprecation: Deprecation
    /// What Kafka's tool calls itself in its messages where that is not `kafka-` and the name. Having it makes a script
    /// of a command that has no habits of Kafka's tools.
    public let kafkaProgram: String?
    /// The classes that do this in Kafka's distributions, which `run-class` takes.
    public let classNames: [String]

    public init(
        _ name: String, summary: String, dialect: Dialect = .jopt, description: [String] = [], options: [Option] = [],
        operands: [Operand] = [], subcommands: [Command] = [], sections: [Section] = [], examples: [Example] = [],
        isHidden: Bool = false, isKafkaTool: Bool = false, requiredGroups: [String] = [],
        deprecation: Deprecation = .isDeprecated, kafkaProgram: String? = nil, classNames: [String] = []
    ) {
        self.name = name
        self.summary = summary
        self.dialect = dialect
        self.description = description
        self.options = options
        self.operands = operands
        self.subcommands = subcommands
        self.sections = sections
        self.examples = examples
        self.isHidden = isHidden
        self.isKafkaTool = isKafkaTool
        self.requiredGroups = requiredGroups
        self.deprecation = deprecation
        self.kafkaProgram = kafkaProgram
        self.classNames = classNames
    }

    /// The script of Kafka's that this is, without its ending.
    public var scriptName: String? { isKafkaTool || kafkaProgram != nil ? "kafka-" + name : nil }

    /// `--help`, which every command has, and `--version`, which those of the first dialect have.
    static let helpOption = Option("help", short: "h", help: "Print this help.")
    static let helpJSONOption = Option("help-json", help: "Print what the command takes, as JSON.")
    static let versionOption = Option("version", help: "Print the version.")

    /// All options that the help shows, those of every command included.
    public var allOptions: [Option] {
        switch dialect {
        case .jopt: options + [Self.helpOption, Self.versionOption, Self.helpJSONOption]
        case .argparse: options + [Self.helpOption, Self.helpJSONOption]
        }
    }
}
