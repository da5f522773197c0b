import CommandLine
import Patterns

/// Whether a regular expression can be subscribed to. The broker follows expressions with a machine without memory, of the
/// kind that RE2 describes, and refuses what such a machine cannot do.
struct RegexCheck {
    private let text: String
    /// Nil where it is one.
    private let reason: String?

    init(_ text: String) {
        self.text = text
        do throws(PatternError) {
            _ = try Pattern(text)
            reason = nil
        } catch {
            reason = Self.kafkaWords(error.reason)
        }
    }

    func tell(_ environment: Environment) -> ExitCode {
        environment.console.print(line)
        return reason == nil ? .done : .failed
    }

    var line: String {
        "The regular expression `\(text)` is " + (reason.map { "invalid: \($0)." } ?? "valid.")
    }

    /// What Kafka's tool says where it has words for the same.
    private static func kafkaWords(_ reason: String) -> String {
        switch reason {
        case "Unclosed group": return "missing closing )"
        case "Unclosed character class": return "missing closing ]"
        case "Unmatched closing ')'": return "unexpected )"
        case "Looking ahead is not supported", "Looking behind is not supported",
            "Independent groups are not supported", "Unknown inline modifier", "Unknown group type":
            return "invalid or unsupported Perl syntax"
        case "Referring back to a group is not supported", "Illegal escape": return "invalid escape sequence"
        case "Possessive repetition is not supported": return "invalid nested repetition operator"
        case "Unexpected internal error": return "trailing backslash at end of expression"
        case "Illegal repetition range": return "invalid repeat count"
        case "Illegal character range": return "invalid character class range"
        default:
            if reason.hasPrefix("Dangling meta character") { return "missing argument to repetition operator" }
            if reason.hasPrefix("More than"), reason.hasSuffix("repetitions") { return "invalid repeat count" }
            return reason
        }
    }
}
