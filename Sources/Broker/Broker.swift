import Bytes
public import Configuration
import Controller
import KafkaModel
import KafkaProtocol
import Metadata
import Network
import Posix
import Replication
import Storage
import Synchronization
import Telemetry
public import Timing

/// One Kafka broker in this process. It owns everything that runs: the log directories, the metadata store, the
/// sockets and the threads; `shutDown` ends them in the reverse order.
///
/// The way of a request: `Network` reads a frame on an event loop and calls `Dispatch`, which decodes the header and
/// finds the API's handler. Handlers that cannot block answer on the loop, the others on a thread of the request
/// channel. Records stay bytes in the frame until `Partition` gives them to its log. Where a topic wants them on the device
/// before they are acknowledged, a thread of the directory's `Flusher` waits for it.
///
/// Locks are taken in the order of `LockRank` only: the metadata change, the fetch sessions, one session, one shard of
/// a coordinator, one partition. Two partitions are never locked at once, nor two shards.
public final class Broker: Sendable {
    /// What the start was given. Settings that can change while the broker runs are read from `settings`.
    let configuration: BrokerConfiguration
    let settings: Settings
    let clock: Clock
    let metrics = Metrics()
    let id: BrokerID
    let log: Log
    let openFilesMax: Int
    let clockWatch: Guarded<ClockWatch>

    /// The cluster's metadata and the only way to change it.
    let cluster: ClusterState
    let directories: LogDirectories
    let logFailures = LogFailures()
    /// By the path of the log directory.
    let homes: [String: PartitionHome]
    let topics = TopicTable()
    let mover: ReplicaMover
    let moveRequests = Lock(rank: LockRank.moveRequest)
    let fetchSessions: FetchSessions
    let producerIDs: ProducerIDs
    let channel: RequestChannel
    let groups: GroupCoordinators

    private let shuttingDown = Atomic(false)

    private let doom = Guarded(Doom())

    /// Why the broker can do nothing for anybody any more, and whom to tell.
    private struct Doom {
        var reason: String?
        var listener: (@Sendable (String) -> Void)?
    }

    /// What exists only between start and shutdown.
    private let running = Guarded<Running?>(nil)

    private struct Running {
        var server: Server
        var upkeep: Upkeep
        var recovery: Recovery?
        var cleaner: LogCleaner
        var metricsEndpoint: TextEndpoint?
        var bound: [BoundAddress]
    }

    var clusterID: String { cluster.image.clusterID }

    /// Fetches that wait for records are answered with what there is.
    var isShuttingDown: Bool { shuttingDown.load(ordering: .acquiring) }

    /// Opens the directories, or formats them when they are new and `unformatted` allows it, and loads what they hold.
    /// Nothing listens yet.
    public convenience init(
        configuration: BrokerConfiguration, clock: Clock = .system, unformatted: UnformattedDirectories = .refuse
    ) throws(BrokerStartError) {
        try self.init(configuration: configuration, clock: clock, unformatted: unformatted, disk: .real)
    }

