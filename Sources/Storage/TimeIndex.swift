import Bytes

/// A sparse map from timestamps to offsets: twelve bytes an entry, the largest timestamp so far and the offset of the
/// batch that has it, relative to the segment's base. Timestamps and offsets ascend strictly.
public struct TimeIndex: Sendable, Equatable {
    public static let entrySize = 12

    public struct Entry: Hashable, Sendable {
        public let timestamp: Int64
        public let offset: Int64
    }

    private struct Stored: Equatable {
        var timestamp: Int64
        var relativeOffset: Int32
    }

    public let baseOffset: Int64
    private var stored: ContiguousArray<Stored> = []

    public init(baseOffset: Int64) { self.baseOffset = baseOffset }

    /// Reads a file. Zeros behind the entries are what Kafka preallocated; only the very first entry may be all zero
    /// by right, and only when it is alone, so that one is given up too.
    public init(_ bytes: RawSpan, baseOffset: Int64) {
        self.init(baseOffset: baseOffset)
        let count = bytes.byteCount / Self.entrySize
        stored.reserveCapacity(count)
        for slot in 0..<count {
            let at = slot * Self.entrySize
            let timestamp = Int64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at, as: Int64.self))
            let relative = Int32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: at + 8, as: Int32.self))
            if timestamp == 0 && relative == 0 && (slot > 0 || count > 1) { break }
            stored.append(Stored(timestamp: timestamp, relativeOffset: relative))
        }
    }

    public var count: Int { stored.count }
    public var entries: [Entry] { stored.indices.map { entry($0) } }
    public var last: Entry? { stored.isEmpty ? nil : entry(stored.count - 1) }

    public func entry(_ slot: Int) -> Entry {
        Entry(timestamp: stored[slot].timestamp, offset: baseOffset &+ Int64(stored[slot].relativeOffset))
    }

    /// The last entry whose timestamp is not larger, or nil when all are.
    public func lookup(_ timestamp: Int64) -> Entry? {
        var low = 0
        var high = stored.count
        while low < high {
            let middle = (low + high) / 2
            if stored[middle].timestamp <= timestamp { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : entry(low - 1)
    }

    /// Adds an entry, unless time did not advance since the last one.
    public mutating func appendIfLater(_ timestamp: Int64, offset: Int64) {
        guard timestamp > (stored.last?.timestamp ?? -1) else { return }
        precondition(OffsetIndex.canHold(offset, baseOffset: baseOffset), "an entry beyond the reach of its segment")
        stored.append(Stored(timestamp: timestamp, relativeOffset: Int32(truncatingIfNeeded: offset - baseOffset)))
    }

    /// Forgets everything at or behind an offset.
    public mutating func truncate(to offset: Int64) {
        while let entry = last, entry.offset >= offset { stored.removeLast() }
    }

    /// The bytes of the entries from a slot on.
    public func encode(from slot: Int = 0) -> [UInt8] {
        var writer = ByteWriter(capacity: max(16, (stored.count - slot) * Self.entrySize))
        for entry in stored[slot...] {
            writer.int64(entry.timestamp)
            writer.int32(entry.relativeOffset)
        }
        return Array(writer.bytes)
    }

    /// Why these entries cannot be right, or nil.
    public func problem(endOffset: Int64) -> String? {
        var previous = Stored(timestamp: -1, relativeOffset: -1)
        for entry in stored {
            guard entry.timestamp > previous.timestamp, entry.relativeOffset >= previous.relativeOffset,
                entry.relativeOffset >= 0
            else { return "its entries do not ascend" }
            previous = entry
        }
        guard let last else { return nil }
        return last.offset < endOffset ? nil : "an entry names an offset beyond the end of the segment"
    }
}
