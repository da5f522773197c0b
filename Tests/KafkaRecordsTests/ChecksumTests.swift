import CCRC32C
import KafkaRecords
import Testing

@Suite struct ChecksumTests {
    @Test func `crc32c has its known answers`() {
        // RFC 3720, B.4, and the customary check value.
        let samples: [([UInt8], UInt32)] = [
            (Array("123456789".utf8), 0xe306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8a91_36aa),
            ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
            (Array(0..<32), 0x46dd_794e),
            ([], 0),
        ]
        for (bytes, expected) in samples {
            let crc = BatchChecksum.crc32c(bytes.span.bytes)
            #expect(crc == expected)
        }
    }

    @Test func `the tables and the instruction agree for every length and alignment`() {
        var generator = SeededGenerator(seed: 32)
        let bytes = (0..<5000).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            for count in 0...600 {
                for offset in 0..<8 {
                    let fast = crc32c_extend(7, base + offset, count)
                    let portable = crc32c_extend_portable(7, base + offset, count)
                    #expect(fast == portable)
                }
            }
            for count in stride(from: 601, to: 4990, by: 37) {
                let fast = crc32c_extend(0, base + 3, count)
                let portable = crc32c_extend_portable(0, base + 3, count)
                #expect(fast == portable)
            }
        }
    }

    @Test func `a checksum can be continued`() {
        let bytes = Array("Kafka's batches are checked from their attributes on".utf8)
        for cut in 0...bytes.count {
            let first = crc32c_extend(0, Array(bytes.prefix(cut)), cut)
            let both = crc32c_extend(first, Array(bytes.dropFirst(cut)), bytes.count - cut)
            let whole = BatchChecksum.crc32c(bytes.span.bytes)
            #expect(both == whole)
        }
    }
}
