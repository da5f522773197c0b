public import Compression

/// What can be wrong with the bytes of a batch.
public enum RecordError: Error, Equatable, Sendable {
    /// The bytes end inside a header or a batch.
    case truncated
    /// The stated size is smaller than the smallest batch of its kind.
    case invalidSize(Int32)
    case unsupportedMagic(Int8)
    case unsupportedCompression(Int8)
    case crcMismatch(stored: UInt32, computed: UInt32)
    /// The header states a negative number of records.
    case invalidCount(Int32)
    case invalidRecord(index: Int, reason: RecordFault)
    /// The key or value of a control record is not one.
    case invalidControlRecord
    case compression(CompressionError)
    /// A batch that cannot be built: the reason is the caller's mistake.
    case notBuildable(String)
}

/// What is wrong with one record.
public enum RecordFault: String, Error, Sendable {
    case truncated = "it reaches beyond the end of its batch"
    case malformedVarint = "a variable-length integer is malformed"
    case invalidLength = "a length has no meaning"
    case sizeMismatch = "its fields do not add up to its stated size"
    case trailingBytes = "bytes are left behind the last record"
    case offsetOutOfOrder = "its offset does not follow the one before"
    case nestedCompression = "a message inside a compressed message is compressed"
    case magicMismatch = "its format differs from that of its wrapper"
    case missingValue = "a compressed message has no value"
    case noRecords = "a compressed message holds no messages"
}

extension RecordError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated: "the bytes end inside a batch"
        case .invalidSize(let size): "a batch cannot have the size \(size)"
        case .unsupportedMagic(let magic): "the batch has the unknown format \(magic)"
        case .unsupportedCompression(let id): "the batch has the unknown compression type \(id)"
        case .crcMismatch(let stored, let computed):
            "the batch is corrupt (stored crc = \(stored), computed crc = \(computed))"
        case .invalidCount(let count): "the batch states \(count) records"
        case .invalidRecord(let index, let reason): "record \(index) is invalid: \(reason.rawValue)"
        case .invalidControlRecord: "a control record is malformed"
        case .compression(let error): error.description
        case .notBuildable(let reason): reason
        }
    }
}
