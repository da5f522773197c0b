import CLinux
import Glibc
import Posix

/// Looks which servers of an ensemble can be connected to. The library tries all of them for ever and does not tell why
/// none answers, so whoever wants to know has to look before.
struct ServerProbe {
    let address: EnsembleAddress
    let timeoutMs: Int64

    /// Those whose names mean something, if one of them accepts a connection.
    func resolvedServers() throws(ZooKeeperError) -> [EnsembleAddress.Server] {
        var resolved: [EnsembleAddress.Server] = []
        var failure = ZooKeeperError.Reason.unknownHost("no server is named")
        var isReachable = false
        for server in address.servers {
            switch look(at: server) {
            case .success(let accepted):
                resolved.append(server)
                isReachable = isReachable || accepted == nil
                if let accepted { failure = .unreachable(accepted) }
            case .failure(let unknown):
                if resolved.isEmpty { failure = .unknownHost(unknown.text) }
            }
        }
        guard isReachable else { throw ZooKeeperError(address, failure) }
        return resolved
    }

    private struct Unknown: Error {
        let text: String
    }

    /// Why no address of the server accepts a connection; nil when one does.
    private func look(at server: EnsembleAddress.Server) -> Result<Errno?, Unknown> {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(server.host, String(server.port), &hints, &list)
        guard code == 0 else {
            return .failure(Unknown(text: "\(server.host): \(String(cString: gai_strerror(code)))"))
        }
        defer { freeaddrinfo(list) }
        var last = Errno(EADDRNOTAVAIL)
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            guard let failure = connect(info) else { return .success(nil) }
            last = failure
        }
        return .success(last)
    }

    private func connect(_ info: addrinfo) -> Errno? {
        let descriptor = socket(
            info.ai_family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0 else { return .last }
        defer { close(descriptor) }
        if Glibc.connect(descriptor, info.ai_addr, info.ai_addrlen) == 0 { return nil }
        guard errno == EINPROGRESS else { return .last }
        var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&waiting, 1, CInt(clamping: timeoutMs)) > 0 else { return Errno(ETIMEDOUT) }
        var failure: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size)
        return failure == 0 ? nil : Errno(failure)
    }
}
