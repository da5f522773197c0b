/// An option of a command: what the parser accepts, and what help, manual page and completion say about it.
public struct Option: Sendable {
    public enum Argument: Sendable {
        case none
        /// One value; the word stands for it in the help.
        case value(String)
        /// A value, as often as the option is given.
        case repeated(String)
        /// A value that may be left out, which leaves the option empty.
        case optional(String)
    }

    /// What the shell offers for the value.
    public enum Completion: Sendable {
        case nothing
        case files
        case words([String])
    }

    public let name: String
    public let short: Character?
    public let argument: Argument
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
        formerly formerNames: [String] = []
    ) {
        self.formerNames = formerNames
        self.name = name
        self.short = short
        self.argument = argument
        self.help = help
        self.isRequired = isRequired
        self.group = group
        self.completion = completion
        self.hasSingleDash = hasSingleDash
    }

    /// As it is written on the command line.
    public var spelling: String { (hasSingleDash ? "-" : "--") + name }

    var placeholder: String? {
        switch argument {
        case .none: nil
        case .value(let word), .repeated(let word), .optional(let word): word
        }
    }

    var isRepeatable: Bool { if case .repeated = argument { true } else { false } }
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
