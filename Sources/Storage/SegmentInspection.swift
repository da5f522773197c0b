import Bytes
import KafkaRecords
public import Posix

/// A look at a whole segment without a log around it: every batch, and every index entry against the batches. Nothing
/// is written, no damage ends the walk before the file does, and what it finds has a place.
///
/// The log is read once. Index entries ascend as the batches do, so each index is read beside it.
public struct SegmentInspection: Sendable {
    /// How much of each batch is looked at.
    public enum Depth: Int, Comparable, Sendable {
        case headers, checksums, records

        public static func < (left: Depth, right: Depth) -> Bool { left.rawValue < right.rawValue }
    }

    /// More findings than this are counted, not kept: a garbled file has one a batch.
    public static let findingsMax = 1000

    public let logPath: String
    public let baseOffset: Int64
    public private(set) var size: Int64 = 0
    /// The bytes of whole batches from the front.
    public private(set) var validBytes: Int64 = 0
    public private(set) var batchCount: Int64 = 0
    /// As the headers state it.
    public private(set) var recordCount: Int64 = 0
    /// Of the first record; the base offset when there is none.
    public private(set) var startOffset: Int64
    /// The offset behind the last batch.
    public private(set) var endOffset: Int64
    public private(set) var maxTimestamp: Int64 = -1
    public private(set) var findings: [SegmentFinding] = []
    public private(set) var findingsOmitted: Int64 = 0
    /// The caller wanted to hear no more.
    public private(set) var wasStopped = false

    private var lastEpoch: Int32 = -1
    /// Where abort markers lie: the offset and its producer. Kept only when there is a transaction index.
    private var abortMarkers: [Int64: Int64] = [:]

    /// - Parameters:
    ///   - path: the `.log` file; its name gives the base offset.
    ///   - progress: is told every so often how many bytes of the log are done; returning false ends the inspection.
    public static func inspect(
        _ path: String, depth: Depth, disk: Disk, progress: (Int64) -> Bool = { _ in true }
    ) throws(StorageError) -> SegmentInspection {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let parsed = LogFileName.parse(name) else {
            throw .corrupt(file: path, position: 0, reason: "its name does not begin with an offset")
        }
        var inspection = SegmentInspection(logPath: path, baseOffset: parsed.offset)
        try inspection.run(depth, disk, progress)
        return inspection
    }

    private init(logPath: String, baseOffset: Int64) {
        self.logPath = logPath
        self.baseOffset = baseOffset
        startOffset = baseOffset
        endOffset = baseOffset
    }

    public var isClean: Bool { findings.allSatisfy(\.isOnlyAHole) && findingsOmitted == 0 }

    /// `.../00000000000000000000.index` beside `.../00000000000000000000.log`.
    public func path(_ kind: String) -> String {
        guard let dot = logPath.lastIndex(of: ".") else { return logPath + "." + kind }
        return logPath[...dot] + kind
    }

    private mutating func run(_ depth: Depth, _ disk: Disk, _ progress: (Int64) -> Bool) throws(StorageError) {
        let log = try io(try disk.open(logPath, .read))
        size = try io(try log.size)
        var offsets = try OffsetEntryCheck(path(LogFileName.offsetIndex), baseOffset: baseOffset, disk: disk)
        var times = try TimeEntryCheck(path(LogFileName.timeIndex), baseOffset: baseOffset, disk: disk)
        let hasTransactions = disk.exists(path(LogFileName.transactionIndex))
        let chunk = depth == .headers ? BatchScanner.searchBytes : BatchScanner.recoveryBytes
        var scanner = BatchScanner(log, from: 0, to: Int(clamping: size), chunkBytes: chunk)
        var scratch = ByteWriter()
        var told: Int64 = 0
        while let header = try scanner.next() {
            var maxTimestamp = header.maxTimestamp
            let position = Int64(scanner.position)
            note(header, position)
            if depth > .headers {
                try scanner.loadBatch()
                examine(scanner.batch, header, position, depth, &maxTimestamp, &scratch)
            }
            if hasTransactions, header.isControl, header.isTransactional {
                try scanner.loadBatch()
                noteMarker(scanner.batch, header, &scratch)
            }
            try offsets.batch(position: scanner.position, lastOffset: header.lastOffset, &self)
            try times.batch(lastOffset: header.lastOffset, maxTimestamp: maxTimestamp, &self)
            validBytes = Int64(scanner.nextPosition)
            if validBytes - told >= 1 << 24 {
                told = validBytes
                guard progress(validBytes) else {
                    wasStopped = true
                    return
                }
            }
        }
        if validBytes < size {
            add(logPath, validBytes, .invalidBytes(count: size - validBytes, reason: scanner.damage ?? "no batch"))
        }
        try offsets.end(&self)
        try times.end(&self)
        if hasTransactions { try inspectTransactions(disk) }
        _ = progress(size)
    }

