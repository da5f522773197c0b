/// A setting that cannot be: which one, what it was set to, and why that is refused. The text is Kafka's, since it also
/// answers clients that alter configurations.
public struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    public let key: String
    /// Nil when the value is missing or secret.
    public let value: String?
    public let reason: String
    /// The line of the properties file, when the file itself is at fault.
    public let line: Int?

    public init(key: String, value: String?, reason: String) {
        self.key = key
        self.value = value
        self.reason = reason
        self.line = nil
    }

    public init(line: Int, reason: String) {
        self.key = ""
        self.value = nil
        self.reason = reason
        self.line = line
    }

    public var description: String {
        if let line { return "line \(line): \(reason)" }
        guard let value else { return "Invalid configuration \(key): \(reason)" }
        return "Invalid value \(value) for configuration \(key): \(reason)"
    }
}
