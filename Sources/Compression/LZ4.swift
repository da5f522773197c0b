internal import Bytes
internal import CLZ4

/// LZ4 frames; written with independent blocks of 64 KB and no checksums, as the Java client does.
enum LZ4 {
    /// The Java client takes the fast compressor for its default level, 9, and the slow one for all others.
    static let fastLevel = 9

    private static let magic: UInt32 = 0x184D_2204

    static func decompress(
        _ bytes: RawSpan, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        let context = try CodecContexts.current.freshLZ4Decompressor()
        var allowance = OutputAllowance(limit: outputLimit)
        try decompressFrame(bytes, context, &allowance, into: &writer)
    }

    static func decompressIgnoringHeaderChecksum(
        _ bytes: RawSpan, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        guard bytes.byteCount >= 7 else { throw .truncated(.lz4) }
        let stated = bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: 0, as: UInt32.self)
        guard UInt32(littleEndian: stated) == magic else { throw .corrupt(.lz4) }
        let flags = bytes.unsafeLoad(fromUncheckedByteOffset: 4, as: UInt8.self)
        let checksumPosition = flags & 0x08 == 0 ? 6 : 14
        guard bytes.byteCount > checksumPosition else { throw .truncated(.lz4) }
        var corrected = Array(bytes)
        let descriptor = corrected[4..<checksumPosition]
        corrected[checksumPosition] = UInt8(truncatingIfNeeded: xxHash32(ofShort: descriptor) >> 8)
        try decompress(corrected.span.bytes, outputLimit: outputLimit, into: &writer)
    }

    private static func decompressFrame(
        _ bytes: RawSpan, _ context: OpaquePointer, _ allowance: inout OutputAllowance, into writer: inout ByteWriter
    ) throws(CompressionError) {
        try bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) in
            guard let base = source.baseAddress else { throw .truncated(.lz4) }
            var position = 0
            while true {
                let room = allowance.room(atLeast: 64 * 1024 + 1)
                var consumed = source.count - position
                var result = 0
                let added = writer.appendUninitialized(upTo: room) { target in
                    var produced = room
                    result = LZ4F_decompress(context, target.baseAddress, &produced, base + position, &consumed, nil)
                    return LZ4F_isError(result) == 0 ? produced : 0
                }
                guard LZ4F_isError(result) == 0 else { throw .corrupt(.lz4) }
                try allowance.add(added)
                position += consumed
                // Java reads one frame and looks no further.
                if result == 0 { return }
                if consumed == 0 && added < room { throw .truncated(.lz4) }
            }
        }
    }

    static func compress(_ bytes: RawSpan, level: Int, into writer: inout ByteWriter) throws(CompressionError) {
        let context = try CodecContexts.current.lz4CompressorContext()
        var preferences = LZ4F_preferences_t()
        preferences.frameInfo.blockSizeID = LZ4F_max64KB
        preferences.frameInfo.blockMode = LZ4F_blockIndependent
        // The slow compressor of the library begins at 3 and ends at 12.
        preferences.compressionLevel = level == fastLevel ? 0 : CInt(min(max(level, 3), 12))
        preferences.autoFlush = 1
        let bound = LZ4F_compressFrameBound(bytes.byteCount, &preferences)
        try bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) in
            _ = try writer.appendUninitialized(upTo: bound) { (target) throws(CompressionError) -> Int in
                guard let start = target.baseAddress else { throw .failed(.lz4) }
                var filled = LZ4F_compressBegin(context, start, bound, &preferences)
                guard LZ4F_isError(filled) == 0 else { throw .failed(.lz4) }
                let body = LZ4F_compressUpdate(
                    context, start + filled, bound - filled, source.baseAddress, source.count, nil)
                guard LZ4F_isError(body) == 0 else { throw .failed(.lz4) }
                filled += body
                let end = LZ4F_compressEnd(context, start + filled, bound - filled, nil)
                guard LZ4F_isError(end) == 0 else { throw .failed(.lz4) }
                return filled + end
            }
        }
    }

    /// XXH32 with seed 0 of fewer than sixteen bytes, which is all that a frame header needs.
    private static func xxHash32(ofShort bytes: ArraySlice<UInt8>) -> UInt32 {
        let prime2: UInt32 = 2_246_822_519
        let prime3: UInt32 = 3_266_489_917
        let prime4: UInt32 = 668_265_263
        let prime5: UInt32 = 374_761_393
        func rotated(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }

        var hash = prime5 &+ UInt32(bytes.count)
        var rest = bytes
        while rest.count >= 4 {
            let word = rest.prefix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            hash = rotated(hash &+ word &* prime3, 17) &* prime4
            rest = rest.dropFirst(4)
        }
        for byte in rest {
            hash = rotated(hash &+ UInt32(byte) &* prime5, 11) &* 2_654_435_761
        }
        hash = (hash ^ hash >> 15) &* prime2
        hash = (hash ^ hash >> 13) &* prime3
        return hash ^ hash >> 16
    }
}
