import Bytes
import KafkaRecords
import Posix
public import Timing

/// One cleaning of one log. It is made under the lock of the log's owner and run without it: it reads segments that are
/// no longer written through descriptors of its own, writes beside them, and takes the lock again only to open, to make
/// names and to put the copy in the place of the original.
///
/// First the dirty part is read and the last offset of each of its keys noted; then all segments up to where the map
/// reached are copied without what those keys have replaced, in groups that become one segment.
public final class Compaction {
    /// Runs something under the lock of the log's owner.
    public typealias Owner = (_ body: (PartitionLog) throws(CleaningEnd) -> Void) throws(CleaningEnd) -> Void
    /// Is told how many bytes were read or written; holds the cleaning back if it is too fast, and ends it by throwing
    /// when the log is wanted for something else.
    public typealias Pace = (_ bytes: Int) throws(CleaningEnd) -> Void

    struct Source {
        let segment: Segment
        let baseOffset: Int64
        let endOffset: Int64
        let size: Int
        let path: String
    }

    public let range: CleanableRange
    private let sources: [Source]
    private let aborted: [AbortedTransaction]
    private let settings: LogConfiguration
    private var rules: BatchFilter.Rules
    private let limits: CompactionLimits
    private let disk: Disk
    private let directory: String
    private let now: Timestamp
    private let owner: Owner
    private let pace: Pace
    private var result: CompactionResult
    /// Bytes that `pace` has not been told of.
    private var unpaced = 0

    /// - Parameter range: what `PartitionLog.cleanableRange` said just now, under the same lock.
    public init(
        _ log: PartitionLog, _ range: CleanableRange, highWatermark: Int64, now: Timestamp, limits: CompactionLimits,
        owner: @escaping Owner, pace: @escaping Pace = { (_) throws(CleaningEnd) in }
    ) throws(StorageError) {
        self.range = range
        self.limits = limits
        self.now = now
        self.owner = owner
        self.pace = pace
        settings = log.configuration
        disk = log.disk
        directory = log.directory
        sources = try log.cleaningSources(upTo: range.firstUncleanableOffset)
        aborted = try log.abortedTransactions(
            from: sources.first?.baseOffset ?? 0, upTo: range.firstUncleanableOffset)
        rules = BatchFilter.Rules(
            logStartOffset: log.logStartOffset, highWatermark: highWatermark, mapEndOffset: range.firstDirtyOffset,
            now: now.milliseconds, deleteRetentionMs: log.configuration.deleteRetentionMs,
            producers: log.table.lastWritten, levels: log.configuration.compressionLevels)
        result = CompactionResult(firstDirtyOffset: range.firstDirtyOffset, endOffset: range.firstDirtyOffset)
    }

    public func run() throws(CleaningEnd) -> CompactionResult {
        var map = try makeMap()
        rules.mapEndOffset = try fill(&map)
        result.endOffset = rules.mapEndOffset
        result.keys = map.count
        result.mapUtilization = map.utilization
        let (outlines, modified) = try examine()
        let plan = CleanPlan(outlines, endOffset: result.endOffset, settings: settings)
        let legacyHorizon = self.legacyHorizon(modified)
        var filter = BatchFilter(map: map, rules: rules, transactions: CleanedTransactions(aborted))
        for group in plan.groups {
            try clean(group, &filter, modified, legacyHorizon)
        }
        result.recordsRead = filter.counts.recordsRead
        result.recordsKept = filter.counts.recordsKept
        result.keylessRecords = filter.counts.keyless
        return result
    }

    private func makeMap() throws(CleaningEnd) -> KeyMap {
        do throws(SystemError) {
            // No more records than offsets.
            let offsets = range.firstUncleanableOffset.addingClamped(-range.firstDirtyOffset)
            return try KeyMap(
                bytes: limits.mapBytes, loadFactor: limits.mapLoadFactor, entriesMax: max(1, offsets))
        } catch {
            throw .failed(.io(error))
        }
    }

