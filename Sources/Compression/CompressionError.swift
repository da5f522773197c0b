/// Why bytes could not be packed or unpacked.
public enum CompressionError: Error, Equatable, Sendable {
    /// The bytes are not what the codec writes.
    case corrupt(CompressionType)
    /// The bytes end before the stream does.
    case truncated(CompressionType)
    /// More came out than the caller allowed.
    case outputLimitExceeded(limit: Int)
    case invalidLevel(CompressionType, Int)
    /// The library refused for a reason that is not in the bytes, such as missing memory.
    case failed(CompressionType)
}

extension CompressionError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .corrupt(let type): "the \(type.name) data is corrupt"
        case .truncated(let type): "the \(type.name) data ends too early"
        case .outputLimitExceeded(let limit): "the data unpacks to more than \(limit) bytes"
        case .invalidLevel(let type, let level): "\(type.name) has no level \(level)"
        case .failed(let type): "the \(type.name) library failed"
        }
    }
}
