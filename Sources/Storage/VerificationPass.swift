import Bytes
import KafkaModel
import KafkaRecords
import Posix

/// The one reading of all batches of a partition, with everything that is held against them on the way.
struct VerificationPass: ~Copyable {
    let depth: PartitionVerification.Depth
    /// Compaction may take any offset but the last ones away.
    var isCompacted: Bool
    /// The metadata log is read from end to end; nobody misses its indexes.
    let needsIndexes: Bool

    private var table = ProducerStateTable()
    /// Whether the table saw every batch since it was right.
    private var tableIsExact = true
    private var epochs = LeaderEpochCache()
    private var known: [LeaderEpochCache.Entry] = []
    private var epochsAreKnown = false
    private var epochSlot = 0
    private var epochMismatchIsTold = false
    private var snapshotSlot = 0
    private var scratch = ByteWriter(capacity: 16)
    private var endOffset: Int64 = 0
    /// The end of the segment before the one that is read.
    private var borderOffset: Int64?
    private var tally = Tally()

    /// In one segment only so many findings are told one by one.
    private static let findingsMax = 20

    /// What was found in the segment that is being read.
    private struct Tally {
        var findings = 0
        var suppressed = 0
        var markers: [(producerID: Int64, offset: Int64, isAbort: Bool)] = []
        var aborted: [AbortedTransaction] = []
        var unreportedBytes: Int64 = 0
    }

    init(depth: PartitionVerification.Depth, isCompacted: Bool, needsIndexes: Bool) {
        self.depth = depth
        self.needsIndexes = needsIndexes
        self.isCompacted = isCompacted
    }

    mutating func run(
        _ result: inout PartitionVerification, _ progress: (Int64) -> Void
    ) throws(StorageError) {
        let files = result.files
        try readEpochs(&result)
        endOffset = files.segments.first?.baseOffset ?? result.logStartOffset
        try startTable(files)
        for (index, segment) in files.segments.enumerated() {
            if index > 0 { checkBorder(index, &result) }
            try read(segment, index, &result, progress)
        }
        try compareSnapshots(before: .max, &result)
        result.logEndOffset = max(endOffset, result.logStartOffset)
        finishEpochs(&result)
        for name in files.metadataSnapshots { try readMetadataSnapshot(name, &result) }
    }

    /// Between two segments nothing may be missing, unless compaction took it.
    private mutating func checkBorder(_ index: Int, _ result: inout PartitionVerification) {
        let segment = result.files.segments[index]
        guard segment.baseOffset > endOffset, !isCompacted else { return }
        let path = result.files.path(segment.baseOffset, LogFileName.log)
        let reason = "offsets \(endOffset) to \(segment.baseOffset - 1) are missing: no segment holds them"
        setBad(index, 0, endOffset, reason, &result)
        add(result.isRecovered(endOffset) ? .note : .damage, .offsets, path, at: 0, reason, &result)
        tableIsExact = false
    }

    private mutating func read(
        _ segment: PartitionFiles.SegmentFiles, _ index: Int, _ result: inout PartitionVerification,
        _ progress: (Int64) -> Void
    ) throws(StorageError) {
        let files = result.files
        let isLast = index == files.segments.count - 1
        let nextBase = isLast ? Int64.max : files.segments[index + 1].baseOffset
        tally = Tally()
        var offsets = try readOffsetIndex(segment, &result)
        var times = try readTimeIndex(segment, &result)
        let file = try files.openLog(segment)
        file.adviseSequentialAccess()
        let path = file.path
        if result.badPlace != nil { result.badPlace?.bytes += Int64(segment.size) }
        var from = 0
        var isWhole = true
        borderOffset = index == 0 ? nil : endOffset
        endOffset = max(endOffset, segment.baseOffset)
        scan: while true {
            var scanner = BatchScanner(file, from: from, to: segment.size, chunkBytes: BatchScanner.recoveryBytes)
            while let header = try scanner.next() {
                try scanner.loadBatch()
                tally.unreportedBytes += Int64(header.sizeInBytes)
                if tally.unreportedBytes >= Int64(BatchScanner.recoveryBytes) {
                    progress(tally.unreportedBytes)
                    tally.unreportedBytes = 0
                }
                offsets?.batch(header, at: scanner.position)
                if let reason = refusal(header, scanner.batch, segment, nextBase) {
                    bad(header, reason, path, scanner.position, index, &result)
                    if result.badPlace != nil { result.badPlace?.records += Int64(max(0, header.recordCount)) }
                    isWhole = false
                    // What time it had is not known any more.
                    times = nil
                    continue
                }
                times?.batch(header)
                try take(header, scanner.batch, path, scanner.position, &result)
            }
            guard let reason = scanner.damage else { break }
            isWhole = false
            times = nil
            let start = scanner.nextPosition
            let resume = try resumption(behind: start, segment, file)
            result.brokenSegments.insert(segment.baseOffset)
            broken(reason, path, start, resume, segment, index, isLast && resume == nil, &result)
            tableIsExact = false
            guard let resume else {
                offsets?.skip(to: segment.size)
                break scan
            }
            offsets?.skip(to: resume)
            from = resume
        }
        progress(tally.unreportedBytes)
        let isComplete = (!isLast || result.recovery == .clean) && isWhole
        offsets?.end(offset: isWhole ? endOffset : .max, position: segment.size)
        if isWhole { times?.end(offset: endOffset, isComplete: isComplete) }
        report(offsets?.problem, offsets?.wrongCount ?? 0, .index, segment, &result)
        report(times?.problem, times?.wrongCount ?? 0, .timeIndex, segment, &result)
        if isWhole { try checkTransactionIndex(segment, nextBase, &result) }
        if tally.suppressed > 0 {
            result.note(.batch, path, "\(tally.suppressed) more findings in this segment are not listed")
        }
    }

