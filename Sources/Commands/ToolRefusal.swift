import CommandLine
import KafkaClient

/// Why a tool of Kafka's does not begin. Some reasons it follows with its usage, others not.
enum ToolRefusal: Error {
    case usage(UsageError)
    case plain(String, hint: String? = nil)

    /// Runs what reads a command line, with usage errors told as such.
    static func reading<Value>(_ body: () throws(UsageError) -> Value) throws(ToolRefusal) -> Value {
        do throws(UsageError) { return try body() } catch { throw .usage(error) }
    }

    /// A client for the cluster the command line names; nil when it cannot be made, which was told.
    ///
    /// - Parameter message: what the tool says when no cluster is named, where it has words of its own.
    static func admin(
        _ arguments: Arguments, _ environment: Environment, attempt: Attempt, withoutServer message: String? = nil,
        defaults: [String: String] = [:], overrides: [String: String] = [:]
    ) throws(ToolRefusal) -> Admin? {
        do throws(UsageError) {
            return try ClientOptions.admin(
                arguments, environment, clientID: "adminclient-1", attempt: attempt, defaults: defaults,
                overrides: overrides)
        } catch {
            guard let message, error == ClientOptions.missingServer else { throw .usage(error) }
            throw .plain(message)
        }
    }

    /// Tells a reason that has no usage behind it; the other ones are passed on.
    func tell(_ environment: Environment) throws(UsageError) -> ExitCode {
        switch self {
        case .usage(let error): throw error
        case .plain(let message, let hint):
            environment.tell(message, hint: hint)
            return .failed
        }
    }
}
