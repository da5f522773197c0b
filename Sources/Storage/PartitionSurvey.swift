public import Bytes
import KafkaModel
import KafkaRecords
public import Posix

/// What a look at a partition's names, checkpoints and last batches tells. It reads a few kilobytes, whatever the size
/// of the log, and changes nothing.
public struct PartitionSurvey: Sendable {
    public let place: DirectorySurvey.Place
    public let topicID: UUID?
    public let segmentCount: Int
    /// The bytes of all segments.
    public let size: Int64
    public let logStartOffset: Int64
    /// Behind the last batch that can be found by its header.
    public let logEndOffset: Int64
    public let recoveryPoint: Int64?
    public let highWatermark: Int64?
    /// Up to where compaction has come; nil where it never ran.
    public let cleanedOffset: Int64?
    /// Milliseconds; nil where no record has a timestamp.
    public let firstTimestamp: Int64?
    public let lastTimestamp: Int64?
    /// How many files wait to be cleared away.
    public let leftovers: Int
    /// Why the end could not be found.
    public let problem: String?

    public init(_ place: DirectorySurvey.Place, in directory: DirectorySurvey, disk: Disk) throws(StorageError) {
        self.place = place
        let files = try PartitionFiles(place.path, disk: disk)
        segmentCount = files.segments.count
        size = files.size
        leftovers = files.leftovers.count
        let isServed = place.state == .served
        recoveryPoint = isServed ? directory.recoveryPoints.offsets[place.partition] : nil
        highWatermark = isServed ? directory.highWatermarks.offsets[place.partition] : nil
        cleanedOffset = isServed ? directory.cleanerPoints.offsets[place.partition] : nil
        let firstBase = files.segments.first?.baseOffset ?? 0
        logStartOffset = max(isServed ? directory.logStarts.offsets[place.partition] ?? 0 : 0, firstBase)
        topicID = try Self.topicID(files)
        guard let first = files.segments.first, let last = files.segments.last else {
            logEndOffset = logStartOffset
            firstTimestamp = nil
            lastTimestamp = nil
            problem = nil
            return
        }
        let tail = try Self.tail(of: last, files)
        logEndOffset = max(tail.endOffset, logStartOffset)
        problem = tail.damage
        lastTimestamp = tail.maxTimestamp >= 0 ? tail.maxTimestamp : nil
        firstTimestamp = try Self.firstTimestamp(first, files)
    }

    private static func topicID(_ files: PartitionFiles) throws(StorageError) -> UUID? {
        guard let bytes = try files.contents(PartitionMetadata.fileName) else { return nil }
        return PartitionMetadata(String(decoding: bytes, as: UTF8.self))?.topicID
    }

    private static func firstTimestamp(
        _ segment: PartitionFiles.SegmentFiles, _ files: PartitionFiles
    ) throws(StorageError) -> Int64? {
        guard segment.size > 0 else { return nil }
        let file = try files.openLog(segment)
        var scanner = BatchScanner(file, from: 0, to: segment.size, chunkBytes: RecordBatchLayout.headerSize)
        guard let header = try scanner.next() else { return nil }
        // A batch with a delete horizon keeps that where its base timestamp was.
        let timestamp = header.deleteHorizon == nil ? header.baseTimestamp : header.maxTimestamp
        return timestamp >= 0 ? timestamp : nil
    }

    private static let walkBytes = 64 << 10

    private struct Tail {
        var endOffset: Int64
        var maxTimestamp: Int64 = -1
        var damage: String?
    }

    private static func tail(
        of segment: PartitionFiles.SegmentFiles, _ files: PartitionFiles
    ) throws(StorageError) -> Tail {
        var tail = Tail(endOffset: segment.baseOffset)
        guard segment.size > 0 else { return tail }
        let start = try files.scanStart(for: .max, in: segment)
        if start > 0, segment.has(LogFileName.timeIndex) {
            let path = files.path(segment.baseOffset, LogFileName.timeIndex)
            let index = try IndexFile(try io(try files.disk.open(path, .read)), entrySize: TimeIndex.entrySize)
            if index.count > 0 {
                let bytes = try index.bytes(slot: index.count - 1)
                tail.maxTimestamp = TimeIndex(bytes.span.bytes, baseOffset: 0).last?.timestamp ?? -1
            }
        }
        let file = try files.openLog(segment)
        // Without a usable index the whole segment is walked, and in larger steps.
        var scanner = BatchScanner(
            file, from: start, to: segment.size, chunkBytes: start > 0 ? BatchScanner.searchBytes : walkBytes)
        while let header = try scanner.next() {
            tail.endOffset = header.nextOffset
            tail.maxTimestamp = max(tail.maxTimestamp, header.maxTimestamp)
        }
        if let damage = scanner.damage {
            tail.damage = "no batch at byte \(scanner.nextPosition) of \(file.path): \(damage)"
        }
        return tail
    }
}
