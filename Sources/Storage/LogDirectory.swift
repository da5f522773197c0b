import Bytes
import KafkaModel
import Posix
import Telemetry

/// One of `log.dirs` while it is in service. It belongs to `LogDirectories`, under whose lock it is used.
struct LogDirectory {
    let path: String
    let disk: Disk
    /// Held as long as the directory is in service; the kernel lets go of it when the process ends.
    let lock: OpenFile
    var properties: MetaProperties
    /// Whether the mark of a clean shutdown was there.
    var wasClean = false
    /// What the files say now, so that a file is only written when something changed.
    var recoveryPoints: [TopicPartition: Int64] = [:]
    var logStarts: [TopicPartition: Int64] = [:]
    var highWatermarks: [TopicPartition: Int64] = [:]
    /// Whether the file of recovery points is there and can be read; else nobody knows what was flushed.
    var knowsRecoveryPoints = false
    /// Checkpoint files that cannot be read, to be written anew.
    var damaged: Set<String> = []
    var cleanedOffsets: [TopicPartition: Int64] = [:]
    /// Partitions that could not be loaded; their lines in the checkpoints are kept.
    var unreadable: Set<TopicPartition> = []

    static let lockName = ".lock"

    /// Takes the lock of a directory and makes the directory if need be.
    static func lock(_ path: String, _ disk: Disk) throws(StorageError) -> OpenFile {
        try io(try disk.makeDirectories(path))
        guard disk.isDirectory(path) else { throw .io(SystemError("use as a directory", path, Errno(20))) }
        let file = try io(try disk.open(path + "/" + lockName, .readWrite))
        guard file.tryLock() else { throw .directoryInUse(path: path) }
        return file
    }

    /// Reads the checkpoints. One that cannot be read is as good as none: then everything is read again.
    mutating func readCheckpoints() throws(StorageError) {
        recoveryPoints = try read(OffsetCheckpoint.recoveryPoint)
        knowsRecoveryPoints =
            !damaged.contains(OffsetCheckpoint.recoveryPoint)
            && disk.exists(path + "/" + OffsetCheckpoint.recoveryPoint)
        logStarts = try read(OffsetCheckpoint.logStart)
        highWatermarks = try read(OffsetCheckpoint.highWatermark)
        cleanedOffsets = try read(OffsetCheckpoint.cleaner)
    }

    /// Before the first partition comes it is certain that nothing was flushed, which is worth knowing after a power
    /// cut that comes before the first checkpoint.
    mutating func beginRecoveryPoints(_ entries: [Disk.Entry]) throws(StorageError) {
        guard !knowsRecoveryPoints, damaged.isEmpty,
            !entries.contains(where: { $0.isDirectory && PartitionDirectoryName($0.name).holdsRecords })
        else { return }
        try OffsetCheckpoint(directory: path, name: OffsetCheckpoint.recoveryPoint, disk: disk).write([:])
        knowsRecoveryPoints = true
    }

    private mutating func read(_ name: String) throws(StorageError) -> [TopicPartition: Int64] {
        do throws(StorageError) {
            return try OffsetCheckpoint(directory: path, name: name, disk: disk).read()
        } catch {
            guard case .corrupt = error else { throw error }
            storageLog.error("Passing over a checkpoint: \(error)")
            damaged.insert(name)
            return [:]
        }
    }

    func checkpoint(of partition: TopicPartition) -> PartitionCheckpoint? {
        recoveryPoints[partition].map {
            PartitionCheckpoint(
                recoveryPoint: $0, logStartOffset: logStarts[partition],
                highWatermark: highWatermarks[partition] ?? 0)
        }
    }

    /// Writes what changed. What belongs to a partition that could not be loaded stays as it was.
    mutating func write(_ checkpoints: [TopicPartition: PartitionCheckpoint]) throws(StorageError) {
        let recovery = keepingUnreadable(recoveryPoints, checkpoints.mapValues(\.recoveryPoint))
        let starts = keepingUnreadable(logStarts, checkpoints.compactMapValues(\.logStartOffset))
        let watermarks = keepingUnreadable(highWatermarks, checkpoints.mapValues(\.highWatermark))
        try replace(\.recoveryPoints, with: recovery, OffsetCheckpoint.recoveryPoint)
        try replace(\.logStarts, with: starts, OffsetCheckpoint.logStart)
        try replace(\.highWatermarks, with: watermarks, OffsetCheckpoint.highWatermark)
        let cleaned = cleanedOffsets.filter { checkpoints[$0.key] != nil || unreadable.contains($0.key) }
        if cleaned != cleanedOffsets { try replace(\.cleanedOffsets, with: cleaned, OffsetCheckpoint.cleaner) }
    }

    mutating func raiseRecoveryPoint(of partition: TopicPartition, to offset: Int64) throws(StorageError) {
        // A file that tells of one log alone must not take the place of one that cannot be read.
        guard recoveryPoints[partition] ?? -1 < offset, !damaged.contains(OffsetCheckpoint.recoveryPoint) else {
            return
        }
        var new = recoveryPoints
        new[partition] = offset
        try replace(\.recoveryPoints, with: new, OffsetCheckpoint.recoveryPoint)
    }

    mutating func noteCleaned(_ partition: TopicPartition, upTo offset: Int64?) throws(StorageError) {
        var new = cleanedOffsets
        new[partition] = offset
        guard new != cleanedOffsets else { return }
        try replace(\.cleanedOffsets, with: new, OffsetCheckpoint.cleaner)
    }

    /// Writes what one partition adds; the other lines stay.
    mutating func add(_ checkpoint: PartitionCheckpoint, of partition: TopicPartition) throws(StorageError) {
        var (recovery, starts, watermarks) = (recoveryPoints, logStarts, highWatermarks)
        recovery[partition] = checkpoint.recoveryPoint
        starts[partition] = checkpoint.logStartOffset
        watermarks[partition] = checkpoint.highWatermark
        // The recovery point comes last: without it the others are not looked at.
        try replace(\.logStarts, with: starts, OffsetCheckpoint.logStart)
        try replace(\.highWatermarks, with: watermarks, OffsetCheckpoint.highWatermark)
        try replace(\.recoveryPoints, with: recovery, OffsetCheckpoint.recoveryPoint)
    }

    private func keepingUnreadable(
        _ old: [TopicPartition: Int64], _ new: [TopicPartition: Int64]
    ) -> [TopicPartition: Int64] {
        guard !unreadable.isEmpty else { return new }
        return new.merging(old.filter { unreadable.contains($0.key) }) { new, _ in new }
    }

    private mutating func replace(
        _ known: WritableKeyPath<LogDirectory, [TopicPartition: Int64]>, with new: [TopicPartition: Int64],
        _ name: String
    ) throws(StorageError) {
        guard new != self[keyPath: known] || damaged.contains(name) || !disk.exists(path + "/" + name) else { return }
        try OffsetCheckpoint(directory: path, name: name, disk: disk).write(new)
        damaged.remove(name)
        self[keyPath: known] = new
    }

    /// Makes sure that the files do not promise more of a partition than this.
    mutating func lowerRecoveryPoint(of partition: TopicPartition, to offset: Int64?) throws(StorageError) {
        if let cleaned = cleanedOffsets[partition], cleaned > offset ?? -1 {
            try noteCleaned(partition, upTo: offset)
        }
        guard let old = recoveryPoints[partition], old > offset ?? -1 else { return }
        var new = recoveryPoints
        new[partition] = offset
        try OffsetCheckpoint(directory: path, name: OffsetCheckpoint.recoveryPoint, disk: disk).write(new)
        recoveryPoints = new
    }
}
