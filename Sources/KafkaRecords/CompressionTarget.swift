public import Compression

/// In which codec a topic keeps its batches: `compression.type` with the level that goes with it.
public enum CompressionTarget: Sendable, Equatable {
    /// Every batch stays as its producer packed it.
    case producer
    /// Batches of other codecs are written again. Nil is the codec's default level; levels of batches that come in this
    /// codec do not matter.
    case codec(CompressionType, level: Int?)

    /// Whether a batch of this header has to be written again. Control batches stay as they are.
    public func changes(_ header: BatchHeader) -> Bool {
        guard case .codec(let type, _) = self else { return false }
        return header.magic == 2 && !header.isControl && header.compression != type
    }

    /// The number that names it in the attributes of a batch, -1 for `producer`.
    public var codecID: Int8 {
        switch self {
        case .producer: -1
        case .codec(let type, _): type.rawValue
        }
    }

    /// The target of that number, at the default level.
    public init(codecID: Int8) {
        self = CompressionType(rawValue: codecID).map { .codec($0, level: nil) } ?? .producer
    }
}
