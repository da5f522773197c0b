internal import CCRC32C
internal import Compression

/// The checksum in the header of a batch: CRC-32C in magic 2, CRC-32 in messages of magic 0 and 1.
public enum BatchChecksum {
    /// Whether `batch`, exactly one whole batch, is what its writer wrote.
    public static func isValid(_ batch: RawSpan) -> Bool {
        do throws(RecordError) {
            let header = try BatchHeader(batch)
            return header.sizeInBytes == batch.byteCount && header.crc == compute(batch)
        } catch {
            return false
        }
    }

    /// Throws both checksums where they differ. `batch` is exactly one whole batch.
    public static func check(_ batch: RawSpan) throws(RecordError) {
        let stored = try BatchHeader(batch).crc
        let computed = compute(batch)
        guard stored == computed else { throw .crcMismatch(stored: stored, computed: computed) }
    }

    /// What the checksum of `batch` ought to be; 0 for what is too short to be a batch.
    public static func compute(_ batch: RawSpan) -> UInt32 {
        guard batch.byteCount >= RecordBatchLayout.magicEnd else { return 0 }
        let magic: Int8 = batch.loadBigEndian(at: RecordBatchLayout.magic)
        guard magic >= 2 else { return CRC32.checksum(batch.extracting(droppingFirst: LegacyMessageLayout.magic)) }
        guard batch.byteCount >= RecordBatchLayout.headerSize else { return 0 }
        return crc32c(batch.extracting(droppingFirst: RecordBatchLayout.attributes))
    }

    /// CRC-32C of any bytes.
    public static func crc32c(_ bytes: RawSpan) -> UInt32 {
        bytes.withUnsafeBytes { crc32c_extend(0, $0.baseAddress, $0.count) }
    }
}
