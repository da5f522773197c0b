internal import Bytes
internal import CZlib

/// Gzip members one after the other; reads zlib streams too.
enum Gzip {
    static func decompress(
        _ bytes: RawSpan, outputLimit: Int, into writer: inout ByteWriter
    ) throws(CompressionError) {
        let stream = try CodecContexts.current.freshInflater()
        var allowance = OutputAllowance(limit: outputLimit)
        try bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) in
            guard let base = source.baseAddress, source.count <= Int(UInt32.max) else { throw .truncated(.gzip) }
            let first = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
            stream.pointee.next_in = first
            stream.pointee.avail_in = UInt32(source.count)
            while true {
                let room = min(allowance.room(), 1 << 30)
                var result: CInt = Z_OK
                let added = writer.appendUninitialized(upTo: room) { target in
                    stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(room)
                    result = inflate(stream, Z_NO_FLUSH)
                    return room - Int(stream.pointee.avail_out)
                }
                try allowance.add(added)
                switch result {
                case Z_STREAM_END:
                    guard startsMember(stream.pointee.next_in, Int(stream.pointee.avail_in)) else { return }
                    guard inflateReset(stream) == Z_OK else { throw .failed(.gzip) }
                case Z_OK, Z_BUF_ERROR:
                    if stream.pointee.avail_in == 0 && added < room { throw .truncated(.gzip) }
                case Z_MEM_ERROR:
                    throw .failed(.gzip)
                default:
                    throw .corrupt(.gzip)
                }
            }
        }
    }

    /// Java's reader ends quietly at anything behind a member that is not another one, and so does this.
    private static func startsMember(_ next: UnsafePointer<UInt8>?, _ count: Int) -> Bool {
        guard let next, count >= 18 else { return false }
        return next[0] == 0x1f && next[1] == 0x8b
    }

    static func compress(_ bytes: RawSpan, level: Int, into writer: inout ByteWriter) throws(CompressionError) {
        let stream = try CodecContexts.current.freshDeflater(level: level)
        guard bytes.byteCount <= Int(UInt32.max) / 2 else { throw .failed(.gzip) }
        let bound = Int(deflateBound(stream, UInt(bytes.byteCount)))
        try bytes.withUnsafeBytes { (source: UnsafeRawBufferPointer) throws(CompressionError) in
            let base = source.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.pointee.next_in = UnsafeMutablePointer(mutating: base)
            stream.pointee.avail_in = UInt32(source.count)
            _ = try writer.appendUninitialized(upTo: bound) { (target) throws(CompressionError) -> Int in
                stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                stream.pointee.avail_out = UInt32(bound)
                guard deflate(stream, Z_FINISH) == Z_STREAM_END else { throw .failed(.gzip) }
                return bound - Int(stream.pointee.avail_out)
            }
        }
    }
}
