import KafkaRecords
public import Posix

/// The files of a partition by their names, for tools that look without a broker. Nothing is changed and nothing is
/// cleared away.
public struct PartitionFiles: Sendable {
    public struct SegmentFiles: Sendable {
        public let baseOffset: Int64
        /// Of the log.
        public let size: Int
        let kinds: Set<String>

        public func has(_ kind: String) -> Bool { kinds.contains(kind) }
    }

    public let directory: String
    /// Ascending.
    public let segments: [SegmentFiles]
    /// Offsets of the producer snapshots, ascending.
    public let snapshots: [Int64]
    /// Names that a crash, a deletion or a compaction left behind; a start clears them away.
    public let leftovers: [String]
    /// Index files without a log.
    public let orphans: [String]
    /// Snapshots of the metadata log.
    public let metadataSnapshots: [String]
    /// Names that belong to nobody.
    public let foreign: [String]
    let disk: Disk

    private static let companions: Set<String> = [
        LeaderEpochCache.fileName, PartitionMetadata.fileName, "quorum-state",
    ]

    public init(_ directory: String, disk: Disk) throws(StorageError) {
        self.directory = directory
        self.disk = disk
        var kinds: [Int64: Set<String>] = [:]
        var snapshots: [Int64] = []
        var leftovers: [String] = []
        var foreign: [String] = []
        var metadataSnapshots: [String] = []
        for entry in try io(try disk.list(directory)) {
            let name = entry.name
            if Self.isLeftover(name) {
                leftovers.append(name)
            } else if name.hasSuffix(".checkpoint") {
                metadataSnapshots.append(name)
            } else if let (offset, kind) = LogFileName.parse(name), !entry.isDirectory {
                if kind == LogFileName.producerSnapshot {
                    snapshots.append(offset)
                } else if Segment.fileKinds.contains(String(kind)) {
                    kinds[offset, default: []].insert(String(kind))
                } else {
                    foreign.append(name)
                }
            } else if !Self.companions.contains(name) {
                foreign.append(name)
            }
        }
        var segments: [SegmentFiles] = []
        var orphans: [String] = []
        for (offset, kinds) in kinds.sorted(by: { $0.key < $1.key }) {
            guard kinds.contains(LogFileName.log) else {
                orphans += kinds.sorted().map { LogFileName.make(offset, $0) }
                continue
            }
            let path = directory + "/" + LogFileName.make(offset, LogFileName.log)
            let size = Int(try io(try disk.information(path)).size)
            segments.append(SegmentFiles(baseOffset: offset, size: size, kinds: kinds))
        }
        self.segments = segments
        self.orphans = orphans
        self.snapshots = snapshots.sorted()
        self.leftovers = leftovers.sorted()
        self.foreign = foreign.sorted()
        self.metadataSnapshots = metadataSnapshots.sorted()
    }

    private static func isLeftover(_ name: String) -> Bool {
        name.hasSuffix(LogFileName.deleted) || name.hasSuffix(LogFileName.cleaned) || name.hasSuffix(LogFileName.swap)
            || name.hasSuffix(".tmp")
    }

    /// The bytes of all segments.
    public var size: Int64 { segments.reduce(0) { $0 + Int64($1.size) } }

    public func path(_ baseOffset: Int64, _ kind: String) -> String {
        directory + "/" + LogFileName.make(baseOffset, kind)
    }

    /// The segment that would hold an offset.
    public func segmentIndex(for offset: Int64) -> Int? { segments.lastIndex { $0.baseOffset <= offset } }

    public func openLog(_ segment: SegmentFiles) throws(StorageError) -> OpenFile {
        try io(try disk.open(path(segment.baseOffset, LogFileName.log), .read))
    }

    /// Where to start scanning a segment for an offset. An index that is missing or lies is passed over.
    public func scanStart(for offset: Int64, in segment: SegmentFiles) throws(StorageError) -> Int {
        guard segment.size > BatchScanner.searchBytes, segment.has(LogFileName.offsetIndex) else { return 0 }
        let index = try IndexFile(
            try io(try disk.open(path(segment.baseOffset, LogFileName.offsetIndex), .read)),
            entrySize: OffsetIndex.entrySize)
        let (relative, overflow) = offset.subtractingReportingOverflow(segment.baseOffset)
        guard !overflow, relative >= 0 else { return 0 }
        let count = try index.countOfEntries(upTo: Int32(clamping: relative))
        guard count > 0 else { return 0 }
        let bytes = try index.bytes(slot: count - 1)
        guard let entry = OffsetIndex(bytes.span.bytes, baseOffset: segment.baseOffset).last, entry.position > 0,
            entry.position < segment.size
        else { return 0 }
        let file = try openLog(segment)
        var scanner = BatchScanner(
            file, from: entry.position, to: segment.size, chunkBytes: RecordBatchLayout.headerSize)
        guard let header = try scanner.next(), header.baseOffset <= entry.offset,
            header.baseOffset >= segment.baseOffset
        else { return 0 }
        return entry.position
    }

    func contents(_ name: String) throws(StorageError) -> [UInt8]? {
        let path = directory + "/" + name
        guard disk.exists(path) else { return nil }
        return try io(try disk.contents(of: path))
    }
}
