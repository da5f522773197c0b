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
    /// - Parameter message: what the tool says when no cluster is named.
    static func admin(
        _ arguments: Arguments, _ environment: Environment, attempt: Attempt, withoutServer message: String
    ) throws(ToolRefusal) -> Admin? {
        do throws(UsageError) {
            return try ClientOptions.admin(arguments, environment, clientID: "adminclient-1", attempt: attempt)
        } catch {
            throw error == ClientOptions.missingServer ? .plain(message) : .usage(error)
        }
    }
}