    /// What is wrong with a batch whose frame is whole; nil when nothing is.
    private mutating func refusal(
        _ header: BatchHeader, _ batch: RawSpan, _ segment: PartitionFiles.SegmentFiles, _ nextBase: Int64
    ) -> (kind: LogFinding.Kind, reason: String)? {
        let computed = BatchChecksum.compute(batch)
        if computed != header.crc {
            return (
                .batch,
                "the batch of offset \(header.baseOffset) has a wrong checksum (stored \(header.crc), "
                    + "computed \(computed))"
            )
        }
        let first = header.magic < 2 ? header.lastOffset : header.baseOffset
        if header.lastOffset < header.baseOffset {
            return (.offsets, "a batch ends at offset \(header.lastOffset), in front of its start \(header.baseOffset)")
        }
        if first < segment.baseOffset || header.lastOffset >= nextBase
            || !OffsetIndex.canHold(header.lastOffset, baseOffset: segment.baseOffset)
        {
            return (.offsets, "offsets \(header.baseOffset) to \(header.lastOffset) do not belong into this segment")
        }
        if first < endOffset {
            return (.offsets, "offsets \(header.baseOffset) to \(header.lastOffset) do not follow \(endOffset - 1)")
        }
        if header.magic >= 2, header.recordCount < 0 || Int64(header.recordCount) > Int64(header.lastOffsetDelta) + 1 {
            return (
                .records,
                "the batch of offset \(header.baseOffset) states \(header.recordCount) records for "
                    + "\(Int64(header.lastOffsetDelta) + 1) offsets"
            )
        }
        guard depth == .records || header.isControl else { return nil }
        do throws(RecordError) {
            return try walk(batch, header).map { (.records, $0) }
        } catch {
            return (.records, "the records of the batch of offset \(header.baseOffset) cannot be read: \(error)")
        }
    }

    /// Every record of a batch.
    private mutating func walk(_ batch: RawSpan, _ header: BatchHeader) throws(RecordError) -> String? {
        var records = try RecordIterator(batch, scratch: &scratch)
        var previous = Int64.min
        while let record = try records.next() {
            if header.magic >= 2, record.offset <= previous || record.offset > header.lastOffset {
                return "record \(record.index) of the batch of offset \(header.baseOffset) has offset \(record.offset)"
            }
            previous = record.offset
            if record.headerCount > 0 { _ = try records.headers(of: record) }
        }
        return nil
    }

