import Bytes
import CommandLine
import KafkaModel
import KafkaRecords
import Posix
import Storage

/// Walks partitions and prints the records that were selected.
struct RecordPrinter: ~Copyable {
    private let selection: LogCat.Selection
    private let form: LogTool.Output
    private let format: RecordFormat
    private let environment: Environment
    private var output: Output
    private var json = JSONText()
    private var left: Int64
    private var printed: Int64 = 0

    init(
        _ selection: LogCat.Selection, _ form: LogTool.Output, _ format: RecordFormat, _ environment: Environment
    ) {
        self.selection = selection
        self.form = form
        self.format = format
        self.environment = environment
        output = Output(environment.console)
        left = selection.recordsMax
    }

    /// Whether more records are wanted.
    var isOpen: Bool { left > 0 && output.isOpen }

    mutating func begin() { if form == .json { output.text.append(literal: "[") } }

    mutating func end() {
        if form == .json { output.print("]") }
        output.flush()
    }

    mutating func flush() { output.flush() }

    /// - Parameter isWritten: the last bytes may be a batch that is not finished.
    /// - Returns: whether everything could be read.
    mutating func print(_ place: DirectorySurvey.Place, isWritten: Bool) throws(StorageError) -> Bool {
        let files = try PartitionFiles(place.path, disk: .real)
        guard !files.segments.isEmpty else { return true }
        var walk = Walk(place.partition, files, selection)
        if selection.isCommitted { try walk.readTransactions() }
        let first = files.segmentIndex(for: selection.fromOffset) ?? 0
        var isWhole = true
        var scratch = ByteWriter(capacity: 16)
        for (index, segment) in files.segments.enumerated().dropFirst(first) {
            let ends = try print(
                segment, &walk, isLast: index == files.segments.count - 1 && isWritten, &isWhole, &scratch)
            if ends || !isOpen { break }
        }
        if walk.undecided > 0 {
            output.flush()
            environment.complain(
                "\(place.partition): what lies from offset \(walk.end) on is undecided: a transaction is open there",
                hint: "--isolation read_uncommitted prints it too.")
        }
        return isWhole
    }

    /// What is known on the way through one partition.
    private struct Walk {
        let partition: TopicPartition
        let files: PartitionFiles
        let selection: LogCat.Selection
        var aborted: ArraySlice<AbortedTransaction> = []
        /// Producers whose records are of a transaction that was aborted.
        var abortedProducers: Set<Int64> = []
        /// Where to stop.
        var end: Int64
        var undecided: Int64 = 0
        var stable: Int64 = .max

        init(_ partition: TopicPartition, _ files: PartitionFiles, _ selection: LogCat.Selection) {
            self.partition = partition
            self.files = files
            self.selection = selection
            end = selection.toOffset
        }

        mutating func readTransactions() throws(StorageError) {
            let view = try CommittedView(files, from: selection.fromOffset)
            aborted = view.aborted[...]
            stable = view.lastStableOffset
            end = min(selection.toOffset, stable)
        }

        /// Whether the records of a batch are to be shown, as far as transactions have a say.
        mutating func shows(_ header: BatchHeader) -> Bool {
            guard selection.isCommitted else { return !header.isControl }
            while let next = aborted.first, next.firstOffset <= header.lastOffset {
                abortedProducers.insert(next.producerID)
                aborted.removeFirst()
            }
            if header.isControl {
                // Either marker ends the transaction.
                abortedProducers.remove(header.producerID)
                return false
            }
            return !(header.isTransactional && abortedProducers.contains(header.producerID))
        }
    }

    /// Returns whether the end that was asked for is reached.
    private mutating func print(
        _ segment: PartitionFiles.SegmentFiles, _ walk: inout Walk, isLast: Bool, _ isWhole: inout Bool,
        _ scratch: inout ByteWriter
    ) throws(StorageError) -> Bool {
        let file = try walk.files.openLog(segment)
        var scanner = BatchScanner(
            file, from: try walk.files.scanStart(for: selection.fromOffset, in: segment), to: segment.size,
            chunkBytes: BatchScanner.recoveryBytes)
        while let header = try scanner.next() {
            guard header.lastOffset >= selection.fromOffset else { continue }
            if header.baseOffset >= walk.end && header.magic >= 2 {
                walk.undecided = walk.end == walk.stable && walk.stable < selection.toOffset ? 1 : 0
                return true
            }
            guard walk.shows(header) else { continue }
            // Messages of magic 0 have no timestamps.
            guard header.maxTimestamp >= selection.fromTime || header.maxTimestamp < 0 else { continue }
            try scanner.loadBatch()
            guard BatchChecksum.isValid(scanner.batch) else {
                let error = StorageError.corrupt(
                    file: file.path, position: Int64(scanner.position),
                    reason: "the batch of offset \(header.baseOffset) has a wrong checksum")
                try damaged(error, &isWhole)
                continue
            }
            do throws(RecordError) {
                if try !print(scanner.batch, walk, &scratch) { return true }
            } catch {
                try damaged(
                    .corrupt(file: file.path, position: Int64(scanner.position), reason: "\(error)"), &isWhole)
            }
        }
        guard let damage = scanner.damage else { return false }
        // A batch that somebody is just writing, or was when the power went, is no reason for talk.
        if isLast { return false }
        try damaged(.corrupt(file: file.path, position: Int64(scanner.nextPosition), reason: damage), &isWhole)
        return false
    }

    private mutating func damaged(_ error: StorageError, _ isWhole: inout Bool) throws(StorageError) {
        guard selection.skipsDamaged else { throw error }
        output.flush()
        environment.complain("passing over damage: \(error)")
        isWhole = false
    }

    private static func append(_ json: borrowing JSONText, to text: inout ByteWriter) { text.append(json.bytes.bytes) }

    /// Returns whether more records are wanted.
    private mutating func print(
        _ batch: RawSpan, _ walk: borrowing Walk, _ scratch: inout ByteWriter
    ) throws(RecordError) -> Bool {
        let partition = walk.partition
        let end = walk.end
        var records = try RecordIterator(batch, scratch: &scratch)
        while let record = try records.next() {
            guard record.offset >= selection.fromOffset, record.offset < end else { continue }
            guard record.timestamp >= selection.fromTime || record.timestamp < 0, record.timestamp < selection.toTime
            else { continue }
            switch form {
            case .text: try format.write(record, records, partition, into: &output.text)
            case .json, .jsonl:
                if form == .json, printed > 0 { output.text.append(literal: ",\n") }
                json.clear()
                try RecordFormat.write(record, records, partition, into: &json)
                Self.append(json, to: &output.text)
                if form == .jsonl { output.text.append(literal: "\n") }
            }
            if environment.console.isInteractive { output.flush() } else { output.sendIfLarge() }
            printed += 1
            left -= 1
            guard isOpen else { return false }
        }
        return true
    }
}
