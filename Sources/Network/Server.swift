import Glibc
import Posix
public import Telemetry
public import Timing

/// Listeners, acceptors and event loops: frames come in, and what the handler puts into a connection's output goes
/// out. It knows nothing of what frames mean.
///
/// Life: `start`; then, to end well, `stopAccepting`, `drain`, `stop`; `stop` alone ends at once. Whoever starts a
/// server stops it.
public final class Server: Sendable {
    private struct State {
        var acceptors: [Acceptor] = []
        var loops: [EventLoop] = []
        /// New connections go to the first so many loops.
        var assigned = 0
        var next = 0
        var isStopped = false
    }

    private let configuration: ServerConfiguration
    private let clock: Clock
    private let metrics: Metrics
    private let settings: LoopSettings
    private let state = Guarded(State())

    /// `describe` tells for the log what bytes look like that cannot be a frame.
    public init(
        configuration: ServerConfiguration, clock: Clock, metrics: Metrics,
        describe: (@Sendable (RawSpan) -> String)? = nil, handler: @escaping FrameHandler
    ) {
        self.configuration = configuration
        self.clock = clock
        self.metrics = metrics
        let limits = ConnectionLimits(
            totalMax: configuration.connectionsMax, perAddressMax: configuration.connectionsPerAddressMax,
            overrides: configuration.perAddressOverrides)
        settings = LoopSettings(
            handler: handler, describe: describe ?? { ForeignProtocol.describe($0) },
            frameBytesMax: configuration.frameBytesMax, idleTimeout: configuration.idleTimeout,
            memory: RequestMemory(limit: configuration.requestMemoryBytesMax), limits: limits,
            closeLines: LineLimiter())
        metrics.gauge("skafka_network_connections", help: "Open connections.") { Double(limits.total) }
    }

    /// The loops, for those who schedule on them. Empty before `start`.
    public var loops: [EventLoop] { state.withLock { $0.loops } }

    public var connectionCount: Int { settings.limits.total }

    /// Binds every listener, then accepts on all of them; or throws, and nothing listens.
    public func start() throws(NetworkError) -> [BoundAddress] {
        // `sendfile` has no flag against it: without this a peer that hangs up would end the process.
        signal(SIGPIPE, SIG_IGN)
        var sockets: [ListenSocket] = []
        do throws(NetworkError) {
            for listener in configuration.listeners { sockets.append(try ListenSocket.open(listener)) }
            try resize(loops: configuration.loopsPerServer)
            var acceptors: [Acceptor] = []
            for (listener, socket) in zip(configuration.listeners, sockets) {
                acceptors.append(
                    try Acceptor(
                        listener: listener, socket: socket, limits: settings.limits, clock: clock, metrics: metrics
                    ) { [self] accepted in assign(accepted) })
            }
            state.withLock { $0.acceptors = acceptors }
            for acceptor in acceptors { acceptor.start() }
        } catch {
            for socket in sockets { close(socket.descriptor) }
            stop()
            throw error
        }
        return zip(configuration.listeners, sockets).map { listener, socket in
            BoundAddress(listenerName: listener.name, host: socket.address.host, port: socket.address.port)
        }
    }

    /// Changes how many loops take new connections. Loops that are too many keep those they have.
    public func resize(loops count: Int) throws(NetworkError) {
        let count = max(1, count)
        let first = state.withLock { $0.loops.count }
        var added: [EventLoop] = []
        while first + added.count < count {
            added.append(
                try EventLoop(index: first + added.count, clock: clock, settings: settings, metrics: metrics))
        }
        for loop in added { loop.start() }
        state.withLock { state in
            state.loops += added
            state.assigned = min(count, state.loops.count)
        }
    }

    public func resize(connectionsMax: Int, perAddressMax: Int, perAddressOverrides: [String: Int]) {
        settings.limits.reconfigure(
            totalMax: connectionsMax, perAddressMax: perAddressMax, overrides: perAddressOverrides)
    }

    private func assign(_ accepted: AcceptedSocket) {
        let loop = state.withLock { state -> EventLoop? in
            guard state.assigned > 0, !state.isStopped else { return nil }
            state.next = (state.next + 1) % state.assigned
            return state.loops[state.next]
        }
        guard let loop else {
            close(accepted.descriptor)
            settings.limits.release(accepted.peer.host)
            return
        }
        loop.execute { loop.adopt(accepted) }
    }

    public func stopAccepting() {
        let acceptors = state.withLock { state in
            defer { state.acceptors = [] }
            return state.acceptors
        }
        for acceptor in acceptors { acceptor.stop() }
    }

    /// Handles no new frame and lets answers leave, those of parked frames too; false when time ran out first.
    public func drain(within timeout: Duration) -> Bool {
        let loops = loops
        let open = Monitor(loops.count)
        for loop in loops {
            loop.drain { open.update { $0 -= 1 } }
        }
        return open.wait(milliseconds: timeout.wholeMilliseconds) { $0 == 0 ? true : nil } ?? false
    }

    /// Closes everything and joins every thread. Not to be called on a loop.
    public func stop() {
        stopAccepting()
        let loops = state.withLock { state in
            state.isStopped = true
            defer {
                state.loops = []
                state.assigned = 0
            }
            return state.loops
        }
        for loop in loops { loop.stop() }
    }
}
