import Bytes
import KafkaRecords
import Posix
import Timing

/// A part of a log: the file with the batches and its indexes. Only the last segment of a log, the active one, is
/// written, and only it keeps its index entries in memory. Files are opened when they are first needed.
///
/// It belongs to its `PartitionLog`, under whose owner's lock it is used.
final class Segment {
    let baseOffset: Int64
    var directory: String
    let disk: Disk
    /// When this object came to be; the age of a segment whose records have no timestamps.
    let created: Timestamp
    /// Taken from `segment.ms`.
    let jitterMs: Int64
    /// So many bytes of batches lie between two index entries, at least.
    var intervalBytes: Int

    var size: Int
    /// Whether the transaction index has entries that were not flushed.
    var hasUnflushedTransactions = false
    var indexes: MemoryIndexes?
    /// Of the first batch; nil until it is known.
    var firstBatchTimestamp: Int64?
    private var maxTimestampKnown: TimestampOffset?
    private var timesWereRebuilt = false
    private var logFile: OpenFile?
    private var wasUsed = false
    private var offsetIndexFile: IndexFile?
    private var timeIndexFile: IndexFile?

    init(
        baseOffset: Int64, directory: String, disk: Disk, size: Int, created: Timestamp,
        configuration: LogConfiguration
    ) {
        self.baseOffset = baseOffset
        self.directory = directory
        self.disk = disk
        self.size = size
        self.created = created
        let jitterMax = min(configuration.segmentJitterMs, configuration.segmentMs)
        jitterMs = jitterMax > 0 ? .random(in: 0..<jitterMax) : 0
        intervalBytes = configuration.indexIntervalBytes
    }

    /// The index entries of the active segment, and how many of them are in the files.
    struct MemoryIndexes {
        var offsets: OffsetIndex
        var times: TimeIndex
        var maxTimestamp: TimestampOffset
        /// Where the batch of the last entry starts; 0 when there is none.
        var lastIndexedPosition = 0
        var offsetsWritten = 0
        var timesWritten = 0
        /// The files may be longer than what was written, or hold something else.
        var mustTrim = true

        init(baseOffset: Int64) {
            offsets = OffsetIndex(baseOffset: baseOffset)
            times = TimeIndex(baseOffset: baseOffset)
            maxTimestamp = TimestampOffset(timestamp: -1, offset: baseOffset)
        }
    }

    func path(_ kind: String) -> String { directory + "/" + LogFileName.make(baseOffset, kind) }

    /// All files a segment may have.
    static let fileKinds = [
        LogFileName.log, LogFileName.offsetIndex, LogFileName.timeIndex, LogFileName.transactionIndex,
    ]

    /// The file with the batches. That of a closed segment is not made when it is missing.
    func log() throws(StorageError) -> OpenFile {
        wasUsed = true
        if let logFile { return logFile }
        let file = try io(try disk.open(path(LogFileName.log), indexes == nil ? .read : .readWrite))
        logFile = file
        return file
    }

    /// Whether the file was used since it was last asked.
    func takeUse() -> Bool {
        defer { wasUsed = false }
        return wasUsed
    }

    /// The open log file, if it is open.
    var openLog: OpenFile? { logFile }

    /// Closes what is open. Regions that were handed out keep the file of the log for themselves.
    func releaseFiles() {
        logFile = nil
        releaseIndexFiles()
    }

    func releaseIndexFiles() {
        offsetIndexFile = nil
        timeIndexFile = nil
    }

    /// The largest timestamp and the last offset of the batch that has it; `-1` when no record has a timestamp.
    func maxTimestamp() throws(StorageError) -> TimestampOffset {
        if let indexes { return indexes.maxTimestamp }
        if let maxTimestampKnown { return maxTimestampKnown }
        let entry = try checkedTimeEntry { index throws(StorageError) in index.count }
        let found = TimestampOffset(timestamp: entry?.timestamp ?? -1, offset: entry?.offset ?? baseOffset)
        maxTimestampKnown = found
        return found
    }

    /// What retention compares with the clock: the largest timestamp, or when the file was last written if there is
    /// none. A timestamp from the future would keep the segment until then, so there the file's time counts too.
    func retentionTimestamp(now: Int64) throws(StorageError) -> Int64 {
        let stamped = try maxTimestamp().timestamp
        if stamped >= 0 && stamped <= now { return stamped }
        return try io(try disk.information(path(LogFileName.log))).modifiedMs
    }

    /// Where to start scanning for an offset.
    func scanStart(for offset: Int64) throws(StorageError) -> Int {
        if let indexes { return indexes.offsets.lookup(offset).position }
        let entry = try diskLookup(offset)
        guard let entry else { return 0 }
        if try names(entry) { return entry.position }
        try rebuildClosedIndexes()
        return try diskLookup(offset)?.position ?? 0
    }

