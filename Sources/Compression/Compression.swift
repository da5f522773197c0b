public import Bytes

/// Packing and unpacking of whole buffers, as record batches need it.
///
/// Unpacking trusts no length that the packed bytes state: the output grows as bytes really come out, at most to the
/// caller's limit. Contexts of the libraries are kept per thread.
public enum Compression {
    /// Appends what `bytes` unpack to. On an error the writer is as it was before.
    ///
    /// - Parameter outputLimit: how many bytes may come out.
    public static func decompress(
        _ bytes: RawSpan, _ type: CompressionType, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        let start = writer.count
        do throws(CompressionError) {
            switch type {
            case .none:
                guard bytes.byteCount <= outputLimit else { throw .outputLimitExceeded(limit: outputLimit) }
                writer.append(bytes)
            case .gzip: try Gzip.decompress(bytes, outputLimit: outputLimit, into: &writer)
            case .snappy: try Snappy.decompress(bytes, outputLimit: outputLimit, into: &writer)
            case .lz4: try LZ4.decompress(bytes, outputLimit: outputLimit, into: &writer)
            case .zstd: try Zstd.decompress(bytes, outputLimit: outputLimit, into: &writer)
            }
        } catch {
            writer.truncate(to: start)
            throw error
        }
    }

    /// As `decompress`, for LZ4 in message sets of magic 0: their writers computed the checksum of the frame header
    /// over the wrong bytes (KAFKA-3160), so it is not compared.
    public static func decompressLegacyLZ4(
        _ bytes: RawSpan, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        let start = writer.count
        do throws(CompressionError) {
            try LZ4.decompressIgnoringHeaderChecksum(bytes, outputLimit: outputLimit, into: &writer)
        } catch {
            writer.truncate(to: start)
            throw error
        }
    }

    /// Appends `bytes` packed as Kafka's Java client packs them. A level of nil is the codec's default.
    public static func compress(
        _ bytes: RawSpan, _ type: CompressionType, level: Int? = nil, into writer: inout ByteWriter
    ) throws(CompressionError) {
        if let level, type.levels != nil, !type.accepts(level: level) {
            throw .invalidLevel(type, level)
        }
        let start = writer.count
        do throws(CompressionError) {
            switch type {
            case .none: writer.append(bytes)
            case .gzip: try Gzip.compress(bytes, level: level ?? -1, into: &writer)
            case .snappy: try Snappy.compress(bytes, into: &writer)
            case .lz4: try LZ4.compress(bytes, level: level ?? LZ4.fastLevel, into: &writer)
            case .zstd: try Zstd.compress(bytes, level: level ?? 3, into: &writer)
            }
        } catch {
            writer.truncate(to: start)
            throw error
        }
    }
}

/// How far the output of one step may reach.
///
/// A step gets as much room as came out so far, so that memory stays within a factor of two of real output, and one
/// byte more than the limit allows in total: if that byte is written, the stream has gone too far.
struct OutputAllowance {
    static let firstRoom = 16 * 1024

    let limit: Int
    private(set) var produced = 0

    init(limit: Int) { self.limit = max(0, min(limit, .max - 1)) }

    /// The room of the next step; never 0.
    func room(atLeast hint: Int = firstRoom) -> Int {
        min(max(hint, produced), limit - produced + 1)
    }

    mutating func add(_ count: Int) throws(CompressionError) {
        produced += count
        if produced > limit { throw .outputLimitExceeded(limit: limit) }
    }
}