    /// Returns the offset up to which all keys are in the map.
    private func fill(_ map: inout KeyMap) throws(CleaningEnd) -> Int64 {
        var transactions = CleanedTransactions(aborted.filter { $0.lastOffset >= range.firstDirtyOffset })
        var scratch = ByteWriter(capacity: 1 << 16)
        for source in sources where source.endOffset > range.firstDirtyOffset {
            let (file, start) = try open(source, at: range.firstDirtyOffset)
            var scanner = BatchScanner(file, from: start, to: source.size, chunkBytes: limits.bufferBytes)
            while let header = try next(&scanner, source) {
                result.bytesMapped += Int64(header.sizeInBytes)
                guard header.lastOffset >= range.firstDirtyOffset else { continue }
                do throws(RecordError) {
                    let end = try learn(scanner.batch, header, &map, &transactions, &scratch)
                    if let end { return end }
                } catch {
                    throw corrupt(source, scanner.position, error)
                }
            }
        }
        return range.firstUncleanableOffset
    }

    /// Notes the keys of a batch. When the map is full, the offset of the first record that is not in it.
    private func learn(
        _ batch: RawSpan, _ header: BatchHeader, _ map: inout KeyMap, _ transactions: inout CleanedTransactions,
        _ scratch: inout ByteWriter
    ) throws(RecordError) -> Int64? {
        var records = try RecordIterator(batch, scratch: &scratch)
        if header.isControl {
            var type: ControlRecordType?
            if let key = try records.next()?.key { type = try ControlRecordType.parse(key: records.bytes(key)) }
            _ = transactions.controlBatch(header, type: type)
            return nil
        }
        guard transactions.batch(header) == .stays else { return nil }
        let first = range.firstDirtyOffset
        while let record = try records.next() {
            guard let key = record.key, record.offset >= first else { continue }
            guard map.put(records.bytes(key), record.offset) else { return record.offset }
        }
        return nil
    }

    /// What the files are like: sizes of the indexes for the plan, and when each log was last written.
    private func examine() throws(CleaningEnd) -> ([LogOutline.ClosedSegment], [Int64]) {
        var outlines: [LogOutline.ClosedSegment] = []
        var modified: [Int64] = []
        for source in sources {
            do throws(SystemError) {
                let stem = String(source.path.dropLast(LogFileName.log.utf8.count))
                func size(_ kind: String) throws(SystemError) -> Int64 {
                    let path = stem + kind
                    return disk.exists(path) ? try disk.information(path).size : 0
                }
                outlines.append(
                    LogOutline.ClosedSegment(
                        baseOffset: source.baseOffset, endOffset: source.endOffset, bytes: Int64(source.size),
                        offsetIndexBytes: try size(LogFileName.offsetIndex),
                        timeIndexBytes: try size(LogFileName.timeIndex)))
                modified.append(try disk.information(source.path).modifiedMs)
            } catch {
                // Gone: the partition was deleted or cut.
                throw error.errno == .noSuchFile ? .aborted : .failed(.io(error))
            }
        }
        return (outlines, modified)
    }

    /// Old tombstones go when their segment was last written before this time.
    private func legacyHorizon(_ modified: [Int64]) -> Int64 {
        guard let last = sources.lastIndex(where: { $0.baseOffset < range.firstDirtyOffset }) else { return 0 }
        return modified[last].addingClamped(-settings.deleteRetentionMs)
    }

    private func clean(
        _ group: Range<Int>, _ filter: inout BatchFilter, _ modified: [Int64], _ legacyHorizon: Int64
    ) throws(CleaningEnd) {
        let bytes = group.reduce(0) { $0 + Int64(sources[$1].size) }
        result.bytesBefore += bytes
        result.segmentsBefore += group.count
        if group.count == 1, try staysAsItIs(sources[group.lowerBound], &filter) {
            result.bytesAfter += bytes
            result.segmentsAfter += 1
            return
        }
        var written: [CleanedSegment] = []
        do throws(CleaningEnd) {
            try copy(group, &filter, modified, legacyHorizon, &written)
            try replace(group, with: written, modifiedMs: modified[group.upperBound - 1])
        } catch {
            try discard(written, error)
        }
        for segment in written { result.bytesAfter += Int64(segment.size) }
        result.segmentsAfter += written.count
    }

