import Bytes
import CommandLine
import Glibc
import KafkaRecords
import Posix
import Storage

/// One run of `dump-log`: it goes through the files, and remembers what was wrong with them.
struct DumpRun: ~Copyable {
    /// So much of a log is read at once: little enough to stay in the cache of the processor until it is checked.
    static let chunkBytes = 256 << 10

    let request: DumpRequest
    let disk: Disk
    var sink: DumpSink
    var findings = DumpFindings()
    private(set) var hasFailed = false

    init(_ request: DumpRequest, disk: Disk, console: Console) {
        self.request = request
        self.disk = disk
        sink = DumpSink(request.format, console)
    }

    mutating func dumpFiles() {
        for file in request.files where sink.isOpen {
            do throws(StorageError) {
                if disk.isDirectory(file), request.takesDirectories {
                    try dump(directory: file)
                } else {
                    try dump(file: file)
                }
            } catch {
                fail(error)
            }
        }
    }

    /// Ends the dump; the findings come last.
    mutating func finish() -> ExitCode {
        sink.finish()
        switch sink.output.outcome {
        case .written: break
        case .closed: return .brokenPipe
        case .failed(let reason):
            sink.output.tell("skafka: cannot write the dump: \(reason)")
            return .failed
        }
        for line in findings.lines { sink.output.tell(line) }
        return hasFailed || findings.hasFailures ? .failed : .done
    }

    mutating func fail(_ error: StorageError) {
        if case .corrupt(let file, let position, let reason) = error {
            damage(file, position, reason)
        } else {
            hasFailed = true
            sink.output.tell("skafka: \(error)")
        }
    }

    /// What was looked for is not there.
    mutating func hasMissed() { hasFailed = true }

    /// Tells what is wrong with a file, and where.
    mutating func damage(_ path: String, _ position: Int64, _ reason: String) {
        hasFailed = true
        if !sink.isText {
            sink.beginRow("damage")
            member("file", path)
            member("position", position)
            member("reason", reason)
            sink.endRow()
        }
        sink.output.tell("skafka: \(path) is damaged at byte \(position): \(reason)")
    }

    mutating func member(_ name: StaticString, _ value: String) {
        sink.json.key(name)
        sink.json.value(value)
    }

    mutating func member(_ name: StaticString, _ value: Int64) {
        sink.json.key(name)
        sink.json.value(value)
    }

    /// The first row of a file, or `Dumping …`.
    mutating func begin(_ path: String) {
        guard !sink.isText else { return sink.output.print("Dumping \(path)") }
        sink.beginRow("file")
        member("file", path)
        sink.endRow()
    }

    private mutating func dump(directory: String) throws(StorageError) {
        if let offset = request.explainedOffset { return try explain(offset, in: directory) }
        let segments = try OffsetSearch.segments(in: directory, disk: disk)
        guard let last = segments.last else {
            throw .offline(path: directory, reason: "it holds no segment")
        }
        if request.summarizes { return try summarize(segments.map { path(directory, $0) }, name: directory) }
        for (index, segment) in segments.enumerated() where sink.isOpen {
            if let from = request.filter.fromOffset, index + 1 < segments.count, segments[index + 1] <= from {
                continue
            }
            if let to = request.filter.toOffset, segment > to { break }
            if segment != last, try isTooOld(path(directory, segment), segment) { continue }
            guard
                !request.follows || segment == last || request.filter.fromOffset != nil
                    || request.filter.fromTime != nil
            else { continue }
            try dumpSegment(path(directory, segment), .log, mayGrow: request.follows && segment == last)
        }
    }

    /// The last entry of the time index of a closed segment is its largest timestamp.
    private func isTooOld(_ path: String, _ base: Int64) throws(StorageError) -> Bool {
        guard let from = request.filter.fromTime, let index = DumpPath(path: path).sibling(LogFileName.timeIndex),
            disk.exists(index)
        else { return false }
        var entries = try IndexEntries(index, entrySize: TimeIndex.entrySize, disk: disk)
        var newest: Int64?
        while let entry = try entries.nextTime(baseOffset: base) { newest = entry.timestamp }
        return newest.map { $0 < from } ?? false
    }

    func path(_ directory: String, _ segment: Int64) -> String {
        directory + "/" + LogFileName.make(segment, LogFileName.log)
    }

    private mutating func dump(file: String) throws(StorageError) {
        let path = DumpPath(path: file)
        guard let kind = DumpFileKind(fileName: path.name) else {
            begin(file)
            guard disk.exists(file) else { throw .io(SystemError("open", file, .noSuchFile)) }
            sink.output.tell("Ignoring unknown file \(file)")
            return
        }
        if let offset = request.explainedOffset { return try explain(offset, in: path.directory) }
        guard !disk.isDirectory(file) else { throw .io(SystemError("dump", file, Errno(EISDIR))) }
        switch kind {
        case .log, .metadataSnapshot:
            if request.summarizes { return try summarize([file], name: file) }
            try dumpSegment(file, kind, mayGrow: request.follows && kind == .log)
        case .offsetIndex: try dumpOffsetIndex(path)
        case .timeIndex: try dumpTimeIndex(path)
        case .transactionIndex: try dumpTransactionIndex(path)
        case .producerSnapshot: try dumpProducerSnapshot(path)
        case .leaderEpochs, .offsetCheckpoint, .partitionMetadata, .metaProperties, .quorumState:
            try dumpText(path, kind)
        }
    }

    /// As Java prints an absolute path: not resolved, only complete.
    func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard getcwd(&buffer, buffer.count) != nil else { return path }
        let here = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return here == "/" ? here + path : here + "/" + path
    }
}
