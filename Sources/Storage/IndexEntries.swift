import Bytes
public import Posix

/// The entries of an index file from front to back, a piece of the file at a time, whatever size the file claims.
///
/// Kafka preallocates the offset and time indexes, so that zeros behind the entries are no entries; reading ends there.
public struct IndexEntries: ~Copyable {
    private static let pieceEntries = 4096

    public let path: String
    public let entrySize: Int
    /// How many whole entries fit into the file, preallocated ones included.
    public let slots: Int
    /// What is left behind the last whole entry.
    public let looseBytes: Int
    /// The how-manieth entry `next` read last.
    public private(set) var slot = -1

    private let file: OpenFile
    private var piece: [UInt8] = []
    private var pieceSlot = 0

    public init(_ path: String, entrySize: Int, disk: Disk) throws(StorageError) {
        let opened = try io(try disk.open(path, .read))
        let size = try io(try opened.size)
        self.path = path
        self.entrySize = entrySize
        file = opened
        slots = Int(size / Int64(entrySize))
        looseBytes = Int(size % Int64(entrySize))
    }

    /// Where the entry read last stands in the file.
    public var position: Int64 { Int64(slot) * Int64(entrySize) }

    public mutating func nextOffset(baseOffset: Int64) throws(StorageError) -> OffsetIndex.Entry? {
        guard try advance() else { return nil }
        let raw = load(0, as: UInt64.self)
        guard raw != 0 else { return nil }
        let relative = Int32(truncatingIfNeeded: raw >> 32)
        return OffsetIndex.Entry(
            offset: baseOffset &+ Int64(relative), position: Int(Int32(truncatingIfNeeded: raw)))
    }

    public mutating func nextTime(baseOffset: Int64) throws(StorageError) -> TimeIndex.Entry? {
        guard try advance() else { return nil }
        let timestamp = load(0, as: Int64.self)
        let relative = load(8, as: Int32.self)
        // Of the first entry all zeros may be right, when it is alone.
        if relative == 0, timestamp == 0, slot > 0 || slots > 1 { return nil }
        return TimeIndex.Entry(timestamp: timestamp, offset: baseOffset &+ Int64(relative))
    }

    /// Throws where an entry has a version that is not known.
    public mutating func nextTransaction() throws(StorageError) -> AbortedTransaction? {
        guard try advance() else { return nil }
        let version = load(0, as: Int16.self)
        guard version == AbortedTransaction.version else {
            throw .corrupt(file: path, position: position, reason: "an entry has the unknown version \(version)")
        }
        return AbortedTransaction(
            producerID: load(2, as: Int64.self), firstOffset: load(10, as: Int64.self),
            lastOffset: load(18, as: Int64.self), lastStableOffset: load(26, as: Int64.self))
    }

    private mutating func advance() throws(StorageError) -> Bool {
        guard slot + 1 < slots else { return false }
        slot += 1
        if slot >= pieceSlot + piece.count / entrySize {
            let count = min(Self.pieceEntries, slots - slot) * entrySize
            let file = file
            let from = position
            piece = try io(try file.read(count: count, at: from))
            pieceSlot = slot
        }
        // The file may have become shorter since it was opened.
        return (slot - pieceSlot + 1) * entrySize <= piece.count
    }

    private func load<T: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: T.Type) -> T {
        T(
            bigEndian: piece.span.bytes.unsafeLoadUnaligned(
                fromByteOffset: (slot - pieceSlot) * entrySize + offset, as: T.self))
    }
}
