public import KafkaModel

/// Why a broker does not take a batch, in the words and the code its client gets to see.
public struct BatchRefusal: Error, Equatable, Sendable {
    public var code: ErrorCode
    public var message: String
    /// The record that is to blame, counted from 0.
    public var recordIndex: Int?

    public init(_ code: ErrorCode, _ message: String, recordIndex: Int? = nil) {
        self.code = code
        self.message = message
        self.recordIndex = recordIndex
    }
}

extension BatchRefusal: CustomStringConvertible {
    public var description: String { "\(message) (\(code.name))" }
}
