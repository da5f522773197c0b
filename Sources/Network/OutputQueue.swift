public import Bytes
import Glibc
public import Posix

/// The answers of one connection that have not left yet: bytes in a writer, and file regions that belong at positions
/// between them. Owned by the connection's loop.
///
/// The handler appends its length-prefixed answer to `writer` and, where records belong, inserts a region at the
/// position the writer had then. Nothing is cleared before everything is sent, so positions stay true.
public struct OutputQueue: ~Copyable {
    public var writer: ByteWriter
    private var regions: [Placed] = []
    private var regionBytes = 0
    private var sentBytes = 0
    private var sentRegions = 0

    private struct Placed {
        let position: Int
        var region: FileRegion
    }

    enum Flush {
        case drained
        /// The socket takes no more, or the work of one turn is done: go on when it is writable.
        case pending
        /// The peer is gone.
        case failed(String)
        /// A file did not give what was promised; the answer cannot be completed.
        case fileFailed(String)
    }

    init(capacity: Int = 16) { writer = ByteWriter(capacity: capacity) }

    /// Puts a part of a file between the bytes before and behind `position` of the writer.
    public mutating func insert(_ region: FileRegion, at position: Int) {
        precondition(position >= sentBytes && position <= writer.count, "a region outside of the unsent answer")
        guard region.count > 0 else { return }
        regionBytes += region.count
        var index = regions.count
        while index > sentRegions, regions[index - 1].position > position { index -= 1 }
        regions.insert(Placed(position: position, region: region), at: index)
    }

    /// What has not been handed to the kernel yet, in memory and in files.
    public var pendingBytes: Int { writer.count - sentBytes + regionBytes }
    var isEmpty: Bool { writer.count == sentBytes && regionBytes == 0 }
    var reservedBytes: Int { writer.reservedBytes }

    /// Sends as much as the socket takes and `limit` allows; `sent` grows by what left.
    mutating func flush(
        _ descriptor: CInt, _ security: SecurityLayer, limit: Int, sent: inout Int
    ) -> Flush {
        var left = limit
        while true {
            let transfer: SecurityLayer.Transfer
            let isFile: Bool
            if sentRegions < regions.count {
                let placed = regions[sentRegions]
                isFile = sentBytes == placed.position
                if isFile {
                    transfer = security.sendFile(
                        descriptor, file: placed.region.file.descriptor, at: placed.region.offset,
                        count: min(placed.region.count, left))
                } else {
                    transfer = sendBytes(descriptor, security, upTo: placed.position, more: true)
                }
            } else if sentBytes < writer.count {
                isFile = false
                transfer = sendBytes(descriptor, security, upTo: writer.count, more: false)
            } else {
                return .drained
            }
            switch transfer {
            case .bytes(let count):
                sent += count
                left -= count
                if isFile { advanceRegion(count) } else { sentBytes += count }
                if left <= 0 && !isEmpty { return .pending }
            case .blocked: return .pending
            case .ended:
                return .fileFailed("\(regions[sentRegions].region.file.path) ends before the region to be sent")
            case .failed(let code):
                let isPeers = !isFile || [EPIPE, ECONNRESET, ETIMEDOUT, ENOTCONN].contains(code)
                if isPeers { return .failed("\(Errno(code))") }
                return .fileFailed("cannot send \(regions[sentRegions].region.file.path): \(Errno(code))")
            }
        }
    }

    private func sendBytes(
        _ descriptor: CInt, _ security: SecurityLayer, upTo end: Int, more: Bool
    ) -> SecurityLayer.Transfer {
        writer.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return .bytes(0) }
            return security.send(descriptor, base + sentBytes, count: end - sentBytes, more: more)
        }
    }

    private mutating func advanceRegion(_ count: Int) {
        regionBytes -= count
        regions[sentRegions].region.offset += Int64(count)
        regions[sentRegions].region.count -= count
        if regions[sentRegions].region.count == 0 { sentRegions += 1 }
    }

    /// Forgets what was sent or will never be, and lets go of its files.
    mutating func clear(keepingAtMost limit: Int) {
        writer.clear(keepingAtMost: limit)
        if !regions.isEmpty { regions.removeAll(keepingCapacity: limit > 16) }
        regionBytes = 0
        sentBytes = 0
        sentRegions = 0
    }
}
