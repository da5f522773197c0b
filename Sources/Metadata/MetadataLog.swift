import Bytes
import KafkaModel
import KafkaRecords
import Posix
import Storage

/// The files of the metadata log while this node leads it: appends, rolls, and drops what snapshots have made
/// superfluous. It belongs to the store's lock. A failure leaves the files as they are; the store then writes no more.
struct MetadataLog: Sendable {
    let directory: MetadataDirectory
    /// The first offsets of the segments, ascending; the last one is written to.
    private(set) var segments: [Int64]
    /// From the oldest to the newest.
    private(set) var snapshots: [SnapshotID]
    private var active: OpenFile
    private var activeBytes: Int64
    private(set) var nextOffset: Int64
    /// The epoch in which this node leads.
    let epoch: Int32
    /// Where each epoch begins.
    private(set) var epochs: LeaderEpochCache

    /// How many snapshots are kept: the second is the way back when the newest turns out to be damaged.
    private static let snapshotsKept = 2

    init(
        directory: MetadataDirectory, segments: [Int64], snapshots: [SnapshotID], nextOffset: Int64, epoch: Int32,
        epochs: LeaderEpochCache
    ) throws(MetadataError) {
        self.directory = directory
        self.segments = segments.isEmpty ? [nextOffset] : segments
        self.snapshots = snapshots
        self.nextOffset = nextOffset
        self.epoch = epoch
        self.epochs = epochs
        let path = directory.segment(self.segments[self.segments.count - 1])
        let file = try io(try directory.disk.open(path, .readWrite))
        active = file
        activeBytes = try io(try file.size)
        if segments.isEmpty { try io(try directory.disk.synchronizeDirectory(directory.path)) }
    }

    /// Writes batches behind the end and returns when they are on the device.
    mutating func append(_ bytes: RawSpan, nextOffset: Int64, segmentBytesMax: Int64) throws(MetadataError) {
        precondition(nextOffset > self.nextOffset, "an append must move the end of the metadata log")
        if activeBytes > 0, activeBytes + Int64(bytes.byteCount) > segmentBytesMax { try roll() }
        do throws(SystemError) {
            try active.write(bytes, at: activeBytes)
            try active.synchronizeData()
        } catch {
            throw .io(error)
        }
        activeBytes += Int64(bytes.byteCount)
        self.nextOffset = nextOffset
    }

    /// Notes, durably, that this node's epoch begins here.
    mutating func beginEpoch(at offset: Int64) throws(MetadataError) {
        epochs.assign(epoch, startOffset: offset)
        try writeEpochs()
    }

    mutating func roll() throws(MetadataError) {
        guard activeBytes > 0 else { return }
        let path = directory.segment(nextOffset)
        active = try io(try directory.disk.open(path, .replace))
        activeBytes = 0
        segments.append(nextOffset)
        try io(try directory.disk.synchronizeDirectory(directory.path))
    }

    /// Puts a snapshot of everything so far beside the log, and removes what nobody needs any more.
    mutating func addSnapshot(_ bytes: [UInt8], id: SnapshotID) throws(MetadataError) {
        precondition(id.offset == nextOffset, "a snapshot ends where the log ends")
        let disk = directory.disk
        let unfinished = directory.unfinishedSnapshot(id)
        do throws(SystemError) {
            let file = try disk.open(unfinished, .replace)
            try file.write(bytes, at: 0)
            try file.synchronize()
            try disk.rename(unfinished, to: directory.snapshot(id))
            try disk.synchronizeDirectory(directory.path)
        } catch {
            throw .io(error)
        }
        if snapshots.last != id { snapshots.append(id) }
        // The next record begins a segment, so that the one before can go as a whole some day.
        try roll()
        try removeObsolete()
    }

    private mutating func removeObsolete() throws(MetadataError) {
        let disk = directory.disk
        guard snapshots.count > Self.snapshotsKept else { return }
        let kept = Array(snapshots.suffix(Self.snapshotsKept))
        // Snapshots go first: a log that begins later than a snapshot ends would make it useless, not wrong.
        for id in snapshots where id < kept[0] { try io(try disk.remove(directory.snapshot(id))) }
        snapshots = kept
        while segments.count > 1, segments[1] <= kept[0].offset {
            try io(try disk.remove(directory.segment(segments[0])))
            for kind in [LogFileName.offsetIndex, LogFileName.timeIndex, LogFileName.transactionIndex] {
                try io(try disk.remove(directory.file(LogFileName.make(segments[0], kind))))
            }
            segments.removeFirst()
        }
        try trimEpochs()
    }

    /// Epochs that ended before the log begins are forgotten; the one it begins in begins with it.
    private mutating func trimEpochs() throws(MetadataError) {
        let start = segments[0]
        guard let current = epochs.entries.lastIndex(where: { $0.startOffset <= start }),
            current > 0 || epochs.entries[0].startOffset < start
        else { return }
        var entries = Array(epochs.entries[current...])
        entries[0] = LeaderEpochCache.Entry(epoch: entries[0].epoch, startOffset: start)
        epochs = LeaderEpochCache(entries)
        try writeEpochs()
    }

    private func writeEpochs() throws(MetadataError) {
        try io(try directory.disk.replaceContents(of: directory.leaderEpochs, with: Array(epochs.text.utf8)))
    }
}