    mutating func add(_ path: String, _ position: Int64, _ problem: SegmentFinding.Problem) {
        guard findings.count < Self.findingsMax else {
            findingsOmitted += 1
            return
        }
        findings.append(SegmentFinding(path: path, position: position, problem: problem))
    }

    private mutating func note(_ header: BatchHeader, _ position: Int64) {
        // The base offset of a compressed message of the old formats is that of its last record.
        if header.lastOffset < header.baseOffset || header.baseOffset < endOffset {
            add(logPath, position, .offsetsOutOfOrder(previous: endOffset - 1, baseOffset: header.baseOffset))
        } else if header.baseOffset > endOffset, batchCount > 0, header.magic >= 2 {
            add(logPath, position, .nonConsecutive(previous: endOffset - 1, next: header.baseOffset))
        }
        if header.partitionLeaderEpoch < lastEpoch, header.magic >= 2, header.partitionLeaderEpoch >= 0 {
            add(logPath, position, .epochOutOfOrder(previous: lastEpoch, epoch: header.partitionLeaderEpoch))
        }
        lastEpoch = max(lastEpoch, header.partitionLeaderEpoch)
        if batchCount == 0 { startOffset = header.baseOffset }
        batchCount += 1
        recordCount &+= Int64(max(0, header.recordCount))
        endOffset = max(endOffset, header.nextOffset)
        maxTimestamp = max(maxTimestamp, header.maxTimestamp)
    }

    private mutating func examine(
        _ batch: RawSpan, _ header: BatchHeader, _ position: Int64, _ depth: Depth, _ maxTimestamp: inout Int64,
        _ scratch: inout ByteWriter
    ) {
        let computed = BatchChecksum.compute(batch)
        guard computed == header.crc else {
            add(
                logPath, position,
                .wrongChecksum(baseOffset: header.baseOffset, stored: header.crc, computed: computed))
            return
        }
        guard depth == .records else { return }
        do throws(RecordError) {
            var largest: Int64 = -1
            var iterator = try RecordIterator(batch, scratch: &scratch)
            while let record = try iterator.next() { largest = max(largest, record.timestamp) }
            maxTimestamp = largest
        } catch {
            add(logPath, position, .unreadableRecords(baseOffset: header.baseOffset, reason: error.description))
        }
    }

    private mutating func noteMarker(_ batch: RawSpan, _ header: BatchHeader, _ scratch: inout ByteWriter) {
        // A batch whose records cannot be read holds no marker, and its entry will be found to have none.
        do throws(RecordError) {
            var iterator = try RecordIterator(batch, scratch: &scratch)
            guard let record = try iterator.next(), let key = record.key else { return }
            if try ControlRecordType.parse(key: iterator.bytes(key)) == .abort {
                abortMarkers[record.offset] = header.producerID
            }
        } catch {}
    }

    private mutating func inspectTransactions(_ disk: Disk) throws(StorageError) {
        let path = path(LogFileName.transactionIndex)
        var entries = try IndexEntries(path, entrySize: AbortedTransaction.size, disk: disk)
        var previous: Int64 = -1
        do throws(StorageError) {
            while let entry = try entries.nextTransaction() {
                if entry.firstOffset > entry.lastOffset || entry.lastOffset <= previous {
                    add(
                        path, entries.position,
                        .transactionOutOfOrder(firstOffset: entry.firstOffset, lastOffset: entry.lastOffset))
                } else if abortMarkers[entry.lastOffset] != entry.producerID {
                    add(
                        path, entries.position,
                        .noAbortMarker(producerID: entry.producerID, lastOffset: entry.lastOffset))
                }
                previous = max(previous, entry.lastOffset)
            }
            if entries.looseBytes > 0 {
                let end = Int64(entries.slots) * Int64(entries.entrySize)
                add(path, end, .brokenEntry(bytes: entries.looseBytes))
            }
        } catch {
            guard case .corrupt(_, let position, let reason) = error else { throw error }
            add(path, position, .unreadable(reason: reason))
        }
    }
}