    /// A good batch.
    private mutating func take(
        _ header: BatchHeader, _ batch: RawSpan, _ path: String, _ position: Int,
        _ result: inout PartitionVerification
    ) throws(StorageError) {
        result.batches += 1
        result.records += Int64(max(0, header.recordCount))
        if result.badPlace != nil { result.badPlace?.records += Int64(max(0, header.recordCount)) }
        if header.magic >= 2 {
            if Int64(header.recordCount) < Int64(header.lastOffsetDelta) + 1 { isCompacted = true }
            if header.baseOffset > endOffset, !isCompacted, result.records > Int64(header.recordCount) {
                add(
                    .note, .offsets, path, at: Int64(position),
                    "offsets \(endOffset) to \(header.baseOffset - 1) are missing; only compaction leaves such holes",
                    &result)
            }
        }
        try compareSnapshots(before: header.baseOffset, &result)
        noteEpoch(header, path, position, &result)
        if header.hasProducerID {
            var marker: TransactionMarker?
            if header.isControl {
                do { marker = try TransactionMarker.decode(batch) } catch {
                    throw .corrupt(file: path, position: Int64(position), reason: "\(error)")
                }
            }
            if let marker { tally.markers.append((header.producerID, header.baseOffset, marker.isAbort)) }
            if let aborted = table.apply(header, marker: marker) { tally.aborted.append(aborted) }
            table.highWatermarkAdvanced(to: header.nextOffset)
        }
        endOffset = header.nextOffset
    }

    private mutating func bad(
        _ header: BatchHeader, _ found: (kind: LogFinding.Kind, reason: String), _ path: String, _ position: Int,
        _ index: Int, _ result: inout PartitionVerification
    ) {
        let isFirst = result.badPlace == nil
        let at = position == 0 ? borderOffset ?? endOffset : endOffset
        setBad(index, position, at, found.reason, &result)
        let willBeCut = result.isRecovered(endOffset) && isFirst
        add(
            result.isRecovered(endOffset) ? .note : .damage, willBeCut ? .tail : found.kind, path,
            at: Int64(position),
            found.reason + (willBeCut ? "; nothing from there on was flushed, and a start cuts it off" : ""), &result)
        // What follows is judged by itself, so that one bad batch is one finding.
        if header.lastOffset >= endOffset,
            header.lastOffset < result.files.segments[index].baseOffset + Int64(Int32.max),
            found.kind != .offsets
        {
            endOffset = header.nextOffset
        }
        tableIsExact = false
    }

    private mutating func broken(
        _ reason: String, _ path: String, _ start: Int, _ resume: Int?, _ segment: PartitionFiles.SegmentFiles,
        _ index: Int, _ isEnd: Bool, _ result: inout PartitionVerification
    ) {
        let isFirst = result.badPlace == nil
        let lost = (resume ?? segment.size) - start
        let at = start == 0 ? borderOffset ?? endOffset : endOffset
        setBad(index, start, at, reason, &result)
        var text = "\(lost) bytes behind offset \(endOffset - 1) are no batch: \(reason)"
        var isCut = result.isRecovered(endOffset)
        if case .crashed(nil) = result.recovery { isCut = isEnd }
        if isCut && isFirst { text += "; nothing from there on was flushed, and a start cuts it off" }
        add(isCut ? .note : .damage, isCut && isFirst ? .tail : .batch, path, at: Int64(start), text, &result)
    }

    private func setBad(
        _ segment: Int, _ position: Int, _ offset: Int64, _ reason: String, _ result: inout PartitionVerification
    ) {
        guard result.badPlace == nil else { return }
        var place = PartitionVerification.BadPlace(
            segment: segment, position: position, offset: offset, reason: reason)
        place.bytes = Int64(result.files.segments[segment].size - position)
        result.badPlace = place
    }

    private mutating func add(
        _ severity: LogFinding.Severity, _ kind: LogFinding.Kind, _ file: String, at position: Int64, _ reason: String,
        _ result: inout PartitionVerification
    ) {
        tally.findings += 1
        guard tally.findings <= Self.findingsMax else {
            tally.suppressed += 1
            return
        }
        result.findings.append(LogFinding(severity, kind, file, at: position, reason))
    }

    /// The next place behind broken bytes where a whole batch begins, as the offset index knows it.
    private func resumption(
        behind position: Int, _ segment: PartitionFiles.SegmentFiles, _ file: OpenFile
    ) throws(StorageError) -> Int? {
        guard let entries = indexEntries else { return nil }
        for entry in entries where entry.position > position && entry.position < segment.size {
            var scanner = BatchScanner(file, from: entry.position, to: segment.size)
            guard let header = try scanner.next(), header.baseOffset >= endOffset, header.baseOffset <= entry.offset
            else { continue }
            try scanner.loadBatch()
            if BatchChecksum.isValid(scanner.batch) { return entry.position }
        }
        return nil
    }

    private var indexEntries: [OffsetIndex.Entry]?

