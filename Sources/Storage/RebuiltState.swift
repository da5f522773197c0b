import Bytes
import KafkaRecords
import Posix
import Timing

/// What can be derived from the batches of a log, made from them once more. It is the code that an append and a start
/// use: `Segment.note`, `ProducerStateTable.apply`, `LeaderEpochCache.assign`.
struct RebuiltState {
    struct Wanted {
        var indexes: Set<Int64> = []
        var snapshots: Set<Int64> = []
        var producers = false
        var epochs = false
    }

    private(set) var indexes: [Int64: Segment.MemoryIndexes] = [:]
    private(set) var snapshots: [Int64: [UInt8]] = [:]
    private(set) var aborted: [Int64: [AbortedTransaction]] = [:]
    private(set) var epochs = LeaderEpochCache()

    /// - Parameter end: where reading ends; nil reads everything that can be read.
    init(
        _ files: PartitionFiles, _ wanted: Wanted, upTo end: PartitionVerification.BadPlace?, startOffset: Int64
    ) throws(StorageError) {
        guard !wanted.indexes.isEmpty || wanted.producers || wanted.epochs else { return }
        var table = ProducerStateTable(endOffset: startOffset)
        if let first = files.segments.first, first.baseOffset > 0, !wanted.snapshots.contains(first.baseOffset),
            let bytes = try files.contents(LogFileName.make(first.baseOffset, LogFileName.producerSnapshot)),
            let states = ProducerSnapshot.decode(bytes.span.bytes)
        {
            for state in states { table.load(state) }
        }
        var waiting = wanted.snapshots.sorted()[...]
        for (index, found) in files.segments.enumerated() {
            if let end, index > end.segment || (index == end.segment && end.position == 0) {
                // Nothing of it stays; its files, if they do, are empty.
                if wanted.indexes.contains(found.baseOffset) {
                    indexes[found.baseOffset] = Segment.MemoryIndexes(baseOffset: found.baseOffset)
                }
                break
            }
            let limit = end?.segment == index ? end?.position ?? found.size : found.size
            guard wanted.producers || wanted.epochs || wanted.indexes.contains(found.baseOffset) else { continue }
            let segment = Segment(
                baseOffset: found.baseOffset, directory: files.directory, disk: files.disk, size: limit,
                created: .none, configuration: LogConfiguration())
            var scanner = BatchScanner(
                try files.openLog(found), from: 0, to: limit, chunkBytes: BatchScanner.recoveryBytes)
            segment.indexes = Segment.MemoryIndexes(baseOffset: found.baseOffset)
            while let header = try scanner.next() {
                while let offset = waiting.first, offset <= header.baseOffset {
                    snapshots[offset] = ProducerSnapshot.encode(table.all)
                    waiting.removeFirst()
                }
                segment.note(header, position: scanner.position)
                if header.partitionLeaderEpoch > epochs.latest?.epoch ?? -1 {
                    epochs.assign(header.partitionLeaderEpoch, startOffset: header.baseOffset)
                }
                guard wanted.producers, header.hasProducerID else { continue }
                try scanner.loadBatch()
                // A bad batch that stays in the log tells nothing about its producer.
                guard BatchChecksum.isValid(scanner.batch) else { continue }
                var marker: TransactionMarker?
                if header.isControl {
                    do { marker = try TransactionMarker.decode(scanner.batch) } catch { continue }
                }
                if let transaction = table.apply(header, marker: marker) {
                    aborted[found.baseOffset, default: []].append(transaction)
                }
                table.highWatermarkAdvanced(to: header.nextOffset)
            }
            guard wanted.indexes.contains(found.baseOffset), var memory = segment.indexes else { continue }
            if memory.maxTimestamp.timestamp >= 0 {
                memory.times.appendIfLater(memory.maxTimestamp.timestamp, offset: memory.maxTimestamp.offset)
            }
            indexes[found.baseOffset] = memory
        }
        for offset in waiting { snapshots[offset] = ProducerSnapshot.encode(table.all) }
        epochs.truncateFromStart(startOffset)
    }
}
