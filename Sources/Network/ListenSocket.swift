import CLinux
import Glibc
import Posix

/// A bound, listening, non-blocking socket. What is set here is inherited by every connection it accepts.
struct ListenSocket {
    let descriptor: CInt
    let address: PeerAddress

    static func open(_ listener: ListenerConfiguration) throws(NetworkError) -> ListenSocket {
        let candidates =
            listener.host.isEmpty
            ? ResolvedAddress.any(port: listener.port)
            : try ResolvedAddress.all(host: listener.host, port: listener.port)
        var last = Errno(EADDRNOTAVAIL)
        // Only a family that the machine lacks lets the next candidate try; a taken port is an answer.
        for candidate in candidates where [EADDRNOTAVAIL, EAFNOSUPPORT].contains(last.code) {
            switch attempt(candidate, listener) {
            case .success(let socket): return socket
            case .failure(let errno): last = errno
            }
        }
        let host = listener.host.isEmpty ? "0.0.0.0" : listener.host
        throw .bind(listener: listener.name, address: "\(PeerAddress(host: host, port: listener.port))", last)
    }

    private static func attempt(
        _ address: ResolvedAddress, _ listener: ListenerConfiguration
    ) -> Result<ListenSocket, Errno> {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { return .failure(.last) }
        setOption(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
        setOption(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, 1)
        if address.family == AF_INET6 {
            // `[::]` serves IPv4 too; a literal IPv6 address cannot, whatever this says.
            setOption(descriptor, CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0)
        }
        if let bytes = listener.sendBufferBytes { setOption(descriptor, SOL_SOCKET, SO_SNDBUF, bytes) }
        if let bytes = listener.receiveBufferBytes { setOption(descriptor, SOL_SOCKET, SO_RCVBUF, bytes) }
        let isBound = address.withPointer { bind(descriptor, $0, $1) == 0 }
        guard isBound, listen(descriptor, CInt(clamping: max(1, listener.backlog))) == 0 else {
            let failure = Errno.last
            close(descriptor)
            return .failure(failure)
        }
        return .success(ListenSocket(descriptor: descriptor, address: .local(of: descriptor)))
    }
}

/// A socket option that is a wish: a kernel that refuses it still gives a working socket.
func setOption(_ descriptor: CInt, _ level: CInt, _ option: CInt, _ value: Int) {
    var value = CInt(clamping: value)
    _ = setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<CInt>.size))
}