    private mutating func readOffsetIndex(
        _ segment: PartitionFiles.SegmentFiles, _ result: inout PartitionVerification
    ) throws(StorageError) -> OffsetIndexCheck? {
        indexEntries = nil
        guard let bytes = try readIndex(segment, .index, OffsetIndex.entrySize, &result) else { return nil }
        let index = OffsetIndex(bytes.span.bytes, baseOffset: segment.baseOffset)
        indexEntries = index.entries
        checkRest(bytes, index.count, OffsetIndex.entrySize, .index, segment, &result)
        return OffsetIndexCheck(index)
    }

    private mutating func readTimeIndex(
        _ segment: PartitionFiles.SegmentFiles, _ result: inout PartitionVerification
    ) throws(StorageError) -> TimeIndexCheck? {
        guard let bytes = try readIndex(segment, .timeIndex, TimeIndex.entrySize, &result) else { return nil }
        let index = TimeIndex(bytes.span.bytes, baseOffset: segment.baseOffset)
        // A single entry of nothing but zeros is what Kafka wrote for a segment without timestamps.
        if index.count == 1, bytes.allSatisfy({ $0 == 0 }) { return TimeIndexCheck(TimeIndex(baseOffset: 0)) }
        checkRest(bytes, index.count, TimeIndex.entrySize, .timeIndex, segment, &result)
        return TimeIndexCheck(index)
    }

    private func readIndex(
        _ segment: PartitionFiles.SegmentFiles, _ kind: LogFinding.Kind, _ entrySize: Int,
        _ result: inout PartitionVerification
    ) throws(StorageError) -> [UInt8]? {
        guard segment.has(kind.rawValue) else {
            if segment.size > 0, needsIndexes {
                reportIndex(kind, segment, at: nil, "the file is missing", &result)
            }
            return nil
        }
        return try result.files.contents(LogFileName.make(segment.baseOffset, kind.rawValue))
    }

    /// What stands behind the entries of an index: nothing, or the zeros that Kafka reserves while it writes.
    private func checkRest(
        _ bytes: [UInt8], _ count: Int, _ entrySize: Int, _ kind: LogFinding.Kind,
        _ segment: PartitionFiles.SegmentFiles, _ result: inout PartitionVerification
    ) {
        let rest = bytes[(count * entrySize)...]
        guard !rest.isEmpty else { return }
        let isLast = segment.baseOffset == result.files.segments.last?.baseOffset
        let isWritten = isLast && result.recovery != .clean
        if let position = rest.firstIndex(where: { $0 != 0 }) {
            let reason = rest.count < entrySize ? "it ends inside an entry" : "entries stand behind zeros"
            reportIndex(kind, segment, at: Int64(position), reason, &result)
        } else if count == 0, segment.size > 0, !isWritten {
            reportIndex(kind, segment, at: 0, "it holds nothing but \(bytes.count) zeros", &result)
        } else if !isWritten, bytes.count % entrySize != 0 {
            reportIndex(kind, segment, at: Int64(count * entrySize), "it ends inside an entry", &result)
        }
    }

    private func report(
        _ problem: (slot: Int, reason: String)?, _ count: Int, _ kind: LogFinding.Kind,
        _ segment: PartitionFiles.SegmentFiles, _ result: inout PartitionVerification
    ) {
        guard let problem else { return }
        let size = kind == .index ? OffsetIndex.entrySize : TimeIndex.entrySize
        let more = count > 1 ? " (and \(count - 1) more entries)" : ""
        reportIndex(
            kind, segment, at: Int64(problem.slot * size), "entry \(problem.slot): \(problem.reason)\(more)", &result)
    }

    private func reportIndex(
        _ kind: LogFinding.Kind, _ segment: PartitionFiles.SegmentFiles, at position: Int64?, _ reason: String,
        _ result: inout PartitionVerification
    ) {
        let segments = result.files.segments
        let index = segments.firstIndex { $0.baseOffset == segment.baseOffset } ?? 0
        // A start makes the indexes of every segment that reaches to the recovery point anew.
        let nextBase = index + 1 < segments.count ? segments[index + 1].baseOffset : Int64.max
        var severity = LogFinding.Severity.damage
        if case .crashed(let point?) = result.recovery, nextBase > point { severity = .note }
        if kind == .transactionIndex {
            result.badTransactionIndexes.insert(segment.baseOffset)
        } else {
            result.badIndexes.insert(segment.baseOffset)
            if kind == .index { result.badOffsetIndexes.insert(segment.baseOffset) }
        }
        result.findings.append(
            LogFinding(
                severity, kind, result.files.path(segment.baseOffset, kind.rawValue), at: position,
                reason + (severity == .note ? "; a start makes it anew" : "")))
    }

