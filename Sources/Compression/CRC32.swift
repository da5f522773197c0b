internal import CZlib

/// The checksum of message sets of magic 0 and 1 (IEEE polynomial, as in gzip).
public enum CRC32 {
    public static func checksum(_ bytes: RawSpan) -> UInt32 {
        bytes.withUnsafeBytes { source in
            let base = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
            return UInt32(truncatingIfNeeded: crc32_z(0, base, source.count))
        }
    }
}
