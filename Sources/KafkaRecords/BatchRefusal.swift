public import KafkaModel

/// Why a broker does not take a batch, in the words and the code its client gets to see.
public struct BatchRefusal: Error, Equatable, Sendable {
    public var code: ErrorCode
    public var message: String
    /// The records that are to blame, ascending. The client tells their senders apart from those whose records were
    /// only in bad company.
    public var records: [RecordRefusal]

    public init(_ code: ErrorCode, _ message: String, records: [RecordRefusal] = []) {
        self.code = code
        self.message = message
        self.records = records
    }

    /// One record is to blame, and the reason is its.
    public init(_ code: ErrorCode, _ message: String, recordIndex: Int) {
        self.init(code, message, records: [RecordRefusal(index: recordIndex, message: message)])
    }

    /// The first record that is to blame, counted from 0.
    public var recordIndex: Int? { records.first?.index }
}

/// What is wrong with one record of a batch.
public struct RecordRefusal: Equatable, Sendable {
    /// Counted from 0.
    public var index: Int
    public var message: String

    public init(index: Int, message: String) {
        self.index = index
        self.message = message
    }
}

extension BatchRefusal: CustomStringConvertible {
    public var description: String { "\(message) (\(code.name))" }
}
