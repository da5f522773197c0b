/// The codecs of Kafka's record batches. The raw value is what the lowest three attribute bits of a batch hold.
public enum CompressionType: Int8, CaseIterable, Sendable {
    case none = 0
    case gzip = 1
    case snappy = 2
    case lz4 = 3
    case zstd = 4

    /// The name in settings and in the output of Kafka's tools.
    public var name: String {
        switch self {
        case .none: "none"
        case .gzip: "gzip"
        case .snappy: "snappy"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }

    public init?(name: String) {
        guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }

    /// The levels `compression.<type>.level` may have; nil where a codec knows none.
    public var levels: ClosedRange<Int>? {
        switch self {
        case .none, .snappy: nil
        case .gzip: 1...9
        case .lz4: 1...17
        case .zstd: -131_072...22
        }
    }

    public var defaultLevel: Int? {
        switch self {
        case .none, .snappy: nil
        case .gzip: -1
        case .lz4: 9
        case .zstd: 3
        }
    }

    /// Gzip's -1 is its default and lies outside its range.
    public func accepts(level: Int) -> Bool {
        level == defaultLevel || levels?.contains(level) ?? false
    }
}
