import CLinux
import Glibc
import Posix
import Timing

/// The addresses of a host. The system's resolver keeps to no deadline of ours, so what has to be asked of a name server
/// is asked on a thread that is left behind when it takes too long; it ends with the resolver's own patience.
enum NameLookup {
    struct Address: Sendable {
        var storage = sockaddr_storage()
        var length: socklen_t = 0
        var family: CInt { CInt(storage.ss_family) }
    }

    enum Outcome: Sendable {
        case looking
        case found([Address])
        case failed(String)
    }

    /// IPv4 before IPv6.
    ///
    /// - Parameter resolver: the system's; a test has one of its own.
    static func addresses(
        of host: String, port: UInt16, until deadline: Instant, clock: Clock,
        resolver: @escaping @Sendable (_ host: String, _ port: UInt16) -> Outcome = { host, port in
            look(for: host, port, flags: AI_NUMERICSERV)
        }
    ) throws(ClientSocket.Failure) -> [Address] {
        // An address, or this machine, needs no question and no thread.
        if host == "localhost" { return literal("127.0.0.1", port) + literal("::1", port) }
        let plain = literal(host, port)
        if !plain.isEmpty { return plain }
        let outcome = Monitor<Outcome>(.looking)
        let thread = Thread(name: "name-lookup") {
            let state = resolver(host, port)
            outcome.update { $0 = state }
        }
        let milliseconds = max(0, (deadline - clock.now).wholeMilliseconds)
        let state = outcome.wait(milliseconds: milliseconds) { (state: inout Outcome) -> Outcome? in
            if case .looking = state { nil } else { state }
        }
        switch state ?? .looking {
        case .looking:
            thread.leave()
            throw .unknownHost("no answer from the name server within \(milliseconds) ms")
        case .found(let addresses):
            thread.join()
            return addresses
        case .failed(let reason):
            thread.join()
            throw .unknownHost(reason)
        }
    }

    private static func literal(_ host: String, _ port: UInt16) -> [Address] {
        guard case .found(let addresses) = look(for: host, port, flags: AI_NUMERICSERV | AI_NUMERICHOST) else {
            return []
        }
        return addresses
    }

    private static func look(for host: String, _ port: UInt16, flags: CInt) -> Outcome {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = flags
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else { return .failed(String(cString: gai_strerror(result))) }
        defer { freeaddrinfo(list) }
        var found: [Address] = []
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            guard let address = info.ai_addr, Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
                continue
            }
            var one = Address()
            one.length = info.ai_addrlen
            withUnsafeMutableBytes(of: &one.storage) { bytes in
                bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
            }
            found.append(one)
        }
        return .found(found.filter { $0.family == AF_INET } + found.filter { $0.family != AF_INET })
    }
}
