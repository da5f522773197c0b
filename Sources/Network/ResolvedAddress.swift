import CLinux
import Glibc

/// A socket address that a host name or literal stands for.
struct ResolvedAddress {
    var storage: sockaddr_storage
    var length: socklen_t
    var family: CInt { CInt(storage.ss_family) }

    /// All addresses of a host, IPv4 before IPv6, as the clients of this protocol prefer them.
    static func all(host: String, port: UInt16) throws(NetworkError) -> [ResolvedAddress] {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        guard result == 0 else {
            throw .resolve(host: host, reason: String(cString: gai_strerror(result)))
        }
        defer { freeaddrinfo(list) }
        var found: [ResolvedAddress] = []
        var next = list
        while let info = next?.pointee {
            next = info.ai_next
            guard let address = info.ai_addr, Int(info.ai_addrlen) <= MemoryLayout<sockaddr_storage>.size else {
                continue
            }
            var storage = sockaddr_storage()
            withUnsafeMutableBytes(of: &storage) { bytes in
                bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
            }
            found.append(ResolvedAddress(storage: storage, length: info.ai_addrlen))
        }
        return found.filter { $0.family == AF_INET } + found.filter { $0.family == AF_INET6 }
    }

    /// Every address of the machine: one socket for both families where the machine has IPv6.
    static func any(port: UInt16) -> [ResolvedAddress] {
        [wildcard(family: AF_INET6, port: port), wildcard(family: AF_INET, port: port)]
    }

    private static func wildcard(family: CInt, port: UInt16) -> ResolvedAddress {
        var storage = sockaddr_storage()
        let length = family == AF_INET6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
        withUnsafeMutableBytes(of: &storage) { bytes in
            if family == AF_INET6 {
                var inet = sockaddr_in6()
                inet.sin6_family = sa_family_t(AF_INET6)
                inet.sin6_port = port.bigEndian
                bytes.storeBytes(of: inet, as: sockaddr_in6.self)
            } else {
                var inet = sockaddr_in()
                inet.sin_family = sa_family_t(AF_INET)
                inet.sin_port = port.bigEndian
                bytes.storeBytes(of: inet, as: sockaddr_in.self)
            }
        }
        return ResolvedAddress(storage: storage, length: socklen_t(length))
    }

    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
