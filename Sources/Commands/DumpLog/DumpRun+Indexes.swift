import Bytes
import CommandLine
import KafkaRecords
import Posix
import Storage

/// Offset, time and transaction indexes. Every entry is compared with the log beside it.
extension DumpRun {
    mutating func dumpOffsetIndex(_ path: DumpPath) throws(StorageError) {
        begin(path.path)
        let base = try baseOffset(of: path)
        var entries = try IndexEntries(path.path, entrySize: OffsetIndex.entrySize, disk: disk)
        guard entries.slots > 0 else {
            sink.line("\(path.path) is empty.")
            return tellLooseBytes(entries)
        }
        if request.checksSanityOnly { return try checkSanity(ofOffsetIndex: path, &entries, base) }
        let log = openLog(beside: path)
        let logSize = try log.map { log throws(StorageError) in try size(of: log) } ?? 0
        let absolutePath = absolute(path.path)
        while sink.isOpen, let entry = try entries.nextOffset(baseOffset: base) {
            if let log {
                let found = try lastOffset(at: entry.position, log, logSize)
                if found != entry.offset { findings.add(.offsetMismatch, absolutePath, entry.offset, found) }
            }
            guard !request.verifiesOnly else { continue }
            if sink.isText {
                sink.output.text.append(literal: "offset: ")
                sink.output.text.append(decimal: entry.offset)
                sink.output.text.append(literal: " position: ")
                sink.output.text.append(decimal: entry.position)
                sink.output.endLine()
            } else {
                sink.beginRow("index")
                member("offset", entry.offset)
                member("position", Int64(entry.position))
                sink.endRow()
            }
        }
        tellLooseBytes(entries)
    }

    /// The last offset of the batch that begins at a position, or -1 where none of an allowed size does.
    private func lastOffset(at position: Int, _ log: OpenFile, _ size: Int) throws(StorageError) -> Int64 {
        guard position >= 0, position < size else { return -1 }
        var scanner = BatchScanner(log, from: position, to: size, chunkBytes: RecordBatchLayout.headerSize)
        guard let header = try scanner.next(), header.sizeInBytes <= request.maxMessageBytes else { return -1 }
        return header.lastOffset
    }

    mutating func dumpTimeIndex(_ path: DumpPath) throws(StorageError) {
        begin(path.path)
        let base = try baseOffset(of: path)
        var entries = try IndexEntries(path.path, entrySize: TimeIndex.entrySize, disk: disk)
        if request.checksSanityOnly { return try checkSanity(ofTimeIndex: path, &entries, base) }
        var batches = try openLog(beside: path).map { log throws(StorageError) in
            try TimedBatches(log, size: try size(of: log))
        }
        let absolutePath = absolute(path.path)
        var previous: Int64 = -1
        while sink.isOpen, let entry = try entries.nextTime(baseOffset: base) {
            if let found = try batches?.find(entry.offset) {
                if found.lastOffset != entry.offset {
                    findings.add(.offsetNotFound, absolutePath, entry.offset, found.lastOffset)
                } else {
                    if found.maxTimestamp != entry.timestamp {
                        findings.add(.timestampMismatch, absolutePath, entry.timestamp, found.maxTimestamp)
                    }
                    if previous >= entry.timestamp {
                        findings.add(.timestampOutOfOrder, absolutePath, entry.timestamp, previous)
                    }
                }
            }
            previous = entry.timestamp
            guard !request.verifiesOnly else { continue }
            if sink.isText {
                sink.output.text.append(literal: "timestamp: ")
                sink.output.text.append(decimal: entry.timestamp)
                sink.output.text.append(literal: " offset: ")
                sink.output.text.append(decimal: entry.offset)
                sink.output.endLine()
            } else {
                sink.beginRow("timeIndex")
                member("timestamp", entry.timestamp)
                member("offset", entry.offset)
                sink.endRow()
            }
        }
        tellLooseBytes(entries)
    }

