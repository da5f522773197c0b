public import Bytes
public import KafkaModel
import KafkaRecords
public import Posix
public import Timing

/// The log of one partition: a directory with segments, of which the last one is written.
///
/// It is not safe for threads: its owner, the broker's partition, holds a lock around every call. A log that was
/// closed in order is opened lazily: until it is first used, only the names of its files and its checkpoints are known.
///
/// A failed write is cut off again, and if even that fails the log refuses everything from then on; a failed flush
/// is never tried again, for the system forgets what it could not write. Both come out as `StorageError.io`, upon
/// which the owner takes the whole directory out of service.
public final class PartitionLog: @unchecked Sendable {
    public let partition: TopicPartition
    public internal(set) var directory: String
    /// Nil where the directory does not tell: it is older than topic ids, or a power cut emptied the file.
    public internal(set) var topicID: UUID?
    public internal(set) var configuration: LogConfiguration

    public internal(set) var logStartOffset: Int64
    /// The offset the next record gets.
    public internal(set) var logEndOffset: Int64
    /// Everything below is on the device.
    public internal(set) var recoveryPoint: Int64
    /// Everything below must be on the device before it counts: `flush.messages` has asked for a flush up to here. The
    /// owner flushes as soon as it is above the recovery point; it is never above the log end.
    public internal(set) var flushDemand: Int64 = 0
    /// What the checkpoint said when the log was opened, kept between start and end.
    public internal(set) var checkpointedHighWatermark: Int64

    let disk: Disk
    var state: State
    /// Ascending, never empty once the log is loaded.
    var segments: ContiguousArray<Segment> = []
    var table = ProducerStateTable()
    var epochs = LeaderEpochCache()
    var recent = RecentBatches()
    /// Offsets of the snapshot files, ascending.
    var snapshots: [Int64] = []
    var lastSnapshotOffset: Int64 = 0
    var deletions: [ScheduledDeletion] = []
    var lastFlush: Timestamp
    /// Whether the names of directory and files were flushed since they came to be.
    var namesAreDurable: Bool
    /// Counts truncations, so that a flush that began before one does not vouch for what came after.
    var truncations = 0
    /// The base of the first segment that came without an offset index.
    var firstWithoutIndex: Int64?
    /// Where the log ended when it was last looked at, and since when.
    var rest: (endOffset: Int64, since: Timestamp)?
    /// Somebody else's files lie in the directory, and none of a log.
    var isForeign = false
    /// The closed segment whose files are open.
    var warmSegment: Segment?

    enum State {
        case unloaded(Opening)
        case ready
        case failed(String)
        case closed
    }

    struct Opening {
        var wasClean: Bool
        /// Whether the recovery points of the directory could be read.
        var knowsRecoveryPoint = true
        var now: Timestamp
    }

    init(
        partition: TopicPartition, directory: String, topicID: UUID?, configuration: LogConfiguration, disk: Disk,
        state: State, startOffset: Int64, endOffset: Int64, recoveryPoint: Int64, highWatermark: Int64,
        namesAreDurable: Bool, now: Timestamp
    ) {
        self.partition = partition
        self.directory = directory
        self.topicID = topicID
        self.configuration = configuration
        self.disk = disk
        self.state = state
        self.logStartOffset = startOffset
        self.logEndOffset = endOffset
        self.recoveryPoint = recoveryPoint
        self.checkpointedHighWatermark = highWatermark
        self.namesAreDurable = namesAreDurable
        self.lastFlush = now
    }

    /// Makes the directory of a new partition. Nothing is flushed: the metadata log says that the partition exists,
    /// and a start after a power cut makes what is missing. The first flush of records flushes the names too.
    public static func create(
        directory: String, partition: TopicPartition, topicID: UUID?, configuration: LogConfiguration,
        startOffset: Int64 = 0, disk: Disk, now: Timestamp
    ) throws(StorageError) -> PartitionLog {
        guard !disk.exists(directory) else { throw .partitionExists(partition) }
        let log = PartitionLog(
            partition: partition, directory: directory, topicID: topicID, configuration: configuration, disk: disk,
            state: .ready, startOffset: startOffset, endOffset: startOffset, recoveryPoint: startOffset,
            highWatermark: startOffset, namesAreDurable: false, now: now)
        do throws(StorageError) {
            try io(try disk.makeDirectory(directory))
            if let topicID { try writeTopicID(topicID, directory, disk) }
            try log.addSegment(startOffset, now: now)
        } catch {
            guard case .noRoom = error.undone else { throw error }
            if disk.exists(directory) { try io(try disk.removeTree(directory)) }
            throw error.undone
        }
        return log
    }

    /// Written beside its place, so that a crash leaves no part of it; a power cut may leave it empty.
    static func writeTopicID(_ topicID: UUID, _ directory: String, _ disk: Disk) throws(StorageError) {
        let text = PartitionMetadata(topicID: topicID).text
        try io(try disk.exchangeContents(of: directory + "/" + PartitionMetadata.fileName, with: Array(text.utf8)))
    }

