import Bytes
public import KafkaRecords
public import Posix

/// Walks the batches of a segment by their headers, reading a piece of the file at a time.
public struct BatchScanner: ~Copyable {
    /// Enough to find a batch behind an index entry with one read.
    public static let searchBytes = 4096
    public static let recoveryBytes = 1 << 20

    private let file: OpenFile
    private let end: Int
    /// How much is read at once. For headers alone a small piece each is quicker when batches are large.
    public var chunkBytes: Int
    private var buffer: ByteWriter
    private var bufferStart = 0

    /// Where the batch that `next` gave starts.
    public private(set) var position: Int
    public private(set) var nextPosition: Int
    /// Why the bytes at `nextPosition` are no batch; set when `next` ended early.
    public private(set) var damage: String?

    public init(_ file: OpenFile, from position: Int, to end: Int, chunkBytes: Int = searchBytes) {
        self.file = file
        self.end = end
        self.chunkBytes = chunkBytes
        self.position = position
        self.nextPosition = position
        buffer = ByteWriter(capacity: min(chunkBytes, max(end - position, 64)))
    }

    /// The header of the next batch, or nil at the end and where no batch is.
    public mutating func next() throws(StorageError) -> BatchHeader? {
        position = nextPosition
        guard position < end, damage == nil else { return nil }
        try fill(min(RecordBatchLayout.headerSize, end - position), readingAhead: chunkBytes)
        let start = position - bufferStart
        let available = min(RecordBatchLayout.headerSize, buffer.count - start)
        guard available > 0 else {
            damage = "the file ends early"
            return nil
        }
        let header: BatchHeader
        do throws(RecordError) {
            header = try BatchHeader(buffer.bytes.extracting(start..<(start + available)))
        } catch {
            damage = "\(error)"
            return nil
        }
        guard header.sizeInBytes <= end - position else {
            damage = "a batch of \(header.sizeInBytes) bytes reaches beyond the end of the file"
            return nil
        }
        nextPosition = position + header.sizeInBytes
        return header
    }

    /// Brings all bytes of the current batch into memory.
    public mutating func loadBatch() throws(StorageError) {
        try fill(nextPosition - position, readingAhead: chunkBytes)
        if buffer.count - (position - bufferStart) < nextPosition - position {
            throw .corrupt(file: file.path, position: Int64(position), reason: "the file ends early")
        }
    }

    /// The bytes of the current batch, after `loadBatch`.
    public var batch: RawSpan {
        @_lifetime(borrow self)
        get {
            let start = position - bufferStart
            return _overrideLifetime(
                buffer.bytes.extracting(start..<(start + nextPosition - position)), borrowing: self)
        }
    }

    /// Makes `count` bytes from `position` on present, as far as the file has them.
    private mutating func fill(_ count: Int, readingAhead: Int) throws(StorageError) {
        guard position < bufferStart || position + count > bufferStart + buffer.count || buffer.count == 0 else {
            return
        }
        let wanted = min(max(count, readingAhead), end - position)
        let from = Int64(position)
        buffer.clear()
        bufferStart = position
        do throws(SystemError) {
            _ = try buffer.appendUninitialized(upTo: wanted) { (room) throws(SystemError) -> Int in
                try file.read(into: room, at: from)
            }
        } catch {
            throw .io(error)
        }
    }
}
