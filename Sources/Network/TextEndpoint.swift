import CLinux
import Glibc
import Posix
import Synchronization
import Telemetry
public import Timing

/// A tiny HTTP/1.1 server for one text, such as the metrics: GET and HEAD, one answer a connection, one thread. It
/// has no authentication, so the caller binds it to loopback unless told otherwise. Requests are bounded in size and
/// time and connections in number.
public final class TextEndpoint: Sendable {
    public typealias Render = @Sendable () -> (contentType: String, body: String)

    private static let connectionsMax = 16
    private static let requestTimeout = Duration.seconds(5)

    private let socket: ListenSocket
    private let render: Render
    private let clock: Clock
    private let stopping: WakeDescriptor
    private let isStopped = Atomic(false)
    private let thread = Guarded<Thread?>(nil)

    /// Binds at once; serves after `start`.
    public init(host: String, port: UInt16, clock: Clock = .system, render: @escaping Render) throws(NetworkError) {
        stopping = try WakeDescriptor()
        socket = try ListenSocket.open(ListenerConfiguration(name: "metrics", host: host, port: port))
        self.clock = clock
        self.render = render
    }

    deinit { close(socket.descriptor) }

    /// Where it listens; the port is the one the system chose when it was asked to.
    public var address: PeerAddress { socket.address }

    public func start() {
        thread.withLock { thread in
            guard thread == nil else { return }
            thread = Thread(name: "metrics-http", stackBytes: 256 * 1024) { [self] in run() }
        }
    }

    public func stop() {
        isStopped.store(true, ordering: .releasing)
        stopping.signal()
        let running = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        running?.join()
    }

    private func run() {
        var exchanges: [HTTPExchange] = []
        var entries: [pollfd] = []
        while !isStopped.load(ordering: .acquiring) {
            let acceptable = exchanges.count < Self.connectionsMax
            entries.removeAll(keepingCapacity: true)
            entries.append(pollfd(fd: stopping.descriptor, events: Int16(POLLIN), revents: 0))
            entries.append(pollfd(fd: acceptable ? socket.descriptor : -1, events: Int16(POLLIN), revents: 0))
            for exchange in exchanges {
                let events = Int16(exchange.isAnswering ? POLLOUT : POLLIN)
                entries.append(pollfd(fd: exchange.descriptor, events: events, revents: 0))
            }
            // With somebody connected the deadlines are looked at once a second; alone it sleeps for ever.
            _ = poll(&entries, nfds_t(entries.count), exchanges.isEmpty ? -1 : 1000)
            let now = clock.now
            for index in exchanges.indices.reversed() {
                if entries[index + 2].revents != 0 { exchanges[index].advance(respond) }
                if exchanges[index].isOver || exchanges[index].deadline <= now {
                    close(exchanges[index].descriptor)
                    exchanges.remove(at: index)
                }
            }
            if entries[1].revents != 0 { accept(&exchanges, now) }
        }
        for exchange in exchanges { close(exchange.descriptor) }
    }

    private func accept(_ exchanges: inout [HTTPExchange], _ now: Instant) {
        let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = linux_accept4(socket.descriptor, nil, nil, flags)
        if descriptor >= 0 {
            exchanges.append(HTTPExchange(descriptor: descriptor, deadline: now + Self.requestTimeout))
        } else if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
            stopping.wait(milliseconds: 250)
        }
    }

    private func respond(_ request: HTTPRequest) -> [UInt8] {
        switch request {
        case .get(let path, let wantsBody):
            guard path == "/metrics" || path == "/" else { return response("404 Not Found", "not found\n") }
            let (contentType, body) = render()
            return response("200 OK", body, contentType: contentType, isShown: wantsBody)
        case .otherMethod:
            return response("405 Method Not Allowed", "only GET and HEAD\n", extra: "Allow: GET, HEAD\r\n")
        case .tooLarge: return response("431 Request Header Fields Too Large", "request too large\n")
        case .malformed: return response("400 Bad Request", "not HTTP\n")
        }
    }

    private func response(
        _ status: String, _ body: String, contentType: String = "text/plain; charset=utf-8", extra: String = "",
        isShown: Bool = true
    ) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: \(contentType)\r\nContent-Length: \(body.utf8.count)\r\n"
            + "\(extra)Connection: close\r\n\r\n"
        return Array((isShown ? head + body : head).utf8)
    }
}
