import Bytes
import KafkaRecords
import Posix

/// Reads the batches of a segment or snapshot one after the other, and stops at the first that is not whole and sound.
struct BatchFile {
    /// How a walk over the file ended.
    enum End: Equatable {
        case clean
        /// From here on the file holds no sound batch.
        case damaged(position: Int64, reason: String)
    }

    let path: String
    private let file: OpenFile
    let size: Int64

    /// How much is read at a time, unless a batch is larger.
    private static let windowBytes = 1 << 20

    init(_ path: String, disk: Disk) throws(MetadataError) {
        self.path = path
        file = try io(try disk.open(path, .read))
        let file = file
        size = try io(try file.size)
    }

    func forEachBatch(
        _ body: (_ batch: RawSpan, _ header: BatchHeader, _ position: Int64) throws(MetadataError) -> Void
    ) throws(MetadataError) -> End {
        var position: Int64 = 0
        var window = Self.windowBytes
        while position < size {
            let chunk = try read(at: position, upTo: window)
            var used = 0
            var wanted = 0
            while used < chunk.count {
                let rest = chunk.span.bytes.extracting(droppingFirst: used)
                switch Self.examine(rest) {
                case .sound(let header):
                    try body(rest.extracting(first: header.sizeInBytes), header, position + Int64(used))
                    used += header.sizeInBytes
                    continue
                case .incomplete(let needed): wanted = needed
                case .damaged(let reason):
                    return .damaged(position: position + Int64(used), reason: reason)
                }
                break
            }
            position += Int64(used)
            guard wanted > 0 else { continue }
            guard Int64(wanted) <= size - position else {
                return .damaged(position: position, reason: "the file ends inside a batch")
            }
            window = max(Self.windowBytes, wanted)
        }
        return .clean
    }

    /// Whether a sound batch with an offset of at least `offset` begins anywhere behind `position`.
    func hasSoundBatch(behind position: Int64, from offset: Int64) throws(MetadataError) -> Bool {
        // A batch that begins in one window and ends in the next is found in neither; so the windows overlap by half.
        var start = position + 1
        while start < size {
            let chunk = try read(at: start, upTo: 16 << 20)
            let bytes = chunk.span.bytes
            for candidate in 0..<max(0, bytes.byteCount - RecordBatchLayout.headerSize) {
                guard chunk[candidate + RecordBatchLayout.magic] == 2 else { continue }
                let rest = bytes.extracting(droppingFirst: candidate)
                if case .sound(let header) = Self.examine(rest), header.baseOffset >= offset { return true }
            }
            guard chunk.count == 16 << 20 else { break }
            start += 8 << 20
        }
        return false
    }

    private func read(at position: Int64, upTo count: Int) throws(MetadataError) -> [UInt8] {
        try io(try file.read(count: Int(min(Int64(count), size - position)), at: position))
    }

    private enum Finding {
        case sound(BatchHeader)
        case incomplete(needed: Int)
        case damaged(String)
    }

    private static func examine(_ bytes: RawSpan) -> Finding {
        do throws(RecordError) {
            let header = try BatchHeader(bytes)
            guard header.magic == 2 else { return .damaged("a batch has the format \(header.magic)") }
            guard bytes.byteCount >= header.sizeInBytes else { return .incomplete(needed: header.sizeInBytes) }
            guard BatchChecksum.isValid(bytes.extracting(first: header.sizeInBytes)) else {
                return .damaged("a batch does not match its checksum")
            }
            return .sound(header)
        } catch .truncated {
            return .incomplete(needed: RecordBatchLayout.headerSize)
        } catch {
            return .damaged(error.description)
        }
    }
}
