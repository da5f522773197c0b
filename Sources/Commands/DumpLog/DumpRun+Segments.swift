import Bytes
import KafkaRecords
import Posix
import Storage

/// Segments and snapshots of the metadata log: batches, and records where they are wanted.
extension DumpRun {
    /// The state of a walk over one file.
    struct SegmentWalk {
        let path: String
        /// Not asked anew for every finding.
        let absolutePath: String
        var previousOffset: Int64?
        /// The filter wants nothing that is still to come.
        var isDone = false
    }

    mutating func dumpSegment(_ path: String, _ kind: DumpFileKind, mayGrow: Bool) throws(StorageError) {
        begin(path)
        let file = try open(path)
        try beginSegment(DumpPath(path: path), kind)
        var walk = SegmentWalk(path: path, absolutePath: absolute(path))
        let size = try size(of: file)
        let start = kind == .log ? try startPosition(DumpPath(path: path), size) : 0
        let end = request.maxBytes < Int(Int32.max) ? min(size, start + request.maxBytes) : size
        var scanner = BatchScanner(file, from: start, to: end, chunkBytes: Self.chunkBytes)
        var scratch = ByteWriter()
        try dumpBatches(&scanner, &walk, &scratch)
        if mayGrow, sink.isOpen {
            try follow(file, from: scanner.nextPosition, walk, &scratch)
        } else if scanner.damage != nil, end == size {
            endWithGarbage(path, position: scanner.nextPosition, size: size, scanner.damage ?? "")
        }
    }

    func open(_ path: String) throws(StorageError) -> OpenFile {
        do throws(SystemError) { return try disk.open(path, .read) } catch { throw .io(error) }
    }

    func size(of file: OpenFile) throws(StorageError) -> Int {
        do throws(SystemError) { return Int(try file.size) } catch { throw .io(error) }
    }

    private mutating func beginSegment(_ path: DumpPath, _ kind: DumpFileKind) throws(StorageError) {
        if kind == .log {
            guard let base = path.baseOffset else {
                throw .corrupt(file: path.path, position: 0, reason: "its name does not begin with an offset")
            }
            return sink.line("Log starting offset: \(base)")
        }
        guard path.name != "bootstrap.checkpoint" else { return sink.line("KRaft bootstrap snapshot") }
        let parts = path.name.prefix { $0 != "." }.split(separator: "-")
        guard parts.count == 2, let offset = Int64(parts[0]), let epoch = Int32(parts[1]) else {
            throw .corrupt(file: path.path, position: 0, reason: "its name is not that of a snapshot")
        }
        sink.line("Snapshot end offset: \(offset), epoch: \(epoch)")
    }

    /// Dumps batches up to the end of the scanner. Returns early when nobody reads or the filter wants no more.
    mutating func dumpBatches(
        _ scanner: inout BatchScanner, _ walk: inout SegmentWalk, _ scratch: inout ByteWriter
    ) throws(StorageError) {
        while sink.isOpen, let header = try scanner.next() {
            switch request.filter.judge(header, previousOffset: walk.previousOffset) {
            case .end:
                walk.isDone = true
                return
            case .skip:
                walk.previousOffset = header.lastOffset
                continue
            case .take: break
            }
            try scanner.loadBatch()
            let position = scanner.position
            let computed = BatchChecksum.compute(scanner.batch)
            if request.isDeep {
                dumpRecords(scanner.batch, header, position, isValid: computed == header.crc, &walk, &scratch)
            } else {
                walk.previousOffset = header.lastOffset
                guard request.filter.takesTimes(of: header) else { continue }
                writeBatch(header, position, isValid: computed == header.crc)
            }
            if computed != header.crc {
                damage(
                    walk.path, Int64(position),
                    "the batch at offset \(header.baseOffset) is corrupt "
                        + "(stored crc = \(header.crc), computed crc = \(computed))")
            }
        }
    }

    func damageReason(_ reason: String, _ offset: Int64) -> String { "the batch at offset \(offset): \(reason)" }

    private mutating func endWithGarbage(_ path: String, position: Int, size: Int, _ reason: String) {
        sink.line("Found \(size - position) invalid bytes at the end of \(DumpPath(path: path).name)")
        damage(path, Int64(position), reason)
    }

    /// Where the filter allows to begin: at the batch of the last index entry before everything that is wanted.
    private mutating func startPosition(_ path: DumpPath, _ size: Int) throws(StorageError) -> Int {
        guard let base = path.baseOffset else { return 0 }
        var wanted = request.filter.fromOffset ?? .min
        if let time = request.filter.fromTime, let offset = try offsetBefore(time, path, base) {
            wanted = max(wanted, offset)
        }
        guard wanted > base, let indexPath = path.sibling(LogFileName.offsetIndex), disk.exists(indexPath) else {
            return 0
        }
        let index = try OffsetIndexSearch(indexPath, baseOffset: base, disk: disk)
        guard let found = try index.lookup(wanted), found.entry.position > 0, found.entry.position < size else {
            return 0
        }
        // An index that lies would hide records.
        var scanner = BatchScanner(
            try open(path.path), from: found.entry.position, to: size, chunkBytes: RecordBatchLayout.headerSize)
        return try scanner.next()?.lastOffset == found.entry.offset ? found.entry.position : 0
    }

    /// The offset of the last entry of the time index before which everything is older.
    private func offsetBefore(_ time: Int64, _ path: DumpPath, _ base: Int64) throws(StorageError) -> Int64? {
        guard let timePath = path.sibling(LogFileName.timeIndex), disk.exists(timePath) else { return nil }
        var entries = try IndexEntries(timePath, entrySize: TimeIndex.entrySize, disk: disk)
        var found: Int64?
        while let entry = try entries.nextTime(baseOffset: base), entry.timestamp < time { found = entry.offset }
        return found
    }
}