    private mutating func checkTransactionIndex(
        _ segment: PartitionFiles.SegmentFiles, _ nextBase: Int64, _ result: inout PartitionVerification
    ) throws(StorageError) {
        var entries: [AbortedTransaction] = []
        if segment.has(LogFileName.transactionIndex),
            let bytes = try result.files.contents(LogFileName.make(segment.baseOffset, LogFileName.transactionIndex))
        {
            do {
                entries = try AbortedTransaction.decode(bytes.span.bytes)
            } catch {
                reportIndex(.transactionIndex, segment, at: 0, "an entry has an unknown version", &result)
                return
            }
            let rest = bytes.count % AbortedTransaction.size
            if rest != 0 {
                reportIndex(
                    .transactionIndex, segment, at: Int64(bytes.count - rest), "it ends inside an entry", &result)
                return
            }
        }
        var previous = Int64.min
        for (slot, entry) in entries.enumerated() {
            let at = Int64(slot * AbortedTransaction.size)
            let isMarked = tally.markers.contains {
                $0.isAbort && $0.producerID == entry.producerID && $0.offset == entry.lastOffset
            }
            var reason: String?
            if entry.lastOffset <= previous || entry.firstOffset > entry.lastOffset {
                reason = "it is out of order"
            } else if !isMarked {
                reason = "producer \(entry.producerID) has no abort marker at offset \(entry.lastOffset)"
            } else if tableIsExact, !isCompacted,
                let own = tally.aborted.first(where: { $0.lastOffset == entry.lastOffset }),
                own.firstOffset != entry.firstOffset
            {
                reason = "the transaction began at offset \(own.firstOffset), not \(entry.firstOffset)"
            }
            if let reason {
                reportIndex(.transactionIndex, segment, at: at, "entry \(slot): \(reason)", &result)
                return
            }
            previous = entry.lastOffset
        }
        for own in tally.aborted where !entries.contains(where: { $0.lastOffset == own.lastOffset }) {
            reportIndex(
                .transactionIndex, segment, at: nil,
                "the transaction of producer \(own.producerID) from offset \(own.firstOffset), aborted at "
                    + "\(own.lastOffset), is missing", &result)
            return
        }
    }

    /// The table at the first segment: from its snapshot, or empty where the log has its first record.
    private mutating func startTable(_ files: PartitionFiles) throws(StorageError) {
        table = ProducerStateTable(endOffset: endOffset)
        guard let first = files.segments.first, first.baseOffset > 0 else { return }
        let name = LogFileName.make(first.baseOffset, LogFileName.producerSnapshot)
        guard let bytes = try files.contents(name), let states = ProducerSnapshot.decode(bytes.span.bytes) else {
            return
        }
        for state in states { table.load(state) }
    }

    /// Holds the snapshots up to an offset against the table as it was there.
    private mutating func compareSnapshots(
        before offset: Int64, _ result: inout PartitionVerification
    ) throws(StorageError) {
        let snapshots = result.files.snapshots
        while snapshotSlot < snapshots.count, snapshots[snapshotSlot] <= offset {
            let at = snapshots[snapshotSlot]
            snapshotSlot += 1
            let name = LogFileName.make(at, LogFileName.producerSnapshot)
            let path = result.files.directory + "/" + name
            guard let bytes = try result.files.contents(name) else { continue }
            guard let states = ProducerSnapshot.decode(bytes.span.bytes) else {
                result.badSnapshots.append(at)
                result.damage(.snapshot, path, at: 0, "it is no whole snapshot: its checksum or its length is wrong")
                continue
            }
            if at > endOffset, offset == .max {
                result.note(.snapshot, path, "it lies behind the end of the log at \(endOffset)")
                result.badSnapshots.append(at)
                continue
            }
            for (slot, state) in states.enumerated() {
                guard let reason = difference(state, at, result) else { continue }
                result.badSnapshots.append(at)
                let position = ProducerSnapshot.position(of: slot)
                result.damage(.snapshot, path, at: position, "producer \(state.producerID): \(reason)")
                break
            }
        }
    }

