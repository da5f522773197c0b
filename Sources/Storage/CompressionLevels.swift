import Compression

/// The levels at which a topic's batches are packed again; nil is the codec's default.
public struct CompressionLevels: Sendable, Equatable {
    public var gzip: Int?
    public var lz4: Int?
    public var zstd: Int?

    public init(gzip: Int? = nil, lz4: Int? = nil, zstd: Int? = nil) {
        self.gzip = gzip
        self.lz4 = lz4
        self.zstd = zstd
    }

    func level(for codec: CompressionType?) -> Int? {
        switch codec {
        case .gzip: gzip
        case .lz4: lz4
        case .zstd: zstd
        case .snappy, .some(.none), nil: nil
        }
    }
}
