import Bytes
import Compression
import Testing

/// What a client can send to hurt: bombs, forged lengths, cut and changed bytes.
@Suite struct HostileInputTests {
    @Test(arguments: CompressionType.allCases)
    func `the output limit is exact and an error leaves the writer as it was`(type: CompressionType) throws {
        let sample = text(50_000)
        let bytes = try packed(sample, type)
        #expect(try unpacked(bytes, type, limit: 50_000) == sample)
        var writer = ByteWriter()
        writer.append([1, 2, 3])
        var failure: CompressionError?
        do {
            try Compression.decompress(bytes.span.bytes, type, outputLimit: 49_999, into: &writer)
        } catch { failure = error }
        #expect(failure == .outputLimitExceeded(limit: 49_999))
        #expect(Array(writer.bytes) == [1, 2, 3])
    }

    @Test(arguments: packingTypes)
    func `a bomb costs no more than its limit`(type: CompressionType) throws {
        let bomb = try packed([UInt8](repeating: 0, count: 32 << 20), type)
        var writer = ByteWriter()
        var failure: CompressionError?
        do {
            try Compression.decompress(bomb.span.bytes, type, outputLimit: 1 << 20, into: &writer)
        } catch { failure = error }
        #expect(failure == .outputLimitExceeded(limit: 1 << 20))
        #expect(writer.reservedBytes <= 4 << 20)
    }

    @Test func `forged lengths allocate nothing`() throws {
        // A bare snappy block, a framed one, a zstd frame and an LZ4 frame, each stating a huge size.
        let snappy: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0x07, 0x00, 0x41]
        let framed: [UInt8] =
            [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1] + [0, 0, 0, 7] + snappy
        let block: [UInt8] = [
            0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff,
        ]
        let zstd: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0x40, 0, 0, 0, 0, 1, 0, 0]
        let lz4: [UInt8] =
            [0x04, 0x22, 0x4d, 0x18, 0x68, 0x40, 0, 0, 0, 0x40, 0, 0, 0, 0, 0x5d] + [1, 0, 0, 0x80, 0x41, 0, 0, 0, 0]
        for (bytes, type) in [
            (snappy, CompressionType.snappy), (framed, .snappy), (block, .snappy), (zstd, .zstd), (lz4, .lz4),
        ] {
            var writer = ByteWriter()
            var failed = false
            do {
                try Compression.decompress(bytes.span.bytes, type, outputLimit: 1 << 31, into: &writer)
            } catch { failed = true }
            #expect(failed, "\(type.name) \(bytes)")
            #expect(writer.reservedBytes <= 256 << 10)
        }
    }

    @Test(arguments: [CompressionType.gzip, .lz4, .zstd])
    func `a stream cut at any byte is refused`(type: CompressionType) throws {
        let bytes = try packed(text(3000), type)
        for count in 0..<bytes.count {
            #expect(throws: CompressionError.self) { try unpacked(Array(bytes.prefix(count)), type) }
        }
    }

    /// The framing has no end mark: cut between blocks, what is there is read.
    @Test func `a snappy stream cut inside a block is refused`() throws {
        let bytes = try packed(text(3000), .snappy)
        for count in 17..<bytes.count {
            #expect(throws: CompressionError.self) { try unpacked(Array(bytes.prefix(count)), .snappy) }
        }
    }

    @Test(arguments: packingTypes)
    func `changed and random bytes never trap and stay within the limit`(type: CompressionType) throws {
        var generator = SeededGenerator(seed: 0x5eed + UInt64(type.rawValue))
        let original = try packed(text(2000), type)
        for round in 0..<1500 {
            var bytes = original
            if round % 5 == 4 {
                bytes = noise(Int.random(in: 0...64, using: &generator), seed: UInt64(round))
                bytes = Array(original.prefix(Int.random(in: 0...20, using: &generator))) + bytes
            } else {
                for _ in 0...Int.random(in: 0...3, using: &generator) {
                    let place = Int.random(in: 0..<bytes.count, using: &generator)
                    bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            var writer = ByteWriter()
            do throws(CompressionError) {
                try Compression.decompress(bytes.span.bytes, type, outputLimit: 100_000, into: &writer)
                #expect(writer.count <= 100_000)
            } catch {
                #expect(writer.count == 0)
            }
            #expect(writer.reservedBytes <= 512 << 10)
        }
    }
}