    private func difference(_ state: ProducerState, _ at: Int64, _ result: PartitionVerification) -> String? {
        guard let last = state.lastBatch else { return nil }
        if last.lastOffset >= at { return "its last offset \(last.lastOffset) lies behind the snapshot" }
        guard tableIsExact, let own = table[state.producerID], let ownLast = own.lastBatch,
            last.lastOffset >= result.files.segments.first?.baseOffset ?? 0
        else { return nil }
        if own.epoch != state.epoch { return "its epoch is \(state.epoch), in the log \(own.epoch)" }
        if ownLast.lastOffset != last.lastOffset || ownLast.lastSequence != last.lastSequence {
            return "its last offset is \(last.lastOffset) with sequence \(last.lastSequence), in the log "
                + "\(ownLast.lastOffset) with \(ownLast.lastSequence)"
        }
        return nil
    }

    private mutating func readEpochs(_ result: inout PartitionVerification) throws(StorageError) {
        let path = result.files.directory + "/" + LeaderEpochCache.fileName
        guard let bytes = try result.files.contents(LeaderEpochCache.fileName) else { return }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let cache = LeaderEpochCache(text), let lines = CheckpointText.decode(text) else {
            result.damage(.leaderEpochs, path, at: 0, "it is no leader epoch checkpoint")
            result.hasBadEpochs = true
            return
        }
        guard cache.entries.count == lines.count else {
            result.damage(.leaderEpochs, path, at: 0, "its epochs or offsets do not ascend")
            result.hasBadEpochs = true
            return
        }
        known = cache.entries
        epochsAreKnown = true
    }

    private mutating func noteEpoch(
        _ header: BatchHeader, _ path: String, _ position: Int, _ result: inout PartitionVerification
    ) {
        guard header.magic >= 2, header.partitionLeaderEpoch >= 0 else { return }
        let epoch = header.partitionLeaderEpoch
        if let last = epochs.latest, epoch < last.epoch {
            guard !epochMismatchIsTold else { return }
            epochMismatchIsTold = true
            result.damage(
                .leaderEpochs, path, at: Int64(position),
                "the batch of offset \(header.baseOffset) has leader epoch \(epoch) behind \(last.epoch)")
            return
        }
        epochs.assign(epoch, startOffset: header.baseOffset)
        guard epochsAreKnown, !epochMismatchIsTold else { return }
        while epochSlot + 1 < known.count, known[epochSlot + 1].startOffset <= header.baseOffset { epochSlot += 1 }
        // Epochs of before the first entry are not known, and those from the recovery point on are noted by a start.
        guard let entry = known.indices.contains(epochSlot) ? known[epochSlot] : nil,
            entry.startOffset <= header.baseOffset
        else { return }
        guard entry.epoch != epoch else { return }
        epochMismatchIsTold = true
        let file = result.files.directory + "/" + LeaderEpochCache.fileName
        let reason = "it says epoch \(entry.epoch) for offset \(header.baseOffset), the batch there \(epoch)"
        if result.isRecovered(header.baseOffset) {
            result.note(.leaderEpochs, file, reason)
        } else {
            result.damage(.leaderEpochs, file, reason)
            result.hasBadEpochs = true
        }
    }

    private func finishEpochs(_ result: inout PartitionVerification) {
        guard epochsAreKnown, let last = known.last, last.startOffset > endOffset else { return }
        let file = result.files.directory + "/" + LeaderEpochCache.fileName
        result.note(
            .leaderEpochs, file, "epoch \(last.epoch) starts at \(last.startOffset), behind the end \(endOffset)")
    }

    /// A snapshot of the metadata log is a file of batches.
    private mutating func readMetadataSnapshot(
        _ name: String, _ result: inout PartitionVerification
    ) throws(StorageError) {
        let path = result.files.directory + "/" + name
        let file = try io(try result.files.disk.open(path, .read))
        let size = Int(try io(try file.size))
        var scanner = BatchScanner(file, from: 0, to: size, chunkBytes: BatchScanner.recoveryBytes)
        while let header = try scanner.next() {
            try scanner.loadBatch()
            guard !BatchChecksum.isValid(scanner.batch) else { continue }
            result.damage(
                .batch, path, at: Int64(scanner.position),
                "the batch of offset \(header.baseOffset) has a wrong checksum")
            return
        }
        if let damage = scanner.damage { result.damage(.batch, path, at: Int64(scanner.nextPosition), damage) }
    }
}
