import CLinux
import Glibc
import Posix
import Synchronization
import Telemetry
import Timing

/// The thread of one listener: it accepts, applies the limits, and hands each socket to a loop.
final class Acceptor: Sendable {
    let listener: ListenerConfiguration
    let socket: ListenSocket
    private let limits: ConnectionLimits
    private let assign: @Sendable (AcceptedSocket) -> Void
    private let clock: Clock
    private let stopping: WakeDescriptor
    private let accepted: Counter
    private let refused: Counter
    private let refusedLines = LineLimiter()
    private let failureLines = LineLimiter()
    private let thread = Guarded<Thread?>(nil)
    private let isStopped = Atomic(false)

    private static let pauseMilliseconds: CInt = 250

    init(
        listener: ListenerConfiguration, socket: ListenSocket, limits: ConnectionLimits, clock: Clock,
        metrics: Metrics, assign: @escaping @Sendable (AcceptedSocket) -> Void
    ) throws(NetworkError) {
        self.listener = listener
        self.socket = socket
        self.limits = limits
        self.clock = clock
        self.assign = assign
        stopping = try WakeDescriptor()
        accepted = metrics.counter(
            "skafka_network_connections_accepted_total", labels: ["listener": listener.name],
            help: "Connections that were let in.")
        refused = metrics.counter(
            "skafka_network_connections_refused_total", labels: ["listener": listener.name],
            help: "Connections that were closed at once because of a limit.")
    }

    func start() {
        thread.withLock { $0 = Thread(name: "acceptor", stackBytes: 256 * 1024) { [self] in run() } }
    }

    /// Stops listening; connections that were accepted stay.
    func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        stopping.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
        close(socket.descriptor)
    }

    private func run() {
        while !isStopped.load(ordering: .acquiring) {
            var entries = (
                pollfd(fd: socket.descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0)
            )
            withUnsafeMutablePointer(to: &entries) { pointer in
                pointer.withMemoryRebound(to: pollfd.self, capacity: 2) { _ = poll($0, 2, -1) }
            }
            acceptAll()
        }
    }

    private func acceptAll() {
        while !isStopped.load(ordering: .relaxed) {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    linux_accept4(socket.descriptor, $0, &length, flags)
                }
            }
            if descriptor >= 0 {
                admit(descriptor, PeerAddress(storage))
                continue
            }
            switch errno {
            case EAGAIN: return
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                // The connection stays in the backlog, so the listener stays ready: without a pause this would spin.
                let reason = Errno.last
                failureLines.admit(clock.now) { remark in
                    log.error("Listener \(listener.name) cannot accept, pausing: \(reason)\(remark)")
                }
                stopping.wait(milliseconds: Self.pauseMilliseconds)
                return
            case EBADF, EINVAL, ENOTSOCK:
                log.error("Listener \(listener.name) ended: \(Errno.last)")
                isStopped.store(true, ordering: .releasing)
                return
            default:
                // The peer was gone before it was accepted, or a signal came.
                continue
            }
        }
    }

    private func admit(_ descriptor: CInt, _ peer: PeerAddress) {
        let reason: String
        switch limits.admit(peer.host) {
        case .admitted:
            accepted.add()
            assign(
                AcceptedSocket(
                    descriptor: descriptor, peer: peer, listenerName: listener.name, localPort: socket.address.port))
            return
        case .tooMany(let limit): reason = "the limit of \(limit) connections is reached"
        case .tooManyOfAddress(let limit): reason = "its address has \(limit) connections, as many as it may"
        }
        refused.add()
        close(descriptor)
        refusedLines.admit(clock.now) { remark in
            log.warn("Refused connection of \(peer) on \(listener.name): \(reason)\(remark)")
        }
    }
}