    /// Looks for the first batch of a lone segment that would change. If there is none the segment is left alone,
    /// which spares the device a copy of what the keys of today do not touch.
    private func staysAsItIs(_ source: Source, _ filter: inout BatchFilter) throws(CleaningEnd) -> Bool {
        let before = filter.progress
        var scratch = ByteWriter(capacity: 1 << 16)
        var unused = ByteWriter(capacity: 16)
        var scanner = BatchScanner(
            try open(source).file, from: 0, to: source.size, chunkBytes: limits.bufferBytes)
        while let header = try next(&scanner, source) {
            result.bytesRead += Int64(header.sizeInBytes)
            let outcome: BatchFilter.Outcome
            do throws(RecordError) {
                outcome = try filter.filter(
                    scanner.batch, header, keepsOldTombstones: true, scratch: &scratch, into: &unused)
            } catch {
                throw corrupt(source, scanner.position, error)
            }
            guard outcome == .unchanged else {
                filter.progress = before
                return false
            }
        }
        return true
    }

    private func copy(
        _ group: Range<Int>, _ filter: inout BatchFilter, _ modified: [Int64], _ legacyHorizon: Int64,
        _ written: inout [CleanedSegment]
    ) throws(CleaningEnd) {
        var target = try make(sources[group.lowerBound].baseOffset, &written)
        var scratch = ByteWriter(capacity: 1 << 16)
        var output = ByteWriter(capacity: limits.bufferBytes * 2)
        for index in group {
            let source = sources[index]
            let keepsOldTombstones = modified[index] > legacyHorizon
            var scanner = BatchScanner(
                try open(source).file, from: 0, to: source.size, chunkBytes: limits.bufferBytes)
            while var header = try next(&scanner, source) {
                result.bytesRead += Int64(header.sizeInBytes)
                let start = output.count
                do throws(RecordError) {
                    switch try filter.filter(
                        scanner.batch, header, keepsOldTombstones: keepsOldTombstones, scratch: &scratch,
                        into: &output)
                    {
                    case .dropped: continue
                    case .unchanged: output.append(scanner.batch)
                    case .rewritten(let new): header = new
                    }
                } catch {
                    throw corrupt(source, scanner.position, error)
                }
                if !target.hasRoom(for: header.sizeInBytes, lastOffset: header.lastOffset) {
                    try write(output.bytes.extracting(first: start), to: target)
                    var rest = ByteWriter(capacity: limits.bufferBytes * 2)
                    rest.append(output.bytes.extracting(droppingFirst: start))
                    output = rest
                    target = try make(header.baseOffset, &written)
                }
                target.note(header)
                if let transaction = filter.abortedAtMarker { target.note(transaction) }
                if output.count >= limits.bufferBytes {
                    try write(output.bytes, to: target)
                    output.clear()
                }
            }
        }
        try write(output.bytes, to: target)
    }

    private func make(_ baseOffset: Int64, _ written: inout [CleanedSegment]) throws(CleaningEnd) -> CleanedSegment {
        var made: CleanedSegment?
        try owner { (log) throws(CleaningEnd) in
            guard log.isReady else { throw .aborted }
            try self.writing { () throws(StorageError) in
                made = try CleanedSegment(
                    baseOffset: baseOffset, directory: self.directory, disk: self.disk,
                    intervalBytes: self.settings.indexIntervalBytes)
            }
        }
        guard let made else { throw .aborted }
        written.append(made)
        return made
    }

