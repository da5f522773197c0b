public import Bytes
public import KafkaModel
import KafkaProtocol
import KafkaRecords
public import Posix
import Storage
import Synchronization
import Telemetry
public import Timing

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
        public var batchBytesMax = 8 << 20

        public init() {}
    }

    private struct Writer: Sendable {
        var log: MetadataLog
        var quorum: QuorumFeatures
        var bytesSinceSnapshot: Int64
        /// Why nothing may be written any more.
        var failure: String?
    }

    private let writer: Mutex<Writer>
    /// Never held for longer than a copy; taken inside `writer`, never around it.
    private let published: Mutex<ClusterImage>
    private let options: Options
    private let clock: Clock
    private let log: Log

    private init(_ writer: Writer, image: ClusterImage, options: Options, clock: Clock, log: Log) {
        self.writer = Mutex(writer)
        published = Mutex(image)
        self.options = options
        self.clock = clock
        self.log = log
    }

    /// The cluster as of the last change.
    public var image: ClusterImage { published.withLock { $0 } }

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
        guard writer.bytesSinceSnapshot >= options.bytesBetweenSnapshots else { return }
        // The change itself is durable, so its caller hears of success; the failure stops the next one.
        do throws(MetadataError) { try takeSnapshot(of: next, &writer) } catch {
            log.error("The snapshot after offset \(next.offset) failed: \(error)")
        }
    }

    private func takeSnapshot(of image: ClusterImage, _ writer: inout Writer) throws(MetadataError) {
        let id = SnapshotID(offset: writer.log.nextOffset, epoch: image.epoch)
        guard writer.log.snapshots.last != id else { return }
        let bytes = try Snapshot.encode(
            image, quorum: writer.quorum, epoch: id.epoch, now: clock.timestamp.milliseconds,
            batchBytesMax: options.batchBytesMax)
        try guarding(&writer) { writer throws(MetadataError) in try writer.log.addSnapshot(bytes, id: id) }
        writer.bytesSinceSnapshot = 0
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

extension EmbeddedStore {
    /// Opens the log below `logDirectory`, or creates it from `bootstrap.checkpoint`, and begins to lead it.
    ///
    /// What an interrupted commit left behind the last whole one is cut off, a damaged snapshot is made up for by the
    /// one before, and anything else that is damaged is refused, naming the file.
    public static func open(
        logDirectory: String, nodeID: BrokerID, clusterID: String, directoryID: UUID = .zero,
        options: Options = Options(), disk: Disk = .real, clock: Clock = .system
    ) throws(MetadataError) -> EmbeddedStore {
        let log = Log("Metadata", prefix: "[Node id=\(nodeID)]")
        let directory = MetadataDirectory(logDirectory: logDirectory, disk: disk)
        try create(directory)
        let loaded = try MetadataLog.load(directory, clusterID: clusterID)
        report(loaded, directory, to: log)
        let bootstrap = try Bootstrap.read(logDirectory: logDirectory, disk: disk)
        let state = try quorumState(directory, log)
        try check(state, loaded.replay.quorum, nodeID: nodeID)

        try MetadataLog.repair(directory, loaded)
        // The epoch is remembered before anything is written in it: it must never be used twice.
        let epoch = max(loaded.lastEpoch, state?.epoch ?? 0) + 1
        let next = QuorumState(
            leader: nodeID, epoch: epoch, voters: [nodeID],
            version: loaded.replay.quorum.kraftVersion > 0 ? 1 : state?.version ?? 0)
        try io(try disk.replaceContents(of: directory.quorumState, with: Array(next.text.utf8)))
        var files = try MetadataLog(
            directory: directory, segments: loaded.segments, snapshots: loaded.snapshots,
            nextOffset: loaded.nextOffset, epoch: epoch, epochs: loaded.epochs)
        let replay = try lead(
            &files, loaded.replay, bootstrap: bootstrap, nodeID: nodeID, directoryID: directoryID, options: options,
            now: clock.timestamp.milliseconds)
        let writer = Writer(
            log: files, quorum: replay.quorum, bytesSinceSnapshot: loaded.bytesSinceSnapshot, failure: nil)
        return EmbeddedStore(writer, image: replay.image, options: options, clock: clock, log: log)
    }

    /// What a log says, without touching it.
    public static func read(
        logDirectory: String, clusterID: String, disk: Disk = .real
    ) throws(MetadataError) -> ClusterImage {
        try MetadataLog.load(MetadataDirectory(logDirectory: logDirectory, disk: disk), clusterID: clusterID).replay
            .image
    }

    private static func create(_ directory: MetadataDirectory) throws(MetadataError) {
        let disk = directory.disk
        do throws(SystemError) {
            if !disk.exists(directory.path) {
                try disk.makeDirectories(directory.path)
                if let slash = directory.path.lastIndex(of: "/") {
                    try disk.synchronizeDirectory(String(directory.path[..<slash]))
                }
            }
            guard !disk.exists(directory.partitionMetadata) else { return }
            let text = PartitionMetadata(topicID: .metadataTopic).text
            try disk.replaceContents(of: directory.partitionMetadata, with: Array(text.utf8))
        } catch {
            throw .io(error)
        }
    }

    private static func report(_ loaded: MetadataLog.Loaded, _ directory: MetadataDirectory, to log: Log) {
        for (id, reason) in loaded.damagedSnapshots {
            log.warn("Removing the metadata snapshot \(id), which the log makes up for: \(reason)")
        }
        if let cut = loaded.cut {
            log.warn(
                "Cutting off what an interrupted write left in \(directory.segment(cut.segment)) "
                    + "from byte \(cut.position)")
        }
        for base in loaded.outdated {
            log.warn("Removing \(directory.segment(base)), which ends before the newest snapshot")
        }
    }

    private static func quorumState(_ directory: MetadataDirectory, _ log: Log) throws(MetadataError) -> QuorumState? {
        guard directory.disk.exists(directory.quorumState) else { return nil }
        let bytes = try io(try directory.disk.contents(of: directory.quorumState))
        let state = QuorumState(String(decoding: bytes, as: UTF8.self))
        // Every epoch that wrote anything is in the log too.
        if state == nil { log.warn("Writing \(directory.quorumState) anew: it cannot be read") }
        return state
    }

    private static func check(
        _ state: QuorumState?, _ quorum: QuorumFeatures, nodeID: BrokerID
    ) throws(MetadataError) {
        let voters = quorum.voters.map { $0.voters.map { BrokerID($0.voterId) } } ?? state?.voters ?? []
        guard voters.isEmpty || voters == [nodeID] else {
            let names = voters.map(\.description).joined(separator: ", ")
            throw .inconsistent(
                "the log belongs to a quorum of the nodes \(names), but node \(nodeID) is to lead it alone")
        }
    }

    /// Announces the new epoch, ends what the last leader left open, and gives an empty log its first records.
    private static func lead(
        _ files: inout MetadataLog, _ loaded: MetadataReplay, bootstrap: [MetadataRecord]?, nodeID: BrokerID,
        directoryID: UUID, options: Options, now: Int64
    ) throws(MetadataError) -> MetadataReplay {
        var replay = loaded
        let start = files.nextOffset
        var batches = MetadataBatchWriter(
            nextOffset: start, epoch: files.epoch, timestamp: now, batchBytesMax: options.batchBytesMax)
        try batches.appendControl([
            (.leaderChange, leaderChange(nodeID, directoryID, kraftVersion: replay.quorum.kraftVersion))
        ])
        var first: [MetadataRecord] = []
        if replay.transaction != nil {
            var abort = AbortTransactionRecord()
            abort.reason = "the leader stopped before it was complete"
            first.append(.abortTransaction(abort))
        }
        if replay.image.features[MetadataVersion.featureName] == nil {
            first += bootstrap ?? Bootstrap.records(.formatted)
            var state = ZkMigrationRecord()
            state.zkMigrationState = 0
            first.append(.zooKeeperMigrationState(state))
        }
        if !first.isEmpty { try batches.append(first, under: replay.image.metadataVersion) }

        var position = 0
        while position < batches.bytes.count {
            let rest = batches.bytes.bytes.extracting(droppingFirst: position)
            let header: BatchHeader
            do throws(RecordError) { header = try BatchHeader(rest) } catch { throw .inconsistent(error.description) }
            try replay.take(rest.extracting(first: header.sizeInBytes), header, from: 0)
            position += header.sizeInBytes
        }
        try files.append(
            batches.bytes.bytes, nextOffset: batches.nextOffset, segmentBytesMax: options.segmentBytesMax)
        try files.beginEpoch(at: start)
        return replay
    }

    private static func leaderChange(_ leader: BrokerID, _ directoryID: UUID, kraftVersion: Int16) -> [UInt8] {
        var voter = LeaderChangeMessage.Voter()
        voter.voterId = leader.rawValue
        voter.voterDirectoryId = directoryID
        var message = LeaderChangeMessage()
        message.version = kraftVersion > 0 ? 1 : 0
        message.leaderId = leader.rawValue
        message.voters = [voter]
        message.grantingVoters = [voter]
        return message.encoded(version: message.version)
    }
}
