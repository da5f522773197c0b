import Posix

/// The index of a segment that is no longer written, searched on the disk: a few small reads, none of which reads
/// megabytes ahead.
struct IndexFile {
    let file: OpenFile
    let entrySize: Int
    /// How many entries there are, without the zeros that a crash of Kafka leaves behind them.
    let count: Int
    /// Whether the file ends with a whole entry.
    let isWhole: Bool

    /// So many entries are read at once when the search has come down to them.
    private static let blockEntries = 256

    init(_ file: OpenFile, entrySize: Int) throws(StorageError) {
        file.adviseRandomAccess()
        self.file = file
        self.entrySize = entrySize
        let size = Int(try io(try file.size))
        let slots = size / entrySize
        isWhole = size % entrySize == 0
        guard slots > 0, try Self.isZero(file, slots - 1, entrySize) else {
            count = slots
            return
        }
        var low = 0
        var high = slots - 1
        while low < high {
            let middle = (low + high) / 2
            if try Self.isZero(file, middle, entrySize) { high = middle } else { low = middle + 1 }
        }
        count = low
    }

    func bytes(slot: Int, count: Int = 1) throws(StorageError) -> [UInt8] {
        try io(try file.read(count: count * entrySize, at: Int64(slot * entrySize)))
    }

    /// How many entries have a key, the integer at their start, that is not larger than `key`.
    func countOfEntries<Key: FixedWidthInteger & BitwiseCopyable>(upTo key: Key) throws(StorageError) -> Int {
        var low = 0
        var high = count
        while high - low > Self.blockEntries {
            let middle = (low + high) / 2
            if Self.key(try bytes(slot: middle), 0, as: Key.self) <= key { low = middle + 1 } else { high = middle }
        }
        let block = try bytes(slot: low, count: high - low)
        var slot = 0
        while (slot + 1) * entrySize <= block.count, Self.key(block, slot * entrySize, as: Key.self) <= key {
            slot += 1
        }
        return low + slot
    }

    private static func key<Key: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: [UInt8], _ position: Int, as type: Key.Type
    ) -> Key {
        guard bytes.count >= position + MemoryLayout<Key>.size else { return .max }
        return Key(bigEndian: bytes.span.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: Key.self))
    }

    private static func isZero(_ file: OpenFile, _ slot: Int, _ entrySize: Int) throws(StorageError) -> Bool {
        try io(try file.read(count: entrySize, at: Int64(slot * entrySize))).allSatisfy { $0 == 0 }
    }
}
