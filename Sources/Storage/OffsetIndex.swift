import Bytes

/// A sparse map from offsets to positions in a segment: eight bytes an entry, the offset relative to the segment's
/// base and the position, both big-endian Int32. An entry names the last offset of a batch and where that batch starts.
///
/// The entries of the segment being written live here, in memory, and go to the file in batches: storing into a
/// mapped, preallocated file costs milliseconds on the first touch.
public struct OffsetIndex: Sendable, Equatable {
    public static let entrySize = 8

    public struct Entry: Hashable, Sendable {
        public let offset: Int64
        public let position: Int
    }

    private struct Stored: Equatable {
        var relativeOffset: Int32
        var position: Int32
    }

    public let baseOffset: Int64
    private var stored: ContiguousArray<Stored> = []

    public init(baseOffset: Int64) { self.baseOffset = baseOffset }

    /// Reads a file. Kafka preallocates indexes, so a crash leaves zeros behind the entries; they are not entries.
    /// A remainder that is no whole entry is ignored.
    public init(_ bytes: RawSpan, baseOffset: Int64) {
        self.init(baseOffset: baseOffset)
        let count = bytes.byteCount / Self.entrySize
        stored.reserveCapacity(count)
        for slot in 0..<count {
            let raw = UInt64(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: slot * 8, as: UInt64.self))
            if raw == 0 { break }
            stored.append(
                Stored(
                    relativeOffset: Int32(truncatingIfNeeded: raw >> 32), position: Int32(truncatingIfNeeded: raw)))
        }
    }

    public var count: Int { stored.count }
    public var entries: [Entry] { stored.indices.map { entry($0) } }
    public var last: Entry? { stored.isEmpty ? nil : entry(stored.count - 1) }

    public func entry(_ slot: Int) -> Entry {
        Entry(offset: baseOffset &+ Int64(stored[slot].relativeOffset), position: Int(stored[slot].position))
    }

    /// Where to start looking for an offset: the entry with the largest offset that is not larger, or the start of the
    /// segment.
    public func lookup(_ offset: Int64) -> Entry {
        let slot = countOfEntries(upTo: offset) - 1
        return slot < 0 ? Entry(offset: baseOffset, position: 0) : entry(slot)
    }

    public static func canHold(_ offset: Int64, baseOffset: Int64) -> Bool {
        let (relative, overflow) = offset.subtractingReportingOverflow(baseOffset)
        return !overflow && relative >= 0 && relative <= Int64(Int32.max)
    }

    public mutating func append(_ offset: Int64, position: Int) {
        precondition(Self.canHold(offset, baseOffset: baseOffset), "an index entry beyond the reach of its segment")
        stored.append(
            Stored(relativeOffset: Int32(truncatingIfNeeded: offset - baseOffset), position: Int32(position)))
    }

    /// Forgets everything at or behind an offset.
    public mutating func truncate(to offset: Int64) {
        let kept = countOfEntries(upTo: offset - 1)
        stored.removeLast(stored.count - kept)
    }

    /// The bytes of the entries from a slot on.
    public func encode(from slot: Int = 0) -> [UInt8] {
        var writer = ByteWriter(capacity: max(16, (stored.count - slot) * Self.entrySize))
        for entry in stored[slot...] {
            writer.int32(entry.relativeOffset)
            writer.int32(entry.position)
        }
        return Array(writer.bytes)
    }

    /// Why these entries cannot belong to a segment of this size, or nil.
    public func problem(segmentBytes: Int) -> String? {
        var previous = Stored(relativeOffset: -1, position: -1)
        for entry in stored {
            guard entry.relativeOffset > previous.relativeOffset, entry.position > previous.position else {
                return "its entries do not ascend"
            }
            previous = entry
        }
        return Int(previous.position) < max(segmentBytes, 0) ? nil : "an entry points beyond the end of the segment"
    }

    private func countOfEntries(upTo offset: Int64) -> Int {
        var low = 0
        var high = stored.count
        while low < high {
            let middle = (low + high) / 2
            if baseOffset &+ Int64(stored[middle].relativeOffset) <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
