import Bytes
import KafkaModel
import Posix
import Telemetry
import Timing

/// The metadata of a cluster of one broker, kept in a KRaft log under its first log directory. The node is the whole
/// quorum: it leads from the moment it opens the log, in an epoch of its own.
///
/// Changes are made one after the other; each is on the device before anybody sees it. After a failed write or flush
/// nothing is known about the end of the log any more, so the store refuses every further change and the broker must
/// stop.
public final class EmbeddedStore: Sendable {
    public struct Options: Sendable {
        /// `metadata.log.segment.bytes`
        public var segmentBytesMax: Int64 = 1 << 30
        /// `metadata.log.max.record.bytes.between.snapshots`
        public var bytesBetweenSnapshots: Int64 = 20 << 20
        /// `metadata.log.max.snapshot.interval.ms`: how long records may wait for a snapshot. It is looked at when
        /// something is committed; nil is for ever.
        public var snapshotInterval: Duration? = .seconds(3600)
        public var batchBytesMax = 8 << 20

        public init() {}
    }

    struct Writer: Sendable {
        var log: MetadataLog
        var quorum: QuorumFeatures
        var bytesSinceSnapshot: Int64
        /// When there last was nothing to put into a snapshot, or the store was opened.
        var snapshotAt: Instant
        /// Why nothing may be written any more.
        var failure: String?
    }

    private let writer: Guarded<Writer>
    /// Never held for longer than a copy; taken inside `writer`, never around it.
    private let published: Guarded<ClusterImage>
    /// The id of the directory that the log is in.
    private let directoryID: UUID
    private let options: Options
    private let clock: Clock
    private let log: Log

    init(
        _ writer: Writer, image: ClusterImage, directoryID: UUID, options: Options, clock: Clock, log: Log
    ) {
        self.directoryID = directoryID
        self.writer = Guarded(writer)
        published = Guarded(image)
        self.options = options
        self.clock = clock
        self.log = log
    }

    /// The cluster as of the last change.
    public var image: ClusterImage { published.withLock { $0 } }

    /// How the quorum that keeps the log stands: this node alone, which has everything it wrote.
    public var quorum: QuorumDescription {
        let (epoch, end) = writer.withLock { ($0.log.epoch, $0.log.nextOffset) }
        return QuorumDescription(
            leader: image.controllerID, epoch: epoch, logEndOffset: end, directoryID: directoryID)
    }

    /// Why the store takes no more changes, or nil while it does.
    public var failure: String? { writer.withLock { $0.failure } }

    /// Appends the records, all or none of them, and returns the image with them in it once they are durable.
    @discardableResult
    public func commit(_ records: [MetadataRecord]) throws(MetadataError) -> ClusterImage {
        try change { _ in (records, ()) }
        return image
    }

    /// Lets `decide` look at the image that its records will follow, with no other change between.
    public func change<Result>(
        _ decide: (ClusterImage) -> (records: [MetadataRecord], result: Result)
    ) throws(MetadataError) -> Result {
        var decided: Result?
        try writer.withLock { writer throws(MetadataError) in
            let image = self.image
            let (records, result) = decide(image)
            decided = result
            guard !records.isEmpty else { return }
            try append(records, to: image, &writer)
        }
        guard let decided else { preconditionFailure("a decision ran without a result") }
        return decided
    }

    /// Writes a snapshot of everything so far. The store does it by itself after so many bytes of records.
    public func takeSnapshot() throws(MetadataError) {
        try writer.withLock { writer throws(MetadataError) in
            if let failure = writer.failure { throw .failedBefore(failure) }
            try takeSnapshot(of: self.image, &writer)
        }
    }

    private func append(
        _ records: [MetadataRecord], to image: ClusterImage, _ writer: inout Writer
    ) throws(MetadataError) {
        if let failure = writer.failure { throw .failedBefore(failure) }
        var next = image
        try next.apply(records)
        if let gap = next.gap { throw .inconsistent(gap) }
        let now = clock.timestamp.milliseconds
        var batches = MetadataBatchWriter(
            nextOffset: writer.log.nextOffset, epoch: writer.log.epoch, timestamp: now,
            batchBytesMax: options.batchBytesMax)
        // Under the level that holds before: a reader meets these records before any that raises it takes effect.
        try batches.appendAtomically(records, under: image.metadataVersion)
        try guarding(&writer) { writer throws(MetadataError) in
            try writer.log.append(
                batches.bytes.bytes, nextOffset: batches.nextOffset, segmentBytesMax: options.segmentBytesMax)
        }
        next.offset = batches.nextOffset - 1
        next.epoch = writer.log.epoch
        next.timestamp = now
        published.withLock { $0 = next }
        writer.bytesSinceSnapshot += Int64(batches.bytes.count)
        guard isSnapshotDue(writer) else { return }
        // The change itself is durable, so its caller hears of success; the failure stops the next one.
        do throws(MetadataError) { try takeSnapshot(of: next, &writer) } catch {
            log.error("The snapshot after offset \(next.offset) failed: \(error)")
        }
    }

    private func isSnapshotDue(_ writer: Writer) -> Bool {
        if writer.bytesSinceSnapshot >= options.bytesBetweenSnapshots { return true }
        guard let interval = options.snapshotInterval else { return false }
        return clock.now - writer.snapshotAt >= interval
    }

    private func takeSnapshot(of image: ClusterImage, _ writer: inout Writer) throws(MetadataError) {
        let id = SnapshotID(offset: writer.log.nextOffset, epoch: image.epoch)
        guard writer.log.snapshots.last != id else { return }
        let bytes = try Snapshot.encode(
            image, quorum: writer.quorum, epoch: id.epoch, now: clock.timestamp.milliseconds,
            batchBytesMax: options.batchBytesMax)
        try guarding(&writer) { writer throws(MetadataError) in try writer.log.addSnapshot(bytes, id: id) }
        writer.bytesSinceSnapshot = 0
        writer.snapshotAt = clock.now
        log.info("Wrote the metadata snapshot \(id) of \(bytes.count) bytes")
    }

    /// Runs what touches the disk, and shuts the store when it fails.
    private func guarding(
        _ writer: inout Writer, _ body: (inout Writer) throws(MetadataError) -> Void
    ) throws(MetadataError) {
        do throws(MetadataError) { try body(&writer) } catch {
            writer.failure = error.description
            log.fatal("The metadata log takes no more records: \(error)")
            throw error
        }
    }
}
