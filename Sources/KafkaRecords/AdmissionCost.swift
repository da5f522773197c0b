internal import Compression

/// What it is expected to cost to admit a batch, told from its header, so that long work can be given to a thread that
/// nobody waits for.
///
/// Measured with batches of text on a core of 2.5 GHz. A packed byte costs 1 ns to unpack and check in LZ4, 2 in Snappy,
/// 5 in Zstandard and 10 in gzip, a plain byte a quarter. Packing a plain byte costs 1.5 (LZ4, Snappy), 4 (Zstandard)
/// or 22 ns (gzip) at the default levels and some hundred at the highest; one figure stands for all of them.
public enum AdmissionCost {
    /// How long a thread that serves many connections may be busy with one request. To hand it over costs some 10
    /// microseconds and a copy.
    public static let inlineNanosecondsMax = 200_000

    private static let packingNanoseconds = 20
    /// How many plain bytes a packed one stands for.
    private static let ratio = 4

    public static func nanoseconds(_ batch: RawSpan, target: CompressionTarget) -> Int {
        let header: BatchHeader
        do throws(RecordError) {
            header = try BatchHeader(batch)
        } catch {
            // What is no batch is refused before it costs anything.
            return 0
        }
        guard let type = header.compression else { return 0 }
        let count = batch.byteCount
        let checking = unpackingNanoseconds(type, count)
        guard target.changes(header), target != .codec(.none, level: nil) else { return checking }
        return checking + packingNanoseconds * (type == .none ? count : ratio * count)
    }

    private static func unpackingNanoseconds(_ type: CompressionType, _ count: Int) -> Int {
        switch type {
        case .none: count / 4
        case .lz4: count
        case .snappy: 2 * count
        case .zstd: 5 * count
        case .gzip: 10 * count
        }
    }
}
