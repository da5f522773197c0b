import Bytes
import KafkaModel
import KafkaRecords
public import Posix

/// What can be done about a partition that a verification found damaged: first a plan, which only tells, then its
/// execution.
///
/// Everything that goes is kept in an archive first. The step that takes the cause of the repair away, the cut itself,
/// comes last: a crash before it leaves a log whose verification asks for the same repair again, and every step before
/// it may be done twice. Files are replaced by renaming.
public struct PartitionRepair: Sendable {
    /// Whether records may be given up.
    public enum Mode: Sendable {
        /// Only what can be made from the batches is made anew.
        case rebuild
        /// The log ends in front of its first bad batch.
        case cut
    }

    public enum Step: Sendable, Equatable {
        /// The checkpoint of the data directory must not promise more than this.
        case lowerCheckpoint(name: String, to: Int64)
        case rewriteLeaderEpochs
        /// The snapshot is made from the batches, or removed where it lies behind the end.
        case rewriteSnapshot(offset: Int64)
        case removeSnapshot(offset: Int64)
        case rebuildIndexes(baseOffset: Int64)
        case rebuildTransactionIndex(baseOffset: Int64)
        case removePartitionMetadata
        /// A whole segment goes.
        case removeSegment(baseOffset: Int64, bytes: Int64)
        /// The last bytes of a segment go.
        case cut(baseOffset: Int64, position: Int, bytes: Int64)
    }

    /// What a cut takes away from readers.
    public struct Loss: Sendable, Equatable {
        public let fromOffset: Int64
        /// The last offset that is gone; nil where no batch is known behind.
        public let toOffset: Int64?
        /// As far as headers tell.
        public let records: Int64
        public let bytes: Int64
    }

    public let place: DirectorySurvey.Place
    public let steps: [Step]
    public let loss: Loss?
    /// What stays as it is, and why.
    public let remains: [String]
    /// The end of the log afterwards.
    public let endOffset: Int64
    private let verification: PartitionVerification
    private let dataDirectory: String

    public var isEmpty: Bool { steps.isEmpty }

    public init(
        _ verification: PartitionVerification, _ place: DirectorySurvey.Place, in directory: DirectorySurvey,
        mode: Mode
    ) {
        self.place = place
        self.verification = verification
        dataDirectory = directory.path
        var steps: [Step] = []
        var remains: [String] = []
        let files = verification.files
        let bad = mode == .cut ? verification.badPlace : nil
        endOffset = bad.map { max($0.offset, verification.logStartOffset) } ?? verification.logEndOffset
        let end = endOffset
        let isServed = place.state == .served
        // Which segments are there afterwards.
        var lastKept = files.segments.count - 1
        if let bad { lastKept = bad.position == 0 && bad.segment > 0 ? bad.segment - 1 : bad.segment }
        let kept = files.segments.isEmpty ? [] : Array(files.segments[...lastKept])
        let keptBases = Set(kept.map(\.baseOffset))

        if bad != nil, isServed {
            for checkpoint in [directory.recoveryPoints, directory.highWatermarks, directory.cleanerPoints] {
                guard let offset = checkpoint.offsets[place.partition], offset > end else { continue }
                steps.append(.lowerCheckpoint(name: checkpoint.name, to: end))
            }
        } else if isServed {
            for (name, offset) in verification.excess {
                // The log ends before what was flushed: records are gone, which somebody must agree to.
                if name == OffsetCheckpoint.recoveryPoint, mode != .cut {
                    remains.append(
                        "\(OffsetCheckpoint.recoveryPoint) promises more than the log has: the records are gone, and "
                            + "lowering it gives them up (--cut)")
                } else {
                    steps.append(.lowerCheckpoint(name: name, to: offset))
                }
            }
        }
        if verification.hasBadEpochs || (bad != nil && files.disk.exists(Self.epochPath(place))) {
            steps.append(.rewriteLeaderEpochs)
        }
        if verification.hasBadMetadata { steps.append(.removePartitionMetadata) }
        // Where bytes stay that are no batches, the end is not known.
        if bad != nil || verification.badPlace == nil {
            for offset in files.snapshots where offset > end { steps.append(.removeSnapshot(offset: offset)) }
        }
        for offset in Set(verification.badSnapshots).sorted() where offset <= end {
            steps.append(.rewriteSnapshot(offset: offset))
        }
        for segment in kept {
            let base = segment.baseOffset
            let isCut = bad.map { $0.position > 0 || $0.segment == 0 } == true && base == kept.last?.baseOffset
            if isCut || verification.badIndexes.contains(base) {
                if isCut || !verification.brokenSegments.contains(base) {
                    steps.append(.rebuildIndexes(baseOffset: base))
                } else {
                    remains.append("the indexes of \(LogFileName.make(base, LogFileName.log)), which is damaged itself")
                }
            }
            if verification.badTransactionIndexes.contains(base)
                || (isCut && segment.has(LogFileName.transactionIndex))
            {
                if isCut || !verification.brokenSegments.contains(base) {
                    steps.append(.rebuildTransactionIndex(baseOffset: base))
                }
            }
        }
        if let bad {
            for segment in files.segments.reversed() where !keptBases.contains(segment.baseOffset) {
                steps.append(.removeSegment(baseOffset: segment.baseOffset, bytes: Int64(segment.size)))
            }
            if bad.segment == lastKept {
                let segment = files.segments[bad.segment]
                steps.append(
                    .cut(
                        baseOffset: segment.baseOffset, position: bad.position,
                        bytes: Int64(segment.size - bad.position)))
            }
            loss = Loss(
                fromOffset: end, toOffset: verification.logEndOffset > end ? verification.logEndOffset - 1 : nil,
                records: bad.records, bytes: bad.bytes)
        } else {
            loss = nil
            if let place = verification.badPlace {
                let file = LogFileName.make(files.segments[place.segment].baseOffset, LogFileName.log)
                let does =
                    verification.isRecovered(place.offset)
                    ? "a start of the broker cuts it off" : "--cut ends the log there"
                remains.append(
                    "\(file) from byte \(place.position), offset \(place.offset), on: \(place.reason) (\(does))")
            }
        }
        self.steps = steps
        self.remains = remains
    }

