internal import Bytes
internal import CZstd

/// Zstandard frames one after the other.
enum Zstd {
    /// A stated size is believed as a first reservation only up to this multiple of what is there.
    private static let believedRatio = 32

    static func decompress(
        _ bytes: RawSpan, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        let contexts = CodecContexts.current
        let context = try contexts.freshZstdDecompressor()
        defer { contexts.zstdDecompressorUsed() }
        var allowance = OutputAllowance(limit: outputLimit)
        try bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) in
            guard source.count > 0 else { throw .truncated(.zstd) }
            var hint = firstRoom(source)
            var input = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: 0)
            while true {
                let room = allowance.room(atLeast: hint)
                hint = OutputAllowance.firstRoom
                let before = input.pos
                var result = 0
                let added = writer.appendUninitialized(upTo: room) { target in
                    var output = ZSTD_outBuffer(dst: target.baseAddress, size: room, pos: 0)
                    result = ZSTD_decompressStream(context, &output, &input)
                    return ZSTD_isError(result) == 0 ? output.pos : 0
                }
                guard ZSTD_isError(result) == 0 else { throw .corrupt(.zstd) }
                try allowance.add(added)
                if result == 0 && input.pos == input.size { return }
                if input.pos == before && added < room { throw .truncated(.zstd) }
                if input.pos == input.size && added < room && result != 0 { throw .truncated(.zstd) }
            }
        }
    }

    private static func firstRoom(_ source: UnsafeRawBufferPointer) -> Int {
        let believed = source.count.multipliedReportingOverflow(by: believedRatio).partialValue
        let stated = ZSTD_getFrameContentSize(source.baseAddress, source.count)
        // The two highest values mean "not stated" and "not a frame".
        guard stated < UInt64(Int64.max), believed > 0 else { return OutputAllowance.firstRoom }
        return max(OutputAllowance.firstRoom, min(Int(stated), believed))
    }

    static func compress(_ bytes: RawSpan, level: Int, into writer: inout ByteWriter) throws(CompressionError) {
        let contexts = CodecContexts.current
        let context = try contexts.freshZstdCompressor(level: level)
        defer { contexts.zstdCompressorUsed() }
        let bound = ZSTD_compressBound(bytes.byteCount)
        try bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) in
            _ = try writer.appendUninitialized(upTo: bound) { (target) throws(CompressionError) -> Int in
                let written = ZSTD_compress2(context, target.baseAddress, bound, source.baseAddress, source.count)
                guard ZSTD_isError(written) == 0 else { throw .failed(.zstd) }
                return written
            }
        }
    }
}
