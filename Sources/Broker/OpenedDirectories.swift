import Bytes
import Configuration
import Controller
import KafkaModel
import Metadata
import Posix
import Storage
import Telemetry
import Timing

/// What to do with log directories that no broker has used yet.
public enum UnformattedDirectories: Sendable {
    /// Make them this broker's: what a developer expects of a start without a configuration file.
    case format
    /// Stop: where somebody wrote a configuration, an empty directory is more likely a disk that is not mounted.
    case refuse
}

/// The way from a configuration to open directories: locked, recognised, with the metadata read, this broker
/// registered in it, and every log found.
struct OpenedDirectories {
    let directories: LogDirectories
    let cluster: ClusterState
    /// When a broker last wrote a checkpoint here; nil when there was none.
    let lastWrite: Timestamp?

    init(
        _ configuration: BrokerConfiguration, _ settings: Settings, unformatted: UnformattedDirectories, clock: Clock,
        log: Log, failures: LogFailures, disk: Disk
    ) throws(BrokerStartError) {
        let (directories, identity) = try Self.identify(configuration, unformatted, clock, log, disk)
        self.directories = directories
        do throws(StorageError) { lastWrite = try directories.lastWrite } catch { throw BrokerStartError(error) }
        try Self.requireMetadata(configuration, directories)
        directories.onFailure { path, error in failures.report(error, directory: path) }
        let store: EmbeddedStore
        do throws(MetadataError) {
            store = try EmbeddedStore.open(
                logDirectory: configuration.metadataLogDirectory, nodeID: configuration.nodeID,
                clusterID: identity.clusterID ?? "", directoryID: identity.directoryID ?? .zero,
                options: EmbeddedStore.Options(configuration), disk: disk, clock: clock)
        } catch {
            throw BrokerStartError(error)
        }
        let missing = Self.leaveOutMissing(directories, registered: store.image.brokers[configuration.nodeID])
        try Self.register(configuration, directories, missing: missing, in: store, settings)
        cluster = ClusterState(store: store, log: log)
        let image = store.image
        settings.adopt(image, nodeID: configuration.nodeID)
        do throws(StorageError) {
            try directories.open(nodeID: configuration.nodeID.rawValue, clusterID: image.clusterID) { topic in
                PartitionSettings(settings.topic(image.config(.topic(topic))), broker: settings.current).log
            }
        } catch {
            throw BrokerStartError(error)
        }
    }

    /// Locks the directories and finds out whose they are; new ones become ours, if that is allowed.
    private static func identify(
        _ configuration: BrokerConfiguration, _ unformatted: UnformattedDirectories, _ clock: Clock, _ log: Log,
        _ disk: Disk
    ) throws(BrokerStartError) -> (LogDirectories, MetaProperties) {
        let paths = configuration.logDirectories
        func lock() throws(BrokerStartError) -> (LogDirectories, MetaProperties?) {
            let directories = LogDirectories(
                paths: paths, disk: disk, clock: clock,
                loadingThreads: configuration.recoveryThreadsPerDirectory * paths.count,
                recoveredLaterBytesMax: Recovery.laterBytesMax)
            do throws(StorageError) {
                return (directories, try directories.identify())
            } catch {
                guard error.endsDirectory else { throw BrokerStartError(error) }
                throw BrokerStartError(
                    "Invalid value \(paths.joined(separator: ",")) for configuration log.dirs: \(error)")
            }
        }
        do {
            let (held, identity) = try lock()
            if identity == nil { try format(configuration, unformatted, clock, log) }
            withExtendedLifetime(held) {}
        }
        let (directories, identity) = try lock()
        guard let identity else {
            throw BrokerStartError("The directories lost their meta.properties while they were read")
        }
        guard identity.nodeID == configuration.nodeID.rawValue else {
            throw BrokerStartError(
                "Invalid value \(configuration.nodeID) for configuration node.id: the log directories belong to node "
                    + "\(identity.nodeID.map(String.init) ?? "unknown") (meta.properties)")
        }
        return (directories, identity)
    }

