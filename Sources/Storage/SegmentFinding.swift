/// Something that is wrong with a segment or with one of its indexes.
public struct SegmentFinding: Sendable, Equatable {
    public enum Problem: Sendable, Equatable {
        /// From here to its end the file holds no batch: a torn tail, or damage.
        case invalidBytes(count: Int64, reason: String)
        case wrongChecksum(baseOffset: Int64, stored: UInt32, computed: UInt32)
        /// The checksum is right, but the records cannot be read.
        case unreadableRecords(baseOffset: Int64, reason: String)
        /// A batch begins at or before the last offset of the batch in front of it, or ends before it begins.
        case offsetsOutOfOrder(previous: Int64, baseOffset: Int64)
        /// Offsets are missing between two batches. Compaction does that; elsewhere it is a hole.
        case nonConsecutive(previous: Int64, next: Int64)
        /// A batch has a smaller leader epoch than the one before it.
        case epochOutOfOrder(previous: Int32, epoch: Int32)

        /// The file of an index does not end with a whole entry.
        case brokenEntry(bytes: Int)
        /// The batch at the position of an entry ends with another offset; nil where no batch begins.
        case wrongOffset(indexed: Int64, position: Int64, found: Int64?)
        case indexOutOfOrder(indexed: Int64, previous: Int64)
        case wrongTimestamp(indexed: Int64, found: Int64)
        case timestampOutOfOrder(indexed: Int64, previous: Int64)
        /// No batch ends with the offset of an entry of the time index; `found` is the end of the one behind it, or -1.
        case offsetNotFound(indexed: Int64, found: Int64)
        /// An entry of the transaction index that no abort marker stands behind.
        case noAbortMarker(producerID: Int64, lastOffset: Int64)
        case transactionOutOfOrder(firstOffset: Int64, lastOffset: Int64)
        /// The file is not what its name says.
        case unreadable(reason: String)
        case missingFile
    }

    /// The file that is wrong.
    public let path: String
    /// Where in it.
    public let position: Int64
    public let problem: Problem

    public init(path: String, position: Int64, problem: Problem) {
        self.path = path
        self.position = position
        self.problem = problem
    }
}

extension SegmentFinding {
    /// Whether a whole log may show this too: compaction leaves holes between offsets.
    public var isOnlyAHole: Bool { if case .nonConsecutive = problem { true } else { false } }
}

extension SegmentFinding: CustomStringConvertible {
    public var description: String { "\(path) at byte \(position): \(problem)" }
}

extension SegmentFinding.Problem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidBytes(let count, let reason): "\(count) invalid bytes up to the end: \(reason)"
        case .wrongChecksum(let offset, let stored, let computed):
            "the batch at offset \(offset) is corrupt (stored crc = \(stored), computed crc = \(computed))"
        case .unreadableRecords(let offset, let reason):
            "the records of the batch at offset \(offset) cannot be read: \(reason)"
        case .offsetsOutOfOrder(let previous, let offset): "a batch at offset \(offset) follows offset \(previous)"
        case .nonConsecutive(let previous, let next): "offset \(previous) is followed by \(next)"
        case .epochOutOfOrder(let previous, let epoch): "leader epoch \(epoch) follows \(previous)"
        case .brokenEntry(let bytes): "\(bytes) bytes at the end are no whole entry"
        case .wrongOffset(let indexed, let position, let found?):
            "the entry says offset \(indexed) at position \(position), where the log has offset \(found)"
        case .wrongOffset(let indexed, let position, nil):
            "the entry says offset \(indexed) at position \(position), where no batch begins"
        case .indexOutOfOrder(let indexed, let previous): "offset \(indexed) follows \(previous)"
        case .wrongTimestamp(let indexed, let found): "the entry says timestamp \(indexed), the log \(found)"
        case .timestampOutOfOrder(let indexed, let previous): "timestamp \(indexed) follows \(previous)"
        case .offsetNotFound(let indexed, -1): "the log has no offset \(indexed)"
        case .offsetNotFound(let indexed, let found):
            "no batch ends with offset \(indexed); the next ends with \(found)"
        case .noAbortMarker(let producerID, let offset):
            "the log has no abort marker of producer \(producerID) at offset \(offset)"
        case .transactionOutOfOrder(let first, let last):
            "a transaction from offset \(first) to \(last) is out of order"
        case .unreadable(let reason): reason
        case .missingFile: "the file is missing"
        }
    }
}