    static func epochPath(_ place: DirectorySurvey.Place) -> String { place.path + "/" + LeaderEpochCache.fileName }

    /// What a step does, for people. `file` is what it concerns.
    public func text(_ step: Step) -> (file: String, does: String) {
        func segment(_ base: Int64, _ kind: String) -> String { verification.files.path(base, kind) }
        switch step {
        case .lowerCheckpoint(let name, let offset):
            return (dataDirectory + "/" + name, "lower the offset of \(place.partition) to \(offset)")
        case .rewriteLeaderEpochs: return (Self.epochPath(place), "write it anew from the batches")
        case .rewriteSnapshot(let offset):
            return (segment(offset, LogFileName.producerSnapshot), "make it anew from the batches")
        case .removeSnapshot(let offset):
            return (segment(offset, LogFileName.producerSnapshot), "set it aside: it lies behind the end of the log")
        case .rebuildIndexes(let base):
            return (segment(base, LogFileName.offsetIndex), "make it and the time index anew from the batches")
        case .rebuildTransactionIndex(let base):
            return (segment(base, LogFileName.transactionIndex), "make it anew from the batches")
        case .removePartitionMetadata:
            return (
                place.path + "/" + PartitionMetadata.fileName, "set it aside; the broker writes it from its metadata"
            )
        case .removeSegment(let base, let bytes):
            return (segment(base, LogFileName.log), "set it aside with its indexes, \(bytes) bytes")
        case .cut(let base, let position, let bytes):
            return (segment(base, LogFileName.log), "cut \(bytes) bytes off from byte \(position) on")
        }
    }

    /// Does it. The caller holds the lock of the data directory.
    public func execute(keepingIn archive: RepairArchive, disk: Disk) throws(StorageError) {
        for step in steps { try keep(step, archive) }
        let rebuilt = try rebuild()
        for step in steps { try execute(step, rebuilt, disk) }
    }

    private func keptName(_ name: String) -> String {
        RepairArchive.name(dataDirectory) + "/" + RepairArchive.name(place.path) + "/" + name
    }

