/// What a command line said.
public struct Arguments: Equatable, Sendable {
    /// The subcommands, outermost first, without the command itself.
    public internal(set) var path: [String] = []
    public internal(set) var operands: [String] = []
    private var values: [String: [String]] = [:]
    /// The names of the options in the order in which they were given, as often as they were.
    public private(set) var order: [String] = []
    /// The command line itself, for tools that repeat it when they fail.
    public internal(set) var words: [String] = []
    /// Under which name each option was given.
    private var spelled: [String: String] = [:]
    /// What counts for options that were not given.
    private var defaults: [String: String] = [:]
    private var deprecation = Deprecation.isDeprecated

    init() {}

    mutating func settle(_ command: Command, _ deprecation: Deprecation) {
        self.deprecation = deprecation
        for option in command.options { if let value = option.defaultValue { defaults[option.name] = value } }
    }

    /// The name under which an option was given before, if it was.
    func spelling(of option: Option) -> String? { spelled[option.name] }

    mutating func note(_ option: Option, spelled name: String) { spelled[option.name] = name }

    /// A line for each option that was given under a former name.
    public var warnings: [String] {
        spelled.filter { $0.key != $0.value }.sorted { $0.key < $1.key }.map { name, former in
            let rest = "deprecated and will be removed in a future version. Use --\(name) instead."
            return switch deprecation {
            case .isDeprecated: "Option --\(former) is \(rest)"
            case .hasBeenDeprecated: "Option --\(former) has been \(rest)"
            case .warning: "Warning: --\(former) is \(rest)"
            }
        }
    }

    mutating func add(_ option: Option, _ value: String) {
        values[option.name, default: []].append(value)
        order.append(option.name)
    }

    /// Whether the option was given.
    public func has(_ name: String) -> Bool { values[name] != nil }

    /// What was given, else what is declared to count then.
    public func value(_ name: String) -> String? { values[name]?.last ?? defaults[name] }
    public func values(_ name: String) -> [String] { values[name] ?? defaults[name].map { [$0] } ?? [] }

    /// The value of an option that is declared to be a number; the parser has refused what is none.
    public func int(_ name: String) -> Int32? { number(name) { Int32($0) } }
    public func long(_ name: String) -> Int64? { number(name) { Int64($0) } }
    public func double(_ name: String) -> Double? { number(name) { Double($0) } }

    private func number<Number>(_ name: String, _ parse: (String) -> Number?) -> Number? {
        guard let text = value(name) else { return nil }
        let number = parse(text)
        assert(number != nil, "the option \(name) is not declared with the type that is asked for")
        return number
    }
}

/// In which words a tool of Kafka's warns of a former name.
public enum Deprecation: Sendable {
    case isDeprecated
    case hasBeenDeprecated
    case warning
}

/// What to do after parsing.
public enum ParseResult: Equatable, Sendable {
    case run(Arguments)
    /// `--help` was given for the subcommand at this path.
    case help(path: [String])
    /// `--help-json`: the same for programs.
    case helpJSON(path: [String])
    case version
}

/// A command line that the command does not understand.
public struct UsageError: Error, Equatable, Sendable {
    public let message: String
    /// The one thing to do about it, when there is one.
    public let hint: String?
    /// The subcommands that had been read by then.
    public internal(set) var path: [String] = []

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
