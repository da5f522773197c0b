import Bytes
import KafkaRecords
import Posix
import Telemetry
import Timing

/// The producer table: from the newest snapshot that is whole and from the batches behind it.
extension PartitionLog {
    /// - Parameter firstRecovered: the base of the first segment that was read again. Its transaction index is made
    ///   anew, for which the table must be known as it was at its start.
    func loadProducers(firstRecovered: Int64?, now: Timestamp) throws(StorageError) {
        for offset in snapshots where offset > logEndOffset { try removeSnapshot(offset) }
        if let firstRecovered {
            for segment in segments where segment.baseOffset >= firstRecovered {
                try io(try disk.remove(segment.path(LogFileName.transactionIndex)))
            }
        }
        table = ProducerStateTable(endOffset: logStartOffset)
        lastSnapshotOffset = logStartOffset
        for offset in snapshots.reversed() where offset <= firstRecovered ?? .max {
            guard let states = try readSnapshot(offset) else {
                storageLog.warn("Passing over \(path(snapshotName(offset))): it is no whole snapshot")
                try removeSnapshot(offset)
                continue
            }
            for state in states
            where !state.isExpired(now: now.milliseconds, after: configuration.producerIDExpirationMs) {
                table.load(state)
            }
            table.endOffset = offset
            lastSnapshotOffset = offset
            break
        }
        try readProducers(from: max(table.endOffset, logStartOffset), indexingFrom: firstRecovered)
        table.endOffset = logEndOffset
        try removeStraySnapshots()
    }

    private func readProducers(from start: Int64, indexingFrom firstRecovered: Int64?) throws(StorageError) {
        guard start < logEndOffset, var index = segmentIndex(for: start) else { return }
        while index < segments.count {
            let segment = segments[index]
            let position = start > segment.baseOffset ? try segment.find(start)?.position ?? segment.size : 0
            var scanner = BatchScanner(try segment.log(), from: position, to: segment.size)
            while let header = try scanner.next() {
                guard header.hasProducerID else { continue }
                var marker: TransactionMarker?
                if header.isControl {
                    try scanner.loadBatch()
                    marker = try readMarker(scanner.batch, segment, scanner.position)
                }
                if let aborted = table.apply(header, marker: marker), let firstRecovered,
                    segment.baseOffset >= firstRecovered
                {
                    try writeAborted(aborted, segment)
                }
            }
            if let damage = scanner.damage { throw segment.corrupt(scanner.nextPosition, damage) }
            if index < segments.count - 1 { segment.releaseFiles() }
            index += 1
        }
    }

    private func readMarker(
        _ batch: RawSpan, _ segment: Segment, _ position: Int
    ) throws(StorageError) -> TransactionMarker? {
        do { return try TransactionMarker.decode(batch) } catch { throw segment.corrupt(position, "\(error)") }
    }

    /// Adds to the transaction index of a segment, which is made with its first entry.
    func writeAborted(_ transaction: AbortedTransaction, _ segment: Segment) throws(StorageError) {
        let file = try io(try disk.open(segment.path(LogFileName.transactionIndex), .readWrite))
        let end = try io(try file.size) / Int64(AbortedTransaction.size) * Int64(AbortedTransaction.size)
        try io(try file.write(transaction.bytes, at: end))
        segment.hasUnflushedTransactions = true
    }

    /// Writes the producer table as it is now, unless there is a snapshot for this offset.
    func takeSnapshot() throws(StorageError) {
        guard table.endOffset > lastSnapshotOffset else { return }
        let offset = table.endOffset
        let file = try io(try disk.open(path(snapshotName(offset)), .replace))
        try io(try file.write(ProducerSnapshot.encode(table.all), at: 0))
        if snapshots.last != offset { snapshots.append(offset) }
        lastSnapshotOffset = offset
    }

    func snapshotName(_ offset: Int64) -> String { LogFileName.make(offset, LogFileName.producerSnapshot) }

    private func readSnapshot(_ offset: Int64) throws(StorageError) -> [ProducerState]? {
        let bytes = try io(try disk.contents(of: path(snapshotName(offset))))
        return ProducerSnapshot.decode(bytes.span.bytes)
    }

    func removeSnapshot(_ offset: Int64) throws(StorageError) {
        try io(try disk.remove(path(snapshotName(offset))))
        snapshots.removeAll { $0 == offset }
    }

    /// Keeps the snapshots at the starts of segments, and the newest one if it is newer than the last segment.
    private func removeStraySnapshots() throws(StorageError) {
        let bases = Set(segments.map(\.baseOffset))
        for offset in snapshots.dropLast() where !bases.contains(offset) { try removeSnapshot(offset) }
        if let last = snapshots.last, !bases.contains(last), last < active.baseOffset { try removeSnapshot(last) }
    }
}

extension AbortedTransaction {
    var bytes: [UInt8] {
        var writer = ByteWriter(capacity: Self.size)
        encode(into: &writer)
        return Array(writer.bytes)
    }
}
