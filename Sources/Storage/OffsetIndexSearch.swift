public import Posix

/// A binary search in the offset index of a segment that nobody writes here, on the disk: a few small reads.
public struct OffsetIndexSearch {
    public let path: String
    public let baseOffset: Int64
    private let index: IndexFile

    public init(_ path: String, baseOffset: Int64, disk: Disk) throws(StorageError) {
        self.path = path
        self.baseOffset = baseOffset
        index = try IndexFile(try io(try disk.open(path, .read)), entrySize: OffsetIndex.entrySize)
    }

    /// How many entries there are, without preallocated ones.
    public var count: Int { index.count }

    /// The entry with the largest offset that is not larger, and which one it is; nil when all are larger.
    public func lookup(_ offset: Int64) throws(StorageError) -> (slot: Int, entry: OffsetIndex.Entry)? {
        let (relative, overflow) = offset.subtractingReportingOverflow(baseOffset)
        guard !overflow, relative >= 0 else { return nil }
        let count = try index.countOfEntries(upTo: Int32(clamping: relative))
        guard count > 0 else { return nil }
        let bytes = try index.bytes(slot: count - 1)
        guard bytes.count == OffsetIndex.entrySize else { return nil }
        let raw = bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self).bigEndian
        let entry = OffsetIndex.Entry(
            offset: baseOffset &+ Int64(Int32(truncatingIfNeeded: raw >> 32)),
            position: Int(Int32(truncatingIfNeeded: raw)))
        return (count - 1, entry)
    }
}
