import Bytes
import KafkaRecords
import Posix

/// What a reader of committed records must know of a log that no broker serves: how far it may read, and which
/// transactions were aborted. It comes from the newest whole producer snapshot, the headers behind it, and the
/// transaction indexes.
public struct CommittedView: Sendable {
    /// Records from here on belong to transactions that are undecided, or lie behind such.
    public let lastStableOffset: Int64
    /// In the order of their first offsets.
    public let aborted: [AbortedTransaction]

    public init(_ files: PartitionFiles, from offset: Int64) throws(StorageError) {
        var table = ProducerStateTable()
        var start = files.segments.first?.baseOffset ?? 0
        for snapshot in files.snapshots.reversed() {
            let name = LogFileName.make(snapshot, LogFileName.producerSnapshot)
            guard let bytes = try files.contents(name), let states = ProducerSnapshot.decode(bytes.span.bytes) else {
                continue
            }
            for state in states { table.load(state) }
            start = max(start, snapshot)
            break
        }
        var end = start
        for segment in files.segments[(files.segmentIndex(for: start) ?? 0)...] {
            let file = try files.openLog(segment)
            var scanner = BatchScanner(
                file, from: try files.scanStart(for: start, in: segment), to: segment.size,
                chunkBytes: BatchScanner.recoveryBytes)
            while let header = try scanner.next() {
                guard header.baseOffset >= start else { continue }
                end = header.nextOffset
                guard header.hasProducerID else { continue }
                var marker: TransactionMarker?
                if header.isControl {
                    try scanner.loadBatch()
                    do { marker = try TransactionMarker.decode(scanner.batch) } catch {
                        throw .corrupt(file: file.path, position: Int64(scanner.position), reason: "\(error)")
                    }
                }
                _ = table.apply(header, marker: marker)
                table.highWatermarkAdvanced(to: header.nextOffset)
            }
        }
        lastStableOffset = table.firstUndecidedOffset ?? max(end, files.segments.last?.baseOffset ?? 0, start)
        aborted = try Self.aborted(files, from: offset)
    }

    private static func aborted(
        _ files: PartitionFiles, from offset: Int64
    ) throws(StorageError) -> [AbortedTransaction] {
        var found: [AbortedTransaction] = []
        guard !files.segments.isEmpty else { return [] }
        for segment in files.segments[(files.segmentIndex(for: offset) ?? 0)...]
        where segment.has(LogFileName.transactionIndex) {
            let name = LogFileName.make(segment.baseOffset, LogFileName.transactionIndex)
            guard let bytes = try files.contents(name) else { continue }
            do {
                found += try AbortedTransaction.decode(bytes.span.bytes).filter { $0.lastOffset >= offset }
            } catch {
                throw .corrupt(file: files.directory + "/" + name, position: 0, reason: "\(error)")
            }
        }
        return found.sorted { $0.firstOffset < $1.firstOffset }
    }
}
