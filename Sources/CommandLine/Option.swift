/// An option of a command: what the parser accepts, and what help, manual page and completion say about it.
public struct Option: Sendable {
    public enum Argument: Sendable {
        case none
        /// One value; the word stands for it in the help.
        case value(String)
        /// A value, as often as the option is given.
        case repeated(String)
        /// One value or more, up to the next option: `--command-property a=1 b=2`. Only the second dialect has it.
        case several(String)
        /// A value that may be left out, which leaves the option empty.
        case optional(String)
    }

    /// What the shell offers for the value.
    public enum Completion: Sendable {
        case nothing
        case files
        case words([String])
        /// What the cluster has, which `skafka complete` asks it for.
        case names(Names)

        public static let topics = Completion.names(.topics)
        public static let groups = Completion.names(.groups)
        public static let brokers = Completion.names(.brokers)
        public static let topicConfigs = Completion.names(.topicConfigs)
        public static let brokerConfigs = Completion.names(.brokerConfigs)
        public static let profiles = Completion.names(.profiles)
    }

    public enum Names: String, CaseIterable, Sendable {
        case topics, groups, brokers, profiles
        case topicConfigs = "topic-configs"
        case brokerConfigs = "broker-configs"
    }

    /// What a value has to be; the parser refuses others in Kafka's words.
    public enum Kind: String, Sendable {
        case text, integer, long, double
    }

    public let name: String
    public let short: Character?
    public let argument: Argument
    public let kind: Kind
    /// What counts when the option is not given, as it would be written.
    public let defaultValue: String?
    /// The only values there are, when they are few. The second dialect refuses others; tools of the first have words of
    /// their own for that.
    public let choices: [String]
    public let help: String
    public let isRequired: Bool
    /// Options with the same group exclude each other.
    public let group: String?
    public let completion: Completion
    /// Written with one dash, as the start script has it: `-daemon`.
    public let hasSingleDash: Bool
    /// Spellings of older releases, without dashes. They still work, with a warning.
    public let formerNames: [String]

    public init(
        _ name: String, short: Character? = nil, _ argument: Argument = .none, help: String,
        isRequired: Bool = false, group: String? = nil, completion: Completion = .nothing, hasSingleDash: Bool = false,
        formerly formerNames: [String] = [], default defaultValue: String? = nil, type kind: Kind? = nil,
        choices: [String] = []
    ) {
        self.formerNames = formerNames
        self.defaultValue = defaultValue
        self.kind = kind ?? Self.kind(argument)
        self.choices = choices
        self.name = name
        self.short = short
        self.argument = argument
        self.help = help
        self.isRequired = isRequired
        self.group = group
        self.completion = if case .nothing = completion, !choices.isEmpty { .words(choices) } else { completion }
        self.hasSingleDash = hasSingleDash
    }

    /// Kafka's placeholders begin with the type: `Integer: # of partitions`.
    private static func kind(_ argument: Argument) -> Kind {
        switch argument.placeholder?.prefix(while: { $0 != ":" }) {
        case "Integer": .integer
        case "Long": .long
        case "Double", "Float": .double
        default: .text
        }
    }

    /// As it is written on the command line.
    public var spelling: String { (hasSingleDash ? "-" : "--") + name }

    /// Tools of the first dialect may be given any option with one dash: `-topic`.
    func isSpelled(_ name: String, dashes: Int, _ dialect: Dialect) -> Bool {
        guard dashes == 2 || hasSingleDash || dialect == .jopt && name.count > 1 else { return false }
        return name == self.name || formerNames.contains(name)
    }

    var placeholder: String? { argument.placeholder }

    var isRepeatable: Bool {
        switch argument {
        case .repeated, .several: true
        case .none, .value, .optional: false
        }
    }

    /// The help with the value that counts otherwise.
    var helpWithDefault: String { defaultValue.map { "\(help) (default: \($0))" } ?? help }
}

extension Option.Argument {
    var placeholder: String? {
        switch self {
        case .none: nil
        case .value(let word), .repeated(let word), .several(let word), .optional(let word): word
        }
    }
}

extension Option.Kind {
    func accepts(_ value: String) -> Bool {
        switch self {
        case .text: true
        case .integer: Int32(value) != nil
        case .long: Int64(value) != nil
        case .double: Double(value) != nil
        }
    }

    /// As argparse4j names it.
    var javaName: String {
        switch self {
        case .text: "String"
        case .integer: "Integer (32 bit)"
        case .long: "Long (64 bit)"
        case .double: "Double (64 bit)"
        }
    }
}

/// An argument that is no option.
public struct Operand: Sendable {
    public let name: String
    public let help: String
    public let completion: Option.Completion
    /// Only the last operand of a command may come several times.
    public let isRepeatable: Bool
    /// It begins a command line of its own: what comes behind it is not looked at.
    public let endsOptions: Bool

    public init(
        _ name: String, help: String, completion: Option.Completion = .nothing, isRepeatable: Bool = false,
        endsOptions: Bool = false
    ) {
        self.endsOptions = endsOptions
        self.name = name
        self.help = help
        self.completion = completion
        self.isRepeatable = isRepeatable
    }
}