    init(
        configuration: BrokerConfiguration, clock: Clock, unformatted: UnformattedDirectories, disk: Disk
    ) throws(BrokerStartError) {
        self.configuration = configuration
        self.clock = clock
        id = configuration.nodeID
        log = Log("Broker", prefix: "[BrokerServer id=\(configuration.nodeID)]")
        log.info("Transition from SHUTDOWN to STARTING")
        openFilesMax = OpenFileLimit.raise()
        settings = Settings(configuration, log: log)
        channel = RequestChannel(threads: configuration.ioThreads, capacity: configuration.queuedRequestsMax)
        fetchSessions = FetchSessions(slots: configuration.fetchSessionsMax)
        let opened = try OpenedDirectories(
            configuration, settings, unformatted: unformatted, clock: clock, log: log,
            failures: logFailures, disk: disk)
        directories = opened.directories
        clockWatch = Guarded(ClockWatch(lastWrite: opened.lastWrite, now: clock.now, wall: clock.timestamp))
        cluster = opened.cluster
        homes = Self.homes(of: opened.directories, clock)
        let (cluster, id) = (opened.cluster, self.id)
        producerIDs = ProducerIDs { cluster.reserveProducerIDs(for: id) }
        channel.resize(threads: settings.current.ioThreads)
        groups = GroupCoordinators(
            configuration, cluster: opened.cluster, channel: channel, clock: clock, metrics: metrics)
        mover = ReplicaMover(
            directories: opened.directories, threads: configuration.directoryMoveThreads, clock: clock,
            metrics: metrics,
            log: log
        ) { [settings] in settings.current.directoryMoveBytesPerSecond }
        mover.whenArrived { [weak self] partition in self?.recordDirectories(of: [partition]) }
        serveImage()
        groups.adopt(settings.current.groups)
        resumeMoves()
        recordDirectories(of: topics.partitions)
        cluster.setApplier { [weak self] records, before, after in
            self?.apply(records, before: before, after: after)
        }
        logFailures.whenReported { [weak self] error, directory in
            guard let self else { return }
            _ = channel.submit(isUrgent: true) {
                if error.isShortOfFiles { self.closeFiles(.urgent) } else { self.directoryFailed(directory, error) }
            }
        }
        cluster.whenStoreFails { [weak self] reason in self?.doomed("the metadata log has failed: \(reason)") }
    }

    /// Serves clients from when this returns.
    public func start() throws(BrokerStartError) {
        let dispatch = Dispatch(broker: self, metrics: metrics)
        let server = Server(configuration: settings.current.serverConfiguration, clock: clock, metrics: metrics) {
            frame, connection in
            dispatch.handle(&frame, connection)
        }
        do throws(NetworkError) {
            let bound = try server.start()
            let endpoint = try startMetrics()
            let upkeep = Upkeep(upkeepTasks, clock: clock)
            let recovery = recovery
            let cleaner = LogCleaner(
                topics: topics, directories: directories, clock: clock, metrics: metrics, log: log
            ) { [settings] in settings.current.cleaner }
            cleaner.adoptSettings()
            mover.begin()
            groups.begin()
            running.withLock {
                $0 = Running(
                    server: server, upkeep: upkeep, recovery: recovery, cleaner: cleaner, metricsEndpoint: endpoint,
                    bound: bound)
            }
            for address in bound {
                // Kafka's word for every address of both families, which scripts wait for.
                let host = address.host == "::" ? "0.0.0.0" : address.host
                log.info(
                    "Awaiting socket connections on \(PeerAddress(host: host, port: address.port)). "
                        + "listener=\(address.listenerName)")
            }
        } catch {
            server.stop()
            throw BrokerStartError(error)
        }
        log.info("Transition from STARTING to STARTED")
    }

    private func startMetrics() throws(NetworkError) -> TextEndpoint? {
        registerGauges()
        guard let address = configuration.metricsListener else { return nil }
        let endpoint = try TextEndpoint(host: address.host, port: address.port, clock: clock) { [metrics] in
            ("text/plain; version=0.0.4; charset=utf-8", metrics.prometheusText())
        }
        endpoint.start()
        log.info("Metrics are served on http://\(endpoint.address)/metrics")
        return endpoint
    }

    /// Whom to tell, once, that the broker has lost what it cannot do without: its metadata log, or all log directories.
    /// As it can keep no promise any more, not even to close its files well, the process should end without `shutDown`.
    public func whenDoomed(_ body: @escaping @Sendable (_ reason: String) -> Void) {
        let reason = doom.withLock { doom in
            if doom.reason == nil { doom.listener = body }
            return doom.reason
        }
        if let reason { body(reason) }
    }

    func doomed(_ reason: String) {
        let (isNews, listener) = doom.withLock { doom in
            defer { doom.reason = doom.reason ?? reason }
            return (doom.reason == nil, Doom(listener: doom.listener))
        }
        guard isNews else { return }
        log.fatal("Shutdown broker because \(reason)")
        listener.listener?(reason)
    }

