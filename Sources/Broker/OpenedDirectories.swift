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

    init(
        _ configuration: BrokerConfiguration, _ settings: Settings, unformatted: UnformattedDirectories, clock: Clock,
        log: Log, failures: LogFailures, disk: Disk
    ) throws(BrokerStartError) {
        let (directories, identity) = try Self.identify(configuration, unformatted, clock, log, disk)
        self.directories = directories
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
        try Self.register(configuration, directories, in: store, settings)
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
                loadingThreads: configuration.recoveryThreadsPerDirectory * paths.count)
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

    private static func format(
        _ configuration: BrokerConfiguration, _ unformatted: UnformattedDirectories, _ clock: Clock, _ log: Log
    ) throws(BrokerStartError) {
        let paths = configuration.logDirectories
        guard case .format = unformatted else {
            throw BrokerStartError(
                "No readable meta.properties files found. Format the directories with 'skafka storage format', or "
                    + "check that log.dirs=\(paths.joined(separator: ",")) is what you meant.")
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
        _ configuration: BrokerConfiguration, _ directories: LogDirectories, in store: EmbeddedStore,
        _ settings: Settings
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
                    logDirectories: directories.directoryIDs.values.sorted())
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