    private func keep(_ step: Step, _ archive: RepairArchive) throws(StorageError) {
        func keep(_ offset: Int64, _ kind: String) throws(StorageError) {
            let name = LogFileName.make(offset, kind)
            try archive.keep(place.path + "/" + name, as: keptName(name))
        }
        switch step {
        case .lowerCheckpoint(let name, _):
            try archive.keep(dataDirectory + "/" + name, as: keptName(name))
        case .rewriteLeaderEpochs:
            try archive.keep(Self.epochPath(place), as: keptName(LeaderEpochCache.fileName))
        case .rewriteSnapshot(let offset), .removeSnapshot(let offset):
            try keep(offset, LogFileName.producerSnapshot)
        case .rebuildIndexes(let base):
            try keep(base, LogFileName.offsetIndex)
            try keep(base, LogFileName.timeIndex)
        case .rebuildTransactionIndex(let base): try keep(base, LogFileName.transactionIndex)
        case .removePartitionMetadata:
            try archive.keep(
                place.path + "/" + PartitionMetadata.fileName, as: keptName(PartitionMetadata.fileName))
        case .removeSegment(let base, _):
            for kind in Segment.fileKinds { try keep(base, kind) }
            try keep(base, LogFileName.producerSnapshot)
        case .cut(let base, let position, _):
            let name = LogFileName.make(base, LogFileName.log)
            try archive.keep(
                place.path + "/" + name, from: Int64(position), as: keptName("\(name).from-\(position)"))
        }
    }

    private func execute(_ step: Step, _ rebuilt: RebuiltState, _ disk: Disk) throws(StorageError) {
        let files = verification.files
        switch step {
        case .lowerCheckpoint(let name, let offset):
            let checkpoint = OffsetCheckpoint(directory: dataDirectory, name: name, disk: disk)
            var offsets = try checkpoint.read()
            guard let old = offsets[place.partition], old > offset else { return }
            offsets[place.partition] = offset
            try checkpoint.write(offsets)
        case .rewriteLeaderEpochs:
            try io(try disk.replaceContents(of: Self.epochPath(place), with: Array(rebuilt.epochs.text.utf8)))
        case .rewriteSnapshot(let offset):
            let path = files.path(offset, LogFileName.producerSnapshot)
            guard let bytes = rebuilt.snapshots[offset] else { return }
            try io(try disk.replaceContents(of: path, with: bytes))
        case .removeSnapshot(let offset):
            try remove(files.path(offset, LogFileName.producerSnapshot), disk)
        case .rebuildIndexes(let base):
            guard let indexes = rebuilt.indexes[base] else { return }
            let offsets = { () throws(StorageError) in
                try io(
                    try disk.replaceContents(
                        of: files.path(base, LogFileName.offsetIndex), with: indexes.offsets.encode()))
            }
            // The one that is wrong comes last, so that after a crash between them both are made again.
            if !verification.badOffsetIndexes.contains(base) { try offsets() }
            try io(
                try disk.replaceContents(of: files.path(base, LogFileName.timeIndex), with: indexes.times.encode()))
            if verification.badOffsetIndexes.contains(base) { try offsets() }
        case .rebuildTransactionIndex(let base):
            let path = files.path(base, LogFileName.transactionIndex)
            let bytes = rebuilt.aborted[base, default: []].flatMap(\.bytes)
            if bytes.isEmpty { try remove(path, disk) } else { try io(try disk.replaceContents(of: path, with: bytes)) }
        case .removePartitionMetadata: try remove(place.path + "/" + PartitionMetadata.fileName, disk)
        case .removeSegment(let base, _):
            // The log goes last: as long as it is there, a second repair finds what this one left.
            for kind in Segment.fileKinds.reversed() { try remove(files.path(base, kind), disk) }
        case .cut(let base, let position, _):
            let file = try io(try disk.open(files.path(base, LogFileName.log), .readWrite))
            try io(try file.truncate(to: Int64(position)))
            try io(try file.synchronize())
        }
    }

    private func remove(_ path: String, _ disk: Disk) throws(StorageError) {
        guard disk.exists(path) else { return }
        try io(try disk.remove(path))
        try io(try disk.synchronizeDirectory(place.path))
    }

    /// Everything that is made from the batches, read once more up to the end the log will have.
    private func rebuild() throws(StorageError) -> RebuiltState {
        var wanted = RebuiltState.Wanted()
        for step in steps {
            switch step {
            case .rebuildIndexes(let base): wanted.indexes.insert(base)
            case .rebuildTransactionIndex: wanted.producers = true
            case .rewriteSnapshot(let offset):
                wanted.snapshots.insert(offset)
                wanted.producers = true
            case .rewriteLeaderEpochs: wanted.epochs = true
            case .lowerCheckpoint, .removeSnapshot, .removePartitionMetadata, .removeSegment, .cut: break
            }
        }
        let bad = steps.contains { if case .cut = $0 { true } else if case .removeSegment = $0 { true } else { false } }
        return try RebuiltState(
            verification.files, wanted, upTo: bad ? verification.badPlace : nil,
            startOffset: verification.logStartOffset)
    }
}
