import CommandLine
import Timing

/// Lines of the log of Kafka's tools, as their users search for them: `[2026-01-31 23:59:59,123] ERROR … (class)`.
enum ToolLog {
    static func error(_ text: String, _ name: String, _ environment: Environment) {
        line("ERROR", text, name, environment)
    }

    static func warning(_ text: String, _ name: String, _ environment: Environment) {
        line("WARN", text, name, environment)
    }

    static func info(_ text: String, _ name: String, _ environment: Environment) {
        line("INFO", text, name, environment)
    }

    private static func line(_ level: String, _ text: String, _ name: String, _ environment: Environment) {
        let now = TimeZoneChoice.system.calendar(Clock.system.timestamp).logForm
        environment.console.tell("[\(now)] \(level) \(text) (\(name))")
    }
}