    /// Writes what was noted last: it ends where the segment ends.
    private func write(_ bytes: RawSpan, to segment: CleanedSegment) throws(CleaningEnd) {
        guard bytes.byteCount > 0 else { return }
        try writing { () throws(StorageError) in
            try segment.write(bytes, at: segment.size - bytes.byteCount)
        }
        result.bytesWritten += Int64(bytes.byteCount)
        try advance(bytes.byteCount)
    }

    private func replace(
        _ group: Range<Int>, with written: [CleanedSegment], modifiedMs: Int64
    ) throws(CleaningEnd) {
        try owner { (log) throws(CleaningEnd) in
            guard log.isReady else { throw .aborted }
            try self.writing { () throws(StorageError) in
                for segment in written { try segment.seal() }
            }
        }
        try writing { () throws(StorageError) in
            for segment in written { try segment.finish(modifiedMs: modifiedMs) }
            // The names must be there before others are moved out of their way.
            try io(try disk.synchronizeDirectory(directory))
        }
        try pace(0)
        try owner { (log) throws(CleaningEnd) in
            let wasReplaced: Bool
            do throws(StorageError) {
                wasReplaced = try log.replace(
                    self.sources[group].map(\.segment), with: written, now: self.now)
            } catch {
                throw .failed(error)
            }
            if !wasReplaced { throw .aborted }
        }
        do throws(SystemError) {
            try disk.synchronizeDirectory(directory)
        } catch {
            throw error.errno == .noSuchFile ? .aborted : .failed(.io(error))
        }
    }

    /// Takes away what a group that failed has left, and gives the failure on.
    private func discard(_ written: [CleanedSegment], _ end: CleaningEnd) throws(CleaningEnd) {
        if case .failed = end { throw end }
        try owner { (log) throws(CleaningEnd) in
            guard log.isReady else { return }
            do throws(StorageError) {
                for segment in written { try segment.discard() }
            } catch {
                throw .failed(error)
            }
        }
        throw end
    }

    private func open(_ source: Source, at offset: Int64 = 0) throws(CleaningEnd) -> (file: OpenFile, start: Int) {
        var opened: (OpenFile, Int)?
        try owner { (log) throws(CleaningEnd) in
            do throws(StorageError) {
                opened = try log.openForCleaning(source.segment, at: offset)
            } catch {
                throw .failed(error)
            }
        }
        guard let opened else { throw .aborted }
        opened.0.adviseSequentialAccess()
        return opened
    }

    /// The next batch, whole and with its checksum right.
    private func next(_ scanner: inout BatchScanner, _ source: Source) throws(CleaningEnd) -> BatchHeader? {
        let found: BatchHeader?
        do throws(StorageError) {
            found = try scanner.next()
            if let damage = scanner.damage {
                throw .corrupt(file: source.path, position: Int64(scanner.nextPosition), reason: damage)
            }
            if found != nil { try scanner.loadBatch() }
        } catch {
            throw .failed(error)
        }
        guard let header = found else { return nil }
        guard BatchChecksum.compute(scanner.batch) == header.crc else {
            throw .failed(
                .corrupt(
                    file: source.path, position: Int64(scanner.position), reason: "the checksum of a batch is wrong"))
        }
        try advance(header.sizeInBytes)
        return header
    }

    private func advance(_ bytes: Int) throws(CleaningEnd) {
        unpaced += bytes
        guard unpaced >= limits.bufferBytes else { return }
        let told = unpaced
        unpaced = 0
        try pace(told)
    }

    /// Writing can be undone here, so a full disk is no disaster. A directory that is gone was deleted meanwhile.
    private func writing(_ body: () throws(StorageError) -> Void) throws(CleaningEnd) {
        do throws(StorageError) {
            try body()
        } catch {
            if case .noRoom = error.undone { throw .noRoom(error.undone) }
            if case .io(let cause) = error, cause.errno == .noSuchFile { throw .aborted }
            throw .failed(error)
        }
    }

    private func corrupt(_ source: Source, _ position: Int, _ error: RecordError) -> CleaningEnd {
        .failed(.corrupt(file: source.path, position: Int64(position), reason: "\(error)"))
    }
}
