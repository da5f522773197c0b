internal import Bytes
internal import CSnappy

/// Snappy as Java writes it: a header (magic `82 SNAPPY 00`, version and oldest compatible version as big-endian
/// integers), then blocks with their packed length in front. Other clients send one bare block, which is read too.
enum Snappy {
    private static let magic: [UInt8] = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]
    private static let headerSize = 16
    private static let blockBytes = 32 * 1024

    /// Three bytes can stand for sixty-four and nothing is denser, so a stated length beyond that is forged.
    private static let ratioMax = 22

    static func decompress(
        _ bytes: RawSpan, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        var allowance = OutputAllowance(limit: outputLimit)
        guard startsFraming(bytes, at: 0) else {
            try decompressBlock(bytes, &allowance, into: &writer)
            return
        }
        var position = headerSize
        while position < bytes.byteCount {
            // Streams that were joined repeat the header.
            if startsFraming(bytes, at: position) {
                position += headerSize
                continue
            }
            guard bytes.byteCount - position >= 4 else { throw .truncated(.snappy) }
            let raw = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: position, as: UInt32.self)
            let length = Int(Int32(bitPattern: UInt32(bigEndian: raw)))
            position += 4
            guard length >= 0 else { throw .corrupt(.snappy) }
            guard bytes.byteCount - position >= length else { throw .truncated(.snappy) }
            try decompressBlock(bytes.extracting(position..<position + length), &allowance, into: &writer)
            position += length
        }
    }

    private static func startsFraming(_ bytes: RawSpan, at position: Int) -> Bool {
        guard bytes.byteCount - position >= headerSize else { return false }
        return magic.indices.allSatisfy {
            bytes.unsafeLoad(fromUncheckedByteOffset: position + $0, as: UInt8.self) == magic[$0]
        }
    }

    private static func decompressBlock(
        _ block: RawSpan, _ allowance: inout OutputAllowance, into writer: inout ByteWriter
    ) throws(CompressionError) {
        let added = try block.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) -> Int in
            let base = source.baseAddress?.assumingMemoryBound(to: CChar.self)
            var length = 0
            guard let base, snappy_uncompressed_length(base, source.count, &length) == SNAPPY_OK,
                length <= source.count * ratioMax
            else { throw .corrupt(.snappy) }
            guard length < allowance.room(atLeast: .max) else {
                throw .outputLimitExceeded(limit: allowance.limit)
            }
            return try writer.appendUninitialized(upTo: length) { (target) throws(CompressionError) -> Int in
                guard let start = target.baseAddress?.assumingMemoryBound(to: CChar.self) else { return 0 }
                var written = length
                guard snappy_uncompress(base, source.count, start, &written) == SNAPPY_OK, written == length else {
                    throw .corrupt(.snappy)
                }
                return written
            }
        }
        try allowance.add(added)
    }

    static func compress(_ bytes: RawSpan, into writer: inout ByteWriter) throws(CompressionError) {
        writer.append(magic)
        writer.int32(1)
        writer.int32(1)
        var position = 0
        while position < bytes.byteCount {
            let count = min(blockBytes, bytes.byteCount - position)
            let lengthPosition = writer.count
            writer.int32(0)
            let bound = snappy_max_compressed_length(count)
            let block = bytes.extracting(position..<position + count)
            let added = try block.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) -> Int in
                try writer.appendUninitialized(upTo: bound) { (target) throws(CompressionError) -> Int in
                    let from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
                    let into = target.baseAddress?.assumingMemoryBound(to: CChar.self)
                    var written = bound
                    guard snappy_compress(from, source.count, into, &written) == SNAPPY_OK else {
                        throw .failed(.snappy)
                    }
                    return written
                }
            }
            writer.set(Int32(added), at: lengthPosition)
            position += count
        }
    }
}