    /// The metadata log lies in the first directory. Where that is empty and others are not, a disk is more likely not
    /// mounted than new: an empty metadata log would make every partition a stray.
    private static func requireMetadata(
        _ configuration: BrokerConfiguration, _ directories: LogDirectories
    ) throws(BrokerStartError) {
        let path = configuration.metadataLogDirectory
        if let reason = directories.offlineDirectories[path] {
            throw BrokerStartError("The directory \(path) of the metadata log cannot be used: \(reason)")
        }
        guard directories.unsignedDirectories.contains(path) else { return }
        throw BrokerStartError(
            "The directory \(path) of the metadata log has no meta.properties, but other directories of log.dirs have: "
                + "is its disk mounted? Format it with 'skafka storage format --ignore-formatted' if it is new.")
    }

    /// A directory of this broker that is not there, and an empty one in its place: the disk is not mounted. Logs that
    /// are made anew in the empty one would hide those on the disk, so it is left out. Returns the ids that are missing,
    /// so that the next start knows of them too.
    private static func leaveOutMissing(
        _ directories: LogDirectories, registered: BrokerRegistration?
    ) -> [UUID] {
        let present = Set(directories.directoryIDs.values)
        let missing = (registered?.logDirectories ?? []).filter { !present.contains($0) }
        guard !missing.isEmpty else { return [] }
        for path in directories.unsignedDirectories {
            let names = missing.map(\.description).joined(separator: ", ")
            directories.takeOffline(
                path,
                reason: "it has no meta.properties, and the directory \(names) of this broker is missing: is its disk "
                    + "mounted?")
        }
        return directories.offlineDirectories.isEmpty ? [] : missing
    }

    private static func format(
        _ configuration: BrokerConfiguration, _ unformatted: UnformattedDirectories, _ clock: Clock, _ log: Log
    ) throws(BrokerStartError) {
        let paths = configuration.logDirectories
        guard case .format = unformatted else {
            throw BrokerStartError(
                "No readable meta.properties files found. Format the directories with 'skafka storage format', or "
                    + "check that log.dirs=\(paths.joined(separator: ",")) is what you meant.")
        }
        for path in paths {
            let name: String?
            do throws(StorageError) { name = try LogDirectories.partition(in: path) } catch {
                throw BrokerStartError(error)
            }
            guard let name else { continue }
            throw BrokerStartError(
                "The directory \(path) holds logs (\(name)) but no meta.properties, which says to which cluster they "
                    + "belong: bring the file back, or write it with 'skafka storage format'.")
        }
        let request = Formatting.Request(nodeID: configuration.nodeID)
        do throws(MetadataError) {
            try Formatting.format(paths, request, formatted: .leave, now: clock.timestamp)
        } catch {
            throw BrokerStartError(error)
        }
        log.info("Formatted \(paths.joined(separator: ", ")) for the new cluster \(request.clusterID)")
    }

    /// Writes into the metadata that this broker is here, with which listeners, and that it leads its partitions in a
    /// new epoch.
    private static func register(
        _ configuration: BrokerConfiguration, _ directories: LogDirectories, missing: [UUID],
        in store: EmbeddedStore, _ settings: Settings
    ) throws(BrokerStartError) {
        let endpoints = configuration.advertisedListeners.map { listener in
            BrokerRegistration.Endpoint(name: listener.name, host: listener.host, port: listener.port)
        }
        var refused: Refusal?
        do throws(MetadataError) {
            refused = try store.change { image -> (records: [MetadataRecord], result: Refusal?) in
                let start = BrokerStart(
                    id: configuration.nodeID, clusterID: image.clusterID, incarnationID: .random(),
                    endpoints: endpoints, rack: configuration.rack,
                    logDirectories: (directories.directoryIDs.values + missing).sorted())
                do throws(Refusal) {
                    let records = try BrokerChanges.start(
                        start, in: image, nextOffset: image.offset + 1,
                        isUncleanElectionEnabled: { settings.topic(image.config(.topic($0))).uncleanLeaderElection })
                    return (records, nil)
                } catch {
                    return ([], error)
                }
            }
        } catch {
            throw BrokerStartError(error)
        }
        if let refused { throw BrokerStartError(refused) }
    }
}

extension EmbeddedStore.Options {
    fileprivate init(_ configuration: BrokerConfiguration) {
        self.init()
        segmentBytesMax = Int64(configuration.metadataSegmentBytes)
        bytesBetweenSnapshots = configuration.metadataSnapshotBytes
        let interval = configuration.metadataSnapshotInterval
        snapshotInterval = interval > .zero ? interval : nil
    }
}