    /// Lets answers leave, closes every connection, writes what a clean start needs, and lets go of the directories.
    public func shutDown() {
        log.info("Transition from STARTED to PENDING_SHUTDOWN")
        let ended = running.withLock { running in
            defer { running = nil }
            return running
        }
        if let ended {
            ended.server.stopAccepting()
            shuttingDown.store(true, ordering: .releasing)
            groups.stop()
            for partition in topics.partitions { partition.wakeFetches() }
            if !ended.server.drain(within: .seconds(2)) { log.warn("Some answers did not leave in time") }
            ended.server.stop()
            ended.metricsEndpoint?.stop()
            ended.upkeep.stop()
            ended.recovery?.stop()
            ended.cleaner.stop()
            mover.stop()
        }
        channel.stop()
        for home in homes.values { home.flusher.stop() }
        closeLogs()
        log.info("Transition from PENDING_SHUTDOWN to SHUTDOWN")
    }

    private static func homes(of directories: LogDirectories, _ clock: Clock) -> [String: PartitionHome] {
        var homes: [String: PartitionHome] = [:]
        for (index, path) in directories.paths.enumerated() where homes[path] == nil {
            guard let health = directories.health(of: path) else { continue }
            homes[path] = PartitionHome(
                path: path, health: health, flusher: Flusher(name: "flush-\(index)", clock: clock))
        }
        return homes
    }

    /// Where the sockets are: with port 0 the system chose.
    public var boundAddresses: [(listener: String, host: String, port: UInt16)] {
        running.withLock { $0?.bound ?? [] }.map { ($0.listenerName, $0.host, $0.port) }
    }

    /// The address of this broker that a client of a listener is told.
    func advertisedEndpoint(listener: String) -> (host: String, port: UInt16) {
        guard let advertised = configuration.advertisedListeners.first(where: { $0.name == listener }) else {
            return ("", 0)
        }
        if advertised.port != 0 { return (advertised.host, advertised.port) }
        let port = running.withLock { $0?.bound.first { $0.listenerName == listener }?.port }
        return (advertised.host, port ?? 0)
    }

    /// Hands work that may block to the request threads; the connection waits. The work returns how to answer.
    func runOnRequestThread(
        _ connection: Connection, _ work: @escaping @Sendable () -> @Sendable (Connection) -> Void
    ) -> FrameOutcome {
        let ticket = connection.ticket()
        submit(ticket) { ticket.complete(work()) }
        return .parked
    }

    /// While the queue is full (queued.max.requests) the connection is held back and its request offered again.
    func submit(_ ticket: ReplyTicket, _ work: @escaping @Sendable () -> Void) {
        guard !channel.submit(work) else { return }
        ticket.loop.schedule(after: .milliseconds(5)) { self.submit(ticket, work) }
    }

    func adoptThreadCounts() {
        let current = settings.current
        channel.resize(threads: current.ioThreads)
        guard let (server, cleaner) = running.withLock({ $0.map { ($0.server, $0.cleaner) } }) else { return }
        cleaner.adoptSettings()
        server.resize(
            connectionsMax: current.connectionsMax, perAddressMax: current.connectionsPerAddressMax,
            perAddressOverrides: current.connectionsPerAddressOverrides)
        do throws(NetworkError) {
            try server.resize(loops: current.networkThreads)
        } catch {
            log.error("The number of network threads cannot be changed: \(error)")
        }
    }
}

extension BrokerConfiguration {
    fileprivate var serverConfiguration: ServerConfiguration {
        var server = ServerConfiguration(
            listeners: listeners.map { listener in
                ListenerConfiguration(
                    name: listener.name, host: listener.host, port: listener.port, backlog: listenBacklog,
                    sendBufferBytes: sendBufferBytes, receiveBufferBytes: receiveBufferBytes)
            })
        server.loopsPerServer = networkThreads
        server.frameBytesMax = requestBytesMax
        server.requestMemoryBytesMax = queuedRequestBytesMax.map { Int($0) }
        server.connectionsMax = connectionsMax
        server.connectionsPerAddressMax = connectionsPerAddressMax
        server.perAddressOverrides = connectionsPerAddressOverrides
        server.idleTimeout = connectionIdleMax ?? .zero
        return server
    }
}
