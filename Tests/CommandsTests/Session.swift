import CommandLine
import Posix
import TestSupport

@testable import Commands

/// Runs the program in this process and remembers what it says.
final class Session: Sendable {
    private let output = Guarded("")
    private let errors = Guarded("")
    private let variables: [String: String]
    private let processes: String

    init(variables: [String: String] = [:], processes: String = "/nonexistent") {
        self.variables = variables
        self.processes = processes
    }

    /// Everything in one text: the exit code, stdout, and stderr with a mark before each line.
    func transcript(_ words: String...) -> String {
        let code = run(words)
        let talk = errors.withLock { $0 }.split(separator: "\n", omittingEmptySubsequences: true).map { "! \($0)\n" }
        return "\(code)\n" + output.withLock { $0 } + talk.joined()
    }

    func run(_ words: [String], as name: String = "skafka") -> Int32 {
        output.withLock { $0 = "" }
        errors.withLock { $0 = "" }
        let console = Console { stream, text in
            switch stream {
            case .output: self.output.withLock { $0 += text }
            case .errors: self.errors.withLock { $0 += text }
            }
        }
        let variables = variables
        let environment = Environment(
            console: console, variable: { variables[$0] }, processes: processes)
        return Program.run([name] + words, environment).rawValue
    }

    var printed: String { output.withLock { $0 } }
    var told: String { errors.withLock { $0 } }
}
