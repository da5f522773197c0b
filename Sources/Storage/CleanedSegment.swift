import KafkaRecords
import Posix

/// A segment that compaction is writing, in files that end with `.cleaned` until the log takes them over.
///
/// The thread that cleans writes it without the lock of the log. Only what makes or removes names in the directory is
/// done under it, for a partition that is deleted takes its directory away.
final class CleanedSegment {
    let baseOffset: Int64
    private(set) var size = 0
    private let directory: String
    private let disk: Disk
    private let intervalBytes: Int
    private let log: OpenFile
    private var writtenBack = 0

    private var offsets: OffsetIndex
    private var times: TimeIndex
    private var maxTimestamp: TimestampOffset
    private var lastIndexedPosition = 0
    private var transactions: [UInt8] = []
    /// The files of the indexes; empty until `seal`.
    private var indexes: [(kind: String, file: OpenFile)] = []

    /// So much is handed to the device at a time, so that the flush at the end finds little left to do.
    private static let writebackBytes = 8 << 20

    init(baseOffset: Int64, directory: String, disk: Disk, intervalBytes: Int) throws(StorageError) {
        self.baseOffset = baseOffset
        self.directory = directory
        self.disk = disk
        self.intervalBytes = intervalBytes
        offsets = OffsetIndex(baseOffset: baseOffset)
        times = TimeIndex(baseOffset: baseOffset)
        maxTimestamp = TimestampOffset(timestamp: -1, offset: baseOffset)
        let name = directory + "/" + LogFileName.make(baseOffset, LogFileName.log) + LogFileName.cleaned
        log = try io(try disk.open(name, .replace))
    }

    /// What the file is called while it has a suffix, or at last.
    func path(_ kind: String, _ suffix: String = "") -> String {
        directory + "/" + LogFileName.make(baseOffset, kind) + suffix
    }

    /// The log first: where it has its final name, nothing of this segment is ever thrown away.
    var kinds: [String] { [LogFileName.log] + indexes.map(\.kind) }

    /// Whether a batch of so many bytes and this last offset fits behind what is there.
    func hasRoom(for bytes: Int, lastOffset: Int64) -> Bool {
        size == 0
            || (bytes <= Int(Int32.max) - size && OffsetIndex.canHold(lastOffset, baseOffset: baseOffset))
    }

    /// Appends batches that were noted.
    func write(_ bytes: RawSpan, at position: Int) throws(StorageError) {
        do throws(SystemError) { try log.write(bytes, at: Int64(position)) } catch { throw .io(error) }
        let end = position + bytes.byteCount
        if end - writtenBack >= Self.writebackBytes {
            log.startWriteback(from: Int64(writtenBack), count: Int64(end - writtenBack))
            writtenBack = end
        }
    }

    /// Takes the next batch into account, whose bytes follow with `write`.
    func note(_ header: BatchHeader) {
        if header.maxTimestamp > maxTimestamp.timestamp {
            maxTimestamp = TimestampOffset(timestamp: header.maxTimestamp, offset: header.lastOffset)
        }
        if size - lastIndexedPosition > intervalBytes,
            OffsetIndex.canHold(header.lastOffset, baseOffset: baseOffset)
        {
            offsets.append(header.lastOffset, position: size)
            lastIndexedPosition = size
            addTimeEntry()
        }
        size += header.sizeInBytes
    }

    func note(_ transaction: AbortedTransaction) { transactions += transaction.bytes }

    private func addTimeEntry() {
        guard maxTimestamp.timestamp >= 0,
            OffsetIndex.canHold(maxTimestamp.offset, baseOffset: baseOffset)
        else { return }
        times.appendIfLater(maxTimestamp.timestamp, offset: maxTimestamp.offset)
    }

    /// Makes the files of the indexes. Under the lock of the log.
    func seal() throws(StorageError) {
        addTimeEntry()
        var kinds = [LogFileName.offsetIndex, LogFileName.timeIndex]
        if !transactions.isEmpty { kinds.append(LogFileName.transactionIndex) }
        for kind in kinds { indexes.append((kind, try io(try disk.open(path(kind, LogFileName.cleaned), .replace)))) }
    }

    /// Writes the indexes and brings everything to the device. The file keeps the age of what it replaces.
    func finish(modifiedMs: Int64) throws(StorageError) {
        for (kind, file) in indexes {
            switch kind {
            case LogFileName.offsetIndex: try write(offsets.encode(), file)
            case LogFileName.timeIndex: try write(times.encode(), file)
            default: try write(transactions, file)
            }
            file.startWriteback(from: 0, count: 0)
        }
        // All of it is on its way before the first wait, so that the file system's journal is committed once, not once
        // a file: producers that append meanwhile feel each commit.
        log.startWriteback(from: Int64(writtenBack), count: 0)
        try io(try log.setModificationTime(modifiedMs))
        try io(try log.synchronize())
        for (_, file) in indexes { try io(try file.synchronizeData()) }
    }

    private func write(_ bytes: [UInt8], _ file: OpenFile) throws(StorageError) {
        if !bytes.isEmpty { try io(try file.write(bytes, at: 0)) }
    }

    /// Under the lock of the log.
    func discard() throws(StorageError) {
        for kind in kinds { try io(try disk.remove(path(kind, LogFileName.cleaned))) }
    }

    /// Under the lock of the log.
    func rename(_ suffix: String, to newSuffix: String) throws(StorageError) {
        for kind in kinds { try io(try disk.rename(path(kind, suffix), to: path(kind, newSuffix))) }
    }
}
