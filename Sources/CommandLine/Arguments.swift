/// What a command line said.
public struct Arguments: Equatable, Sendable {
    /// The subcommands, outermost first, without the command itself.
    public internal(set) var path: [String] = []
    public internal(set) var operands: [String] = []
    private var values: [String: [String]] = [:]
    /// Under which name each option was given.
    private var spelled: [String: String] = [:]

    init() {}

    /// The name under which an option was given before, if it was.
    func spelling(of option: Option) -> String? { spelled[option.name] }

    mutating func note(_ option: Option, spelled name: String) { spelled[option.name] = name }

    /// A line for each option that was given under a former name.
    public var warnings: [String] {
        spelled.filter { $0.key != $0.value }.sorted { $0.key < $1.key }.map { name, former in
            "Option --\(former) is deprecated and will be removed in a future version. Use --\(name) instead."
        }
    }

    mutating func add(_ option: Option, _ value: String) { values[option.name, default: []].append(value) }

    public func has(_ name: String) -> Bool { values[name] != nil }
    public func value(_ name: String) -> String? { values[name]?.last }
    public func values(_ name: String) -> [String] { values[name] ?? [] }
}

/// What to do after parsing.
public enum ParseResult: Equatable, Sendable {
    case run(Arguments)
    /// `--help` was given for the subcommand at this path.
    case help(path: [String])
    case version
}

/// A command line that the command does not understand.
public struct UsageError: Error, Equatable, Sendable {
    public let message: String
    /// The one thing to do about it, when there is one.
    public let hint: String?

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
