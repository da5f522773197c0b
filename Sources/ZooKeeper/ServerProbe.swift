import CLinux
import Glibc
import Posix
import Timing

/// Looks which servers of an ensemble can be connected to. The library tries all of them for ever and does not tell why
/// none answers, so whoever wants to know has to look before. All are tried at the same time: those that are gone take no
/// longer together than one of them.
struct ServerProbe {
    let address: EnsembleAddress
    let timeoutMs: Int64

    /// Those whose names mean something, if one of them accepts a connection.
    func resolvedServers() throws(ZooKeeperError) -> [EnsembleAddress.Server] {
        var resolved: [EnsembleAddress.Server] = []
        var unknown = "no server is named"
        var attempts: [ConnectionAttempt] = []
        for server in address.servers {
            switch begin(server) {
            case .success(let begun):
                resolved.append(server)
                attempts += begun
            case .failure(let failure): unknown = failure.text
            }
        }
        guard !resolved.isEmpty else { throw ZooKeeperError(address, .unknownHost(unknown)) }
        if let failure = whyUnreachable(attempts) { throw ZooKeeperError(address, .unreachable(failure)) }
        return resolved
    }

    private struct Unknown: Error {
        let text: String
    }

    /// Begins to connect to every address of a server.
    private func begin(_ server: EnsembleAddress.Server) -> Result<[ConnectionAttempt], Unknown> {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(server.host, String(server.port), &hints, &list)
        guard code == 0 else {
            return .failure(Unknown(text: "\(server.host): \(String(cString: gai_strerror(code)))"))
        }
        defer { freeaddrinfo(list) }
        var attempts: [ConnectionAttempt] = []
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            attempts.append(ConnectionAttempt(info))
        }
        return .success(attempts)
    }

    /// Waits for the first that is accepted. Why none is; nil when one is.
    private func whyUnreachable(_ attempts: [ConnectionAttempt]) -> Errno? {
        let deadline = Clock.system.now + .milliseconds(timeoutMs)
        while !attempts.contains(where: { $0.state == .accepted }) {
            let open = attempts.filter { $0.state == .underWay }
            guard !open.isEmpty else { break }
            var waiting = open.map { pollfd(fd: $0.descriptor, events: Int16(POLLOUT), revents: 0) }
            let left = max(0, (deadline - Clock.system.now).wholeMilliseconds)
            let count = poll(&waiting, nfds_t(waiting.count), CInt(clamping: left))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return Errno(ETIMEDOUT) }
            for (attempt, entry) in zip(open, waiting) where entry.revents != 0 { attempt.look() }
        }
        return attempts.contains { $0.state == .accepted }
            ? nil : attempts.compactMap(\.failure).last ?? Errno(EADDRNOTAVAIL)
    }
}

/// A connection to one address that is being made, to see whether it can be.
private final class ConnectionAttempt {
    enum State: Equatable {
        case underWay
        case accepted
        case failed(Errno)
    }

    let descriptor: CInt
    private(set) var state = State.underWay

    var failure: Errno? { if case .failed(let failure) = state { failure } else { nil } }

    init(_ info: addrinfo) {
        descriptor = socket(
            info.ai_family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        if descriptor < 0 {
            state = .failed(.last)
        } else if connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 {
            state = .accepted
        } else if errno != EINPROGRESS {
            state = .failed(.last)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The descriptor has news.
    func look() {
        var failure: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        state = failure == 0 ? .accepted : .failed(Errno(failure))
    }
}
