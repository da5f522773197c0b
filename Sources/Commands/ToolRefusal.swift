import CommandLine

/// Why a tool of Kafka's does not begin. Some reasons it follows with its usage, others not.
enum ToolRefusal: Error {
    case usage(UsageError)
    case plain(String, hint: String? = nil)

    /// Runs what reads a command line, with usage errors told as such.
    static func reading<Value>(_ body: () throws(UsageError) -> Value) throws(ToolRefusal) -> Value {
        do throws(UsageError) { return try body() } catch { throw .usage(error) }
    }
}
