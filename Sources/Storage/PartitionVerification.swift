import Bytes
public import KafkaModel
import KafkaRecords
public import Posix

/// A whole partition read and held against itself: every batch, the indexes, the snapshots, the leader epochs, and what
/// the checkpoints of its directory promise. Nothing is changed.
public struct PartitionVerification: Sendable {
    public enum Depth: Sendable {
        /// Checksums and headers.
        case batches
        /// Every record, unpacked.
        case records
    }

    /// What a start of a broker would do about the end of the log.
    public enum Recovery: Sendable, Equatable {
        /// The mark of a clean shutdown is there: nothing is read again.
        case clean
        /// From the recovery point on everything is read again and cut at the first bad batch. Nil is a log that has
        /// none: only its very end may be cut.
        case crashed(recoveryPoint: Int64?)
        /// The partition lies in no data directory.
        case unknown
    }

    /// Where a log would be cut: in front of the first bad batch, or between two segments with offsets missing.
    public struct BadPlace: Sendable, Equatable {
        public let segment: Int
        /// 0 means that the whole segment goes.
        public let position: Int
        /// The offset the log would end at.
        public let offset: Int64
        public let reason: String
        /// Records that can be counted behind it.
        public internal(set) var records: Int64 = 0
        /// Bytes from the place to the end of the log.
        public internal(set) var bytes: Int64 = 0
    }

    public let partition: TopicPartition
    public let files: PartitionFiles
    public let recovery: Recovery
    public internal(set) var findings: [LogFinding] = []
    public internal(set) var batches: Int64 = 0
    /// As the headers count them.
    public internal(set) var records: Int64 = 0
    public internal(set) var logStartOffset: Int64 = 0
    public internal(set) var logEndOffset: Int64 = 0
    public internal(set) var badPlace: BadPlace?

    /// What repair makes anew, by the base offset of the segment.
    var badIndexes: Set<Int64> = []
    var badOffsetIndexes: Set<Int64> = []
    var badTransactionIndexes: Set<Int64> = []
    var badSnapshots: [Int64] = []
    var hasBadEpochs = false
    var hasBadMetadata = false
    /// Segments in which bytes are no batches, so that their indexes cannot be made anew.
    var brokenSegments: Set<Int64> = []
    /// Checkpoints that promise what the log does not have.
    var excess: [(name: String, offset: Int64)] = []

    public var isDamaged: Bool { findings.contains { $0.severity == .damage } }
    /// The bytes that are read.
    public var size: Int64 { files.size }

    init(_ partition: TopicPartition, _ files: PartitionFiles, _ recovery: Recovery) {
        self.partition = partition
        self.files = files
        self.recovery = recovery
    }

    /// - Parameter progress: is told the bytes that were read since it was last told.
    public static func run(
        _ place: DirectorySurvey.Place, in directory: DirectorySurvey, depth: Depth = .batches, disk: Disk,
        progress: (Int64) -> Void = { _ in }
    ) throws(StorageError) -> PartitionVerification {
        let files = try PartitionFiles(place.path, disk: disk)
        let isMetadata = place.partition.topic == "__cluster_metadata"
        let isServed = place.state == .served
        let recovery: Recovery =
            place.state == .copy
            ? .unknown
            : directory.wasClean && isServed
                ? .clean
                : .crashed(
                    recoveryPoint: isMetadata ? nil : directory.recoveryPoints.offsets[place.partition] ?? 0)
        var verification = PartitionVerification(place.partition, files, recovery)
        let firstBase = files.segments.first?.baseOffset ?? 0
        verification.logStartOffset = max(
            isServed ? directory.logStarts.offsets[place.partition] ?? 0 : 0, firstBase)
        var pass = VerificationPass(
            depth: depth,
            isCompacted: TopicName.isInternal(place.partition.topic)
                || directory.cleanerPoints.offsets[place.partition] != nil,
            needsIndexes: !isMetadata)
        try pass.run(&verification, progress)
        try verification.checkSmallFiles()
        if isServed { verification.checkCheckpoints(directory) }
        return verification
    }

    /// Whether a start reads again what lies at this offset.
    func isRecovered(_ offset: Int64) -> Bool {
        if case .crashed(let point?) = recovery { offset >= point } else { false }
    }

    mutating func note(_ kind: LogFinding.Kind, _ file: String, at position: Int64? = nil, _ reason: String) {
        findings.append(LogFinding(.note, kind, file, at: position, reason))
    }

    mutating func damage(_ kind: LogFinding.Kind, _ file: String, at position: Int64? = nil, _ reason: String) {
        findings.append(LogFinding(.damage, kind, file, at: position, reason))
    }

    private mutating func checkSmallFiles() throws(StorageError) {
        let metadataPath = files.directory + "/" + PartitionMetadata.fileName
        if let bytes = try files.contents(PartitionMetadata.fileName) {
            if bytes.isEmpty {
                note(.partitionMetadata, metadataPath, "it is empty, as a power cut may leave it")
            } else if PartitionMetadata(String(decoding: bytes, as: UTF8.self)) == nil {
                damage(.partitionMetadata, metadataPath, at: 0, "it names no topic id")
                hasBadMetadata = true
            }
        }
        if let first = files.leftovers.first {
            let more = files.leftovers.count > 1 ? " and \(files.leftovers.count - 1) more files were" : " was"
            note(.leftover, files.directory, "\(first)\(more) left behind; the next start clears that away")
        }
        for name in files.orphans {
            note(.leftover, files.directory + "/" + name, "it is an index without a log")
        }
        for name in files.foreign { note(.foreign, files.directory + "/" + name, "it is no file of a partition") }
    }

    private mutating func checkCheckpoints(_ directory: DirectorySurvey) {
        let end = logEndOffset
        // Where bytes are no batches, the end is not what it was; that has been said.
        guard badPlace == nil || brokenSegments.isEmpty else { return }
        if let point = directory.recoveryPoints.offsets[partition], point > end {
            let path = directory.path + "/" + OffsetCheckpoint.recoveryPoint
            damage(
                .checkpoint, path,
                "it says that everything of \(partition) below \(point) was flushed, but the log ends at \(end): "
                    + "\(point - end) offsets are missing")
            excess.append((OffsetCheckpoint.recoveryPoint, end))
        }
        if let mark = directory.highWatermarks.offsets[partition], mark > end {
            let path = directory.path + "/" + OffsetCheckpoint.highWatermark
            let reason = "it says that \(partition) was replicated up to \(mark), but the log ends at \(end)"
            if recovery == .clean { damage(.checkpoint, path, reason) } else { note(.checkpoint, path, reason) }
            excess.append((OffsetCheckpoint.highWatermark, end))
        }
        if let point = directory.cleanerPoints.offsets[partition], point > end {
            let path = directory.path + "/" + OffsetCheckpoint.cleaner
            note(.checkpoint, path, "it says that \(partition) was cleaned up to \(point), but the log ends at \(end)")
            excess.append((OffsetCheckpoint.cleaner, end))
        }
        if let start = directory.logStarts.offsets[partition] {
            let path = directory.path + "/" + OffsetCheckpoint.logStart
            if start > end {
                note(.checkpoint, path, "it starts \(partition) at \(start), behind its end \(end): it will be empty")
            } else if start < 0 {
                damage(.checkpoint, path, "it starts \(partition) at \(start)")
            }
        }
    }
}