    /// Writes the id into a directory that has none.
    public func assign(topicID id: UUID) throws(StorageError) {
        guard topicID == nil else { return }
        try Self.writeTopicID(id, directory, disk)
        topicID = id
        namesAreDurable = false
    }

    var active: Segment { segments[segments.count - 1] }

    /// The bytes of all segments.
    public var size: Int64 {
        get throws(StorageError) {
            try load()
            return segments.reduce(0) { $0 + Int64($1.size) }
        }
    }

    public var segmentBaseOffsets: [Int64] { segments.map(\.baseOffset) }

    public var producers: ProducerStateTable {
        get throws(StorageError) {
            try load()
            return table
        }
    }

    public var leaderEpochs: LeaderEpochCache {
        get throws(StorageError) {
            try load()
            return epochs
        }
    }

    /// How far readers of committed records may read, and forgets what the high watermark has settled.
    public func lastStableOffset(highWatermark: Int64) throws(StorageError) -> Int64 {
        try load()
        table.highWatermarkAdvanced(to: highWatermark)
        return max(table.lastStableOffset(highWatermark: highWatermark), logStartOffset)
    }

    /// Notes that a leader of this epoch writes from here on.
    public func assignLeaderEpoch(_ epoch: Int32) throws(StorageError) {
        try load()
        epochs.assign(epoch, startOffset: logEndOffset)
    }

    public func removeExpiredProducers(now: Timestamp) {
        table.removeExpired(now: now.milliseconds, after: configuration.producerIDExpirationMs)
    }

    /// What the checkpoint files keep of this log.
    public func checkpoint(highWatermark: Int64) -> PartitionCheckpoint {
        let first = segments.first?.baseOffset ?? 0
        return PartitionCheckpoint(
            recoveryPoint: recoveryPoint, logStartOffset: logStartOffset > first ? logStartOffset : nil,
            highWatermark: needsRecovery ? checkpointedHighWatermark : highWatermark)
    }

    /// New settings hold from the next roll, flush and retention on.
    public func reconfigure(_ new: LogConfiguration) {
        configuration = new
        segments.last?.intervalBytes = new.indexIntervalBytes
    }

    /// Closes the files; they are opened again when needed.
    public func releaseFiles() {
        warmSegment = nil
        for segment in segments { segment.releaseFiles() }
    }

    private var openSegments: [Segment] { [segments.last, warmSegment].compactMap { $0 }.filter { $0.openLog != nil } }

    public var openFileCount: Int { openSegments.count }

    /// Closes files: those of a log that nobody used since the last call, where it gets tight.
    public func releaseUnusedFiles(_ need: FileNeed) {
        let isUsed = openSegments.reduce(false) { $1.takeUse() || $0 }
        if need == .urgent || (need == .tight && !isUsed) { releaseFiles() }
    }

    /// How much the process wants its files closed.
    public enum FileNeed: Sendable {
        case none
        case tight
        /// None can be opened any more.
        case urgent
    }

    /// Puts the log out of service, as when its directory failed.
    public func fail(_ reason: String) {
        if case .closed = state { return }
        state = .failed(reason)
        releaseFiles()
    }

    /// Notes that the log must not be used any more, and gives the failure back.
    func failing(_ error: StorageError) -> StorageError {
        fail(error.description)
        return error
    }

    func path(_ name: String) -> String { directory + "/" + name }

    var hasFailed: Bool { if case .failed = state { true } else { false } }

    /// Whether there is anything that is not on the device.
    var isDirty: Bool {
        guard case .ready = state else { return false }
        return logEndOffset > recoveryPoint || epochs.isDirty
    }

    /// Flushes everything and leaves the directory so that the next start needs to read nothing again.
    public func close(now: Timestamp) throws(StorageError) {
        if case .ready = state {
            try failingOnError { () throws(StorageError) in try active.completeIndexes() }
            try flush(now: now, isClosing: true)
            try failingOnError { () throws(StorageError) in try takeSnapshot() }
        }
        end()
    }

    /// Writes everything and leaves the flush to the caller, who closes very many logs and flushes once for all. The
    /// recovery point already says that it was done, so the checkpoint must not be written before.
    func closeUnflushed() throws(StorageError) {
        if case .ready = state {
            try failingOnError { () throws(StorageError) in
                try active.completeIndexes()
                try takeSnapshot()
                if epochs.isDirty {
                    let text = Array(epochs.text.utf8)
                    try io(try disk.exchangeContents(of: path(LeaderEpochCache.fileName), with: text))
                }
            }
            recoveryPoint = logEndOffset
        }
        end()
    }

    private func end() {
        if case .failed = state { return }
        releaseFiles()
        state = .closed
    }

    /// The segment with the largest base offset that is not above `offset`.
    func segmentIndex(for offset: Int64) -> Int? {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].baseOffset <= offset { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : low - 1
    }

    /// Keeps the files of one closed segment open at a time.
    func warm(_ segment: Segment) {
        guard segment !== active, warmSegment !== segment else { return }
        warmSegment?.releaseFiles()
        warmSegment = segment
    }
}
