import Bytes
import Compression

/// SplitMix64, so that a failing run can be repeated from its seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

let packingTypes: [CompressionType] = [.gzip, .snappy, .lz4, .zstd]

func packed(_ bytes: [UInt8], _ type: CompressionType, level: Int? = nil) throws(CompressionError) -> [UInt8] {
    var writer = ByteWriter()
    try Compression.compress(bytes.span.bytes, type, level: level, into: &writer)
    return Array(writer.bytes)
}

func unpacked(
    _ bytes: [UInt8], _ type: CompressionType, limit: Int = 1 << 26
) throws(CompressionError) -> [UInt8] {
    var writer = ByteWriter()
    try Compression.decompress(bytes.span.bytes, type, outputLimit: limit, into: &writer)
    return Array(writer.bytes)
}

func text(_ count: Int) -> [UInt8] {
    let line = Array("{\"order\": 17, \"amount\": 4711, \"customer\": \"ada\"}\n".utf8)
    return (0..<count).map { $0 % 977 == 0 ? UInt8(truncatingIfNeeded: $0) : line[$0 % line.count] }
}

func noise(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var generator = SeededGenerator(seed: seed)
    return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
}
