public import KafkaRecords
public import Posix

/// The way from an offset to the batch that holds it, step by step: the segment by a binary search over the names, the
/// position by a binary search in its index, the batch by a scan from there.
public struct OffsetSearch: Sendable {
    public struct Located: Sendable {
        public var position: Int64
        public var header: BatchHeader
    }

    public let directory: String
    public let offset: Int64
    /// The base offsets of all segments, ascending.
    public let segments: [Int64]
    /// Which names were compared, by their base offsets.
    public private(set) var compared: [Int64] = []
    /// The segment with the largest base offset that is not larger; nil when all begin behind the offset.
    public private(set) var segment: Int64?
    /// How many entries its index has; nil without one.
    public private(set) var indexEntries: Int?
    public private(set) var slot: Int?
    public private(set) var entry: OffsetIndex.Entry?
    /// Where the scan began.
    public private(set) var scanPosition: Int64 = 0
    public private(set) var scannedBatches = 0
    /// The batch that holds the offset, or the first behind it, where compaction removed it.
    public private(set) var batch: Located?
    /// Why the scan ended early.
    public private(set) var damage: String?

    /// Where the `.log` files of a directory begin, ascending.
    public static func segments(in directory: String, disk: Disk) throws(StorageError) -> [Int64] {
        try io(try disk.list(directory)).compactMap { entry in
            guard !entry.isDirectory, let name = LogFileName.parse(entry.name), name.kind == LogFileName.log[...]
            else { return nil }
            return name.offset
        }.sorted()
    }

    public init(_ offset: Int64, in directory: String, disk: Disk) throws(StorageError) {
        self.directory = directory
        self.offset = offset
        segments = try Self.segments(in: directory, disk: disk)
        findSegment()
        guard let segment else { return }
        try findEntry(segment, disk)
        try scan(segment, disk)
    }

    private mutating func findSegment() {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            compared.append(segments[middle])
            if segments[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        if low > 0 { segment = segments[low - 1] }
    }

    private mutating func findEntry(_ segment: Int64, _ disk: Disk) throws(StorageError) {
        let path = directory + "/" + LogFileName.make(segment, LogFileName.offsetIndex)
        guard disk.exists(path) else { return }
        let index = try OffsetIndexSearch(path, baseOffset: segment, disk: disk)
        indexEntries = index.count
        guard let found = try index.lookup(offset) else { return }
        slot = found.slot
        entry = found.entry
        scanPosition = Int64(max(0, found.entry.position))
    }

    private mutating func scan(_ segment: Int64, _ disk: Disk) throws(StorageError) {
        let file = try io(try disk.open(directory + "/" + LogFileName.make(segment, LogFileName.log), .read))
        let size = try io(try file.size)
        var scanner = BatchScanner(file, from: Int(scanPosition), to: Int(size))
        while let header = try scanner.next() {
            scannedBatches += 1
            guard header.lastOffset < offset else {
                batch = Located(position: Int64(scanner.position), header: header)
                return
            }
        }
        damage = scanner.damage
    }
}
