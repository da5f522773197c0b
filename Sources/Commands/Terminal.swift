import CLinux
import Glibc

/// The terminal of the person who runs a command.
struct Terminal: Sendable {
    /// Columns of the terminal that stderr is; nil where it is something else.
    let width: @Sendable () -> Int?
    /// A line from the keyboard, without its end; nil where stdin is no terminal or has ended.
    let answer: @Sendable () -> String?

    static let standard = Terminal(
        width: {
            guard isatty(2) == 1 else { return nil }
            let width = Int(linux_terminal_width(2))
            return width > 0 ? width : 80
        },
        answer: { isatty(0) == 1 ? readLine() : nil })
}