    private func diskLookup(_ offset: Int64) throws(StorageError) -> OffsetIndex.Entry? {
        let index = try openOffsetIndex()
        let (relative, overflow) = offset.subtractingReportingOverflow(baseOffset)
        guard !overflow, relative >= 0 else { return nil }
        let count = try index.countOfEntries(upTo: Int32(clamping: relative))
        guard count > 0 else { return nil }
        let bytes = try index.bytes(slot: count - 1)
        return OffsetIndex(bytes.span.bytes, baseOffset: baseOffset).last
    }

    /// Whether an index entry tells the truth: at its position is a batch, and none that ends behind its offset. Reading
    /// the header costs nothing more, for the scan starts there anyway, and an index that lies would lose records.
    ///
    /// The batch may end before the offset: brokers up to 3.9 noted several batches that were written at once, as
    /// followers and the cleaner do, by the place of the first and the offset of the last.
    private func names(_ entry: OffsetIndex.Entry) throws(StorageError) -> Bool {
        guard entry.position >= 0, entry.position < size else { return false }
        let file = try log()
        var scanner = BatchScanner(file, from: entry.position, to: size, chunkBytes: RecordBatchLayout.headerSize)
        guard let lastOffset = try scanner.next()?.lastOffset else { return false }
        return lastOffset <= entry.offset
    }

    /// The batch that holds an offset, or the next one behind it; nil when the segment has none.
    func find(_ offset: Int64) throws(StorageError) -> (position: Int, header: BatchHeader)? {
        guard size > 0 else { return nil }
        let start = try scanStart(for: offset)
        let file = try log()
        var scanner = BatchScanner(file, from: start, to: size)
        while let header = try scanner.next() {
            if header.lastOffset >= offset { return (scanner.position, header) }
        }
        if let damage = scanner.damage { throw corrupt(scanner.nextPosition, damage) }
        return nil
    }

    /// The offset before which no record has a timestamp as large as this.
    func offsetBefore(timestamp: Int64) throws(StorageError) -> Int64 {
        if let indexes { return indexes.times.lookup(timestamp)?.offset ?? baseOffset }
        let entry = try checkedTimeEntry { index throws(StorageError) in try index.countOfEntries(upTo: timestamp) }
        return entry?.offset ?? baseOffset
    }

    /// The last of so many entries of the time index on the disk, after a look at whether the batch it names has its
    /// timestamp; if it does not, or the index is empty, the indexes are made anew once.
    private func checkedTimeEntry(
        _ count: (IndexFile) throws(StorageError) -> Int
    ) throws(StorageError) -> TimeIndex.Entry? {
        var index = try openTimeIndex()
        var entry = try timeEntry(index, try count(index))
        guard !timesWereRebuilt, size > 0 else { return entry }
        let isTrue = try entry.map { entry throws(StorageError) in try names(entry) } ?? (index.count > 0)
        guard !isTrue else { return entry }
        timesWereRebuilt = true
        try rebuildClosedIndexes()
        index = try openTimeIndex()
        entry = try timeEntry(index, try count(index))
        return entry
    }

    private func timeEntry(_ index: IndexFile, _ count: Int) throws(StorageError) -> TimeIndex.Entry? {
        guard count > 0 else { return nil }
        let bytes = try index.bytes(slot: count - 1)
        return TimeIndex(bytes.span.bytes, baseOffset: baseOffset).last
    }

    private func names(_ entry: TimeIndex.Entry) throws(StorageError) -> Bool {
        guard entry.offset >= baseOffset, let found = try find(entry.offset) else { return false }
        // A wrapper of magic 0 or 1 does not tell its first offset.
        let isBefore = found.header.magic < 2 || found.header.baseOffset <= entry.offset
        return found.header.maxTimestamp == entry.timestamp && isBefore
    }

    func corrupt(_ position: Int, _ reason: String) -> StorageError {
        .corrupt(file: path(LogFileName.log), position: Int64(position), reason: reason)
    }

    private func openOffsetIndex() throws(StorageError) -> IndexFile {
        if let offsetIndexFile { return offsetIndexFile }
        let index = try openIndex(LogFileName.offsetIndex, OffsetIndex.entrySize)
        offsetIndexFile = index
        return index
    }

    private func openTimeIndex() throws(StorageError) -> IndexFile {
        if let timeIndexFile { return timeIndexFile }
        let index = try openIndex(LogFileName.timeIndex, TimeIndex.entrySize)
        timeIndexFile = index
        return index
    }

    private func openIndex(_ kind: String, _ entrySize: Int) throws(StorageError) -> IndexFile {
        let path = path(kind)
        if !disk.exists(path) { try rebuildClosedIndexes() }
        var index = try IndexFile(try io(try disk.open(path, .read)), entrySize: entrySize)
        if !index.isWhole {
            try rebuildClosedIndexes()
            index = try IndexFile(try io(try disk.open(path, .read)), entrySize: entrySize)
        }
        return index
    }
}
