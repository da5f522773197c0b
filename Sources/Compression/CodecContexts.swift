internal import CLZ4
internal import CZlib
internal import CZstd
import Glibc

/// The libraries' working memory, one set a thread, made when first needed and freed with the thread.
///
/// Never shared: it is reached through thread-specific data only.
final class CodecContexts {
    private var inflater: UnsafeMutablePointer<z_stream>?
    private var deflater: UnsafeMutablePointer<z_stream>?
    private var deflaterLevel = -1
    private var lz4Decompressor: OpaquePointer?
    private var lz4Compressor: OpaquePointer?
    private var zstdDecompressor: OpaquePointer?
    private var zstdCompressor: OpaquePointer?

    /// A context that grew beyond this, by a large window or a high level, is not kept.
    private static let keptBytesMax = 16 << 20

    static var current: CodecContexts {
        if let known = pthread_getspecific(key) {
            return Unmanaged<CodecContexts>.fromOpaque(known).takeUnretainedValue()
        }
        let made = CodecContexts()
        pthread_setspecific(key, Unmanaged.passRetained(made).toOpaque())
        return made
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let result = pthread_key_create(&key, releaseCodecContexts)
        precondition(result == 0, "no thread-specific key is left")
        return key
    }()

    deinit {
        if let inflater {
            inflateEnd(inflater)
            inflater.deallocate()
        }
        if let deflater {
            deflateEnd(deflater)
            deflater.deallocate()
        }
        if let lz4Decompressor { LZ4F_freeDecompressionContext(lz4Decompressor) }
        if let lz4Compressor { LZ4F_freeCompressionContext(lz4Compressor) }
        if let zstdDecompressor { ZSTD_freeDCtx(zstdDecompressor) }
        if let zstdCompressor { ZSTD_freeCCtx(zstdCompressor) }
    }

    /// Ready for a new stream, gzip or zlib by its first bytes.
    func freshInflater() throws(CompressionError) -> UnsafeMutablePointer<z_stream> {
        if let inflater {
            guard inflateReset(inflater) == Z_OK else { throw .failed(.gzip) }
            return inflater
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = inflateInit2_(stream, 15 + 32, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            throw .failed(.gzip)
        }
        inflater = stream
        return stream
    }

    func freshDeflater(level: Int) throws(CompressionError) -> UnsafeMutablePointer<z_stream> {
        if let deflater {
            if level == deflaterLevel, deflateReset(deflater) == Z_OK { return deflater }
            deflateEnd(deflater)
            deflater.deallocate()
            self.deflater = nil
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let result = deflateInit2_(
            stream, CInt(level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            CInt(MemoryLayout<z_stream>.size))
        guard result == Z_OK else {
            stream.deallocate()
            throw .failed(.gzip)
        }
        deflater = stream
        deflaterLevel = level
        return stream
    }

    func freshLZ4Decompressor() throws(CompressionError) -> OpaquePointer {
        if let lz4Decompressor {
            LZ4F_resetDecompressionContext(lz4Decompressor)
            return lz4Decompressor
        }
        var context: OpaquePointer?
        let result = LZ4F_createDecompressionContext(&context, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(result) == 0, let context else { throw .failed(.lz4) }
        lz4Decompressor = context
        return context
    }

    func lz4CompressorContext() throws(CompressionError) -> OpaquePointer {
        if let lz4Compressor { return lz4Compressor }
        var context: OpaquePointer?
        let result = LZ4F_createCompressionContext(&context, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(result) == 0, let context else { throw .failed(.lz4) }
        lz4Compressor = context
        return context
    }

    func freshZstdDecompressor() throws(CompressionError) -> OpaquePointer {
        if let zstdDecompressor {
            ZSTD_DCtx_reset(zstdDecompressor, ZSTD_reset_session_only)
            return zstdDecompressor
        }
        guard let context = ZSTD_createDCtx() else { throw .failed(.zstd) }
        zstdDecompressor = context
        return context
    }

    func zstdDecompressorUsed() {
        guard let context = zstdDecompressor, ZSTD_sizeof_DCtx(context) > Self.keptBytesMax else { return }
        ZSTD_freeDCtx(context)
        zstdDecompressor = nil
    }

    func freshZstdCompressor(level: Int) throws(CompressionError) -> OpaquePointer {
        if zstdCompressor == nil { zstdCompressor = ZSTD_createCCtx() }
        guard let context = zstdCompressor else { throw .failed(.zstd) }
        ZSTD_CCtx_reset(context, ZSTD_reset_session_only)
        let result = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, CInt(level))
        guard ZSTD_isError(result) == 0 else { throw .invalidLevel(.zstd, level) }
        return context
    }

    func zstdCompressorUsed() {
        guard let context = zstdCompressor, ZSTD_sizeof_CCtx(context) > Self.keptBytesMax else { return }
        ZSTD_freeCCtx(context)
        zstdCompressor = nil
    }
}

private func releaseCodecContexts(_ contexts: UnsafeMutableRawPointer?) {
    guard let contexts else { return }
    Unmanaged<CodecContexts>.fromOpaque(contexts).release()
}
