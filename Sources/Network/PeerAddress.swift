import CLinux
import Glibc

/// The other end of a connection. An IPv4 address that came through an IPv6 socket is shown as IPv4.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    init(_ storage: sockaddr_storage) {
        var storage = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let (address, port) = withUnsafeBytes(of: &storage) { bytes in
                let inet = bytes.loadUnaligned(as: sockaddr_in.self)
                return (inet.sin_addr, inet.sin_port)
            }
            self.init(host: text(of: address, family: AF_INET), port: UInt16(bigEndian: port))
        case AF_INET6:
            let (address, port) = withUnsafeBytes(of: &storage) { bytes in
                let inet = bytes.loadUnaligned(as: sockaddr_in6.self)
                return (inet.sin6_addr, inet.sin6_port)
            }
            let host = text(of: address, family: AF_INET6)
            let isMapped = host.hasPrefix("::ffff:") && host.contains(".")
            self.init(host: isMapped ? String(host.dropFirst(7)) : host, port: UInt16(bigEndian: port))
        default:
            self.init(host: "unknown", port: 0)
        }
    }

    /// The local end of a socket.
    static func local(of descriptor: CInt) -> PeerAddress {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(descriptor, $0, &length) }
        }
        return PeerAddress(storage)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

private func text<Address>(of address: Address, family: CInt) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
        guard let start = buffer.baseAddress,
            withUnsafePointer(to: address, { inet_ntop(family, $0, start, socklen_t(buffer.count)) }) != nil
        else { return "unknown" }
        return String(cString: start)
    }
}
