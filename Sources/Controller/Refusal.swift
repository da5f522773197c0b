public import KafkaModel

/// Why one item of a request was not done, as the client will read it.
public struct Refusal: Error, Sendable, Equatable, CustomStringConvertible {
    public let code: ErrorCode
    /// Nil where the code says it all.
    public let message: String?

    public init(_ code: ErrorCode, _ message: String? = nil) {
        self.code = code
        self.message = message
    }

    public var description: String { message.map { "\($0) (\(code.name))" } ?? code.name }
}