    mutating func dumpTransactionIndex(_ path: DumpPath) throws(StorageError) {
        begin(path.path)
        _ = try baseOffset(of: path)
        var entries = try IndexEntries(path.path, entrySize: AbortedTransaction.size, disk: disk)
        while sink.isOpen, let entry = try entries.nextTransaction() {
            if sink.isText {
                sink.output.print(
                    "version: 0 producerId: \(entry.producerID) firstOffset: \(entry.firstOffset) "
                        + "lastOffset: \(entry.lastOffset) lastStableOffset: \(entry.lastStableOffset)")
            } else {
                sink.beginRow("transaction")
                member("version", 0)
                member("producerId", entry.producerID)
                member("firstOffset", entry.firstOffset)
                member("lastOffset", entry.lastOffset)
                member("lastStableOffset", entry.lastStableOffset)
                sink.endRow()
            }
        }
        tellLooseBytes(entries)
    }

    private func baseOffset(of path: DumpPath) throws(StorageError) -> Int64 {
        guard let base = path.baseOffset else {
            throw .corrupt(file: path.path, position: 0, reason: "its name does not begin with an offset")
        }
        return base
    }

    /// Without it the entries can be printed, but not compared.
    private mutating func openLog(beside path: DumpPath) -> OpenFile? {
        guard let log = path.sibling(LogFileName.log) else { return nil }
        do throws(StorageError) {
            return try open(log)
        } catch {
            fail(error)
            return nil
        }
    }

    private mutating func tellLooseBytes(_ entries: borrowing IndexEntries) {
        guard entries.looseBytes > 0 else { return }
        damage(
            entries.path, Int64(entries.slots) * Int64(entries.entrySize),
            "\(entries.looseBytes) bytes at the end are no whole entry")
    }

    private mutating func checkSanity(
        ofOffsetIndex path: DumpPath, _ entries: inout IndexEntries, _ base: Int64
    ) throws(StorageError) {
        var last = base
        while let entry = try entries.nextOffset(baseOffset: base) { last = entry.offset }
        guard last >= base else {
            return damage(path.path, entries.position, "its last offset \(last) is smaller than its base offset")
        }
        endSanity(path, entries)
    }

    private mutating func checkSanity(
        ofTimeIndex path: DumpPath, _ entries: inout IndexEntries, _ base: Int64
    ) throws(StorageError) {
        var first: TimeIndex.Entry?
        var last: TimeIndex.Entry?
        while let entry = try entries.nextTime(baseOffset: base) {
            if first == nil { first = entry }
            last = entry
        }
        if let first, let last {
            guard last.timestamp >= first.timestamp else {
                return damage(path.path, entries.position, "its last timestamp is smaller than its first")
            }
            guard last.offset >= base else {
                return damage(path.path, entries.position, "its last offset is smaller than its base offset")
            }
        }
        endSanity(path, entries)
    }

    private mutating func endSanity(_ path: DumpPath, _ entries: borrowing IndexEntries) {
        if entries.looseBytes > 0 { return tellLooseBytes(entries) }
        sink.line("\(path.path) passed sanity check.")
    }
}

/// The batches of a log with their largest timestamps, found by offsets that ascend as in a time index.
private struct TimedBatches: ~Copyable {
    struct Found {
        var lastOffset: Int64
        var maxTimestamp: Int64
    }

    private let log: OpenFile
    private let size: Int
    private var scanner: BatchScanner
    private var current: Found?

    init(_ log: OpenFile, size: Int) throws(StorageError) {
        self.log = log
        self.size = size
        scanner = BatchScanner(log, from: 0, to: size)
    }

    /// The first batch that ends at or behind an offset; -1 in it when there is none.
    mutating func find(_ offset: Int64) throws(StorageError) -> Found {
        if let current, current.lastOffset >= offset {
            // Only an index out of order asks for an earlier batch, and it cannot be had by going on.
            if current.lastOffset == offset { return current }
            scanner = BatchScanner(log, from: 0, to: size)
        }
        while let header = try scanner.next() {
            guard header.lastOffset >= offset else { continue }
            let found = Found(lastOffset: header.lastOffset, maxTimestamp: try maxTimestamp(header))
            current = found
            return found
        }
        return Found(lastOffset: -1, maxTimestamp: -1)
    }

    /// Of the records, as Kafka's tool compares it; of the header where they cannot be read.
    private mutating func maxTimestamp(_ header: BatchHeader) throws(StorageError) -> Int64 {
        try scanner.loadBatch()
        var scratch = ByteWriter()
        do throws(RecordError) {
            var largest: Int64 = -1
            var records = try RecordIterator(scanner.batch, scratch: &scratch)
            while let record = try records.next() { largest = max(largest, record.timestamp) }
            return largest
        } catch {
            return header.maxTimestamp
        }
    }
}
