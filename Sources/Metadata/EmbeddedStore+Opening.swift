public import Bytes
public import KafkaModel
import KafkaProtocol
import KafkaRecords
public import Posix
import Storage
import Telemetry
public import Timing

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
            log: files, quorum: replay.quorum, bytesSinceSnapshot: loaded.bytesSinceSnapshot, snapshotAt: clock.now,
            failure: nil)
        return EmbeddedStore(
            writer, image: replay.image, directoryID: directoryID, options: options, clock: clock, log: log)
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
