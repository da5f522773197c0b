import Bytes
import Compression
import Testing

@Suite struct CompressionTests {
    static let samples: [[UInt8]] = [
        [], [42], text(100), noise(100), text(32 * 1024), text(32 * 1024 + 1), noise(70_000), text(300_000),
        [UInt8](repeating: 0, count: 200_000),
    ]

    @Test(arguments: CompressionType.allCases)
    func `what is packed unpacks to the same`(type: CompressionType) throws {
        for sample in Self.samples {
            let back = try unpacked(packed(sample, type), type)
            #expect(back == sample)
        }
    }

    @Test func `every level of every codec works`() throws {
        let sample = text(20_000)
        let levels: [(CompressionType, [Int])] = [
            (.gzip, [-1] + Array(1...9)), (.lz4, Array(1...17)), (.zstd, [-131_072, -100, -1, 0, 1, 3, 9, 19, 22]),
        ]
        for (type, levels) in levels {
            for level in levels {
                let back = try unpacked(packed(sample, type, level: level), type)
                #expect(back == sample, "\(type.name) level \(level)")
            }
        }
    }

    @Test func `levels outside the range are refused`() {
        for (type, level) in [(CompressionType.gzip, 0), (.gzip, 10), (.lz4, 0), (.lz4, 18), (.zstd, 23)] {
            #expect(throws: CompressionError.invalidLevel(type, level)) { try packed([1], type, level: level) }
        }
    }

    @Test func `the output begins as the Java client writes it`() throws {
        let sample = text(40_000)
        #expect(try packed(sample, .gzip).prefix(4) == [0x1f, 0x8b, 8, 0])
        #expect(try packed(sample, .lz4).prefix(7) == [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82])
        #expect(try packed(sample, .zstd).prefix(4) == [0x28, 0xb5, 0x2f, 0xfd])

        let snappy = try packed(sample, .snappy)
        #expect(snappy.prefix(16) == [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
        let first = snappy[16..<20].reduce(0) { $0 << 8 | Int($1) }
        let second = snappy[(20 + first)..<(24 + first)].reduce(0) { $0 << 8 | Int($1) }
        #expect(snappy.count == 24 + first + second)
        // A bare block begins with its length: 32 KB as a varint.
        #expect(snappy[20..<23] == [0x80, 0x80, 0x02])
    }

    @Test func `gzip members that follow each other are all read, and what else follows is not`() throws {
        let joined = try packed(text(50), .gzip) + packed(text(70), .gzip)
        #expect(try unpacked(joined, .gzip) == text(50) + text(70))
        #expect(try unpacked(joined + [0, 0, 0], .gzip) == text(50) + text(70))
    }

    @Test func `a zlib stream is read as gzip`() throws {
        // Python: zlib.compress(b"hello kafka")
        let stream: [UInt8] = [
            0x78, 0x9c, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x4e, 0x4c, 0xcb, 0x4e, 0x04, 0x00, 0x19, 0x6e,
            0x04, 0x33,
        ]
        #expect(try unpacked(stream, .gzip) == Array("hello kafka".utf8))
    }

    @Test func `joined zstd frames and joined snappy streams are read`() throws {
        #expect(try unpacked(packed(text(9), .zstd) + packed(text(8), .zstd), .zstd) == text(9) + text(8))
        #expect(try unpacked(packed(text(9), .snappy) + packed(text(8), .snappy), .snappy) == text(9) + text(8))
    }

    @Test func `a bare snappy block is read`() throws {
        let framed = try packed(text(500), .snappy)
        #expect(try unpacked(Array(framed.dropFirst(20)), .snappy) == text(500))
    }

    @Test func `a wrong checksum of an LZ4 header is only overlooked for magic 0`() throws {
        var frame = try packed(text(500), .lz4)
        frame[6] ^= 0x55
        #expect(throws: CompressionError.corrupt(.lz4)) { try unpacked(frame, .lz4) }
        var writer = ByteWriter()
        try Compression.decompressLegacyLZ4(frame.span.bytes, outputLimit: 500, into: &writer)
        #expect(Array(writer.bytes) == text(500))
    }

    @Test func `crc32 has its known answer`() {
        let digits = Array("123456789".utf8)
        let crc = CRC32.checksum(digits.span.bytes)
        #expect(crc == 0xcbf4_3926)
    }

    @Test func `names and numbers are Kafka's`() {
        #expect(CompressionType.allCases.map(\.name) == ["none", "gzip", "snappy", "lz4", "zstd"])
        #expect(CompressionType(name: "zstd") == .zstd)
        #expect(CompressionType(name: "brotli") == nil)
        #expect(CompressionType(rawValue: 5) == nil)
    }
}
