/// For whom data is dressed.
public enum OutputStyle: Sendable {
    /// For the next program in a pipe: compact, columns parted by tabs.
    case plain
    /// For a person in front of a terminal: indented, in aligned columns.
    case aligned
    /// The same with the colours of the terminal.
    case coloured

    /// - Parameter variable: the environment, which may forbid colours: `NO_COLOR`, or a terminal that has none.
    public init(isTerminal: Bool, variable: (String) -> String?) {
        guard isTerminal else {
            self = .plain
            return
        }
        let isColourless = !(variable("NO_COLOR") ?? "").isEmpty || variable("TERM") == "dumb"
        self = isColourless ? .aligned : .coloured
    }

    enum Ink: String {
        case heading = "1"
        case key = "36"
    }

    func paint(_ text: String, _ ink: Ink) -> String {
        switch self {
        case .plain, .aligned: text
        case .coloured: "\u{1b}[\(ink.rawValue)m\(text)\u{1b}[0m"
        }
    }
}
