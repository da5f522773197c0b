import CLinux
import Glibc
import Testing
import Timing

@testable import ZooKeeper

struct ZooKeeperSessionTests {
    private func failure(_ address: String, timeoutMs: Int64 = 10_000) throws -> String {
        let address = try #require(EnsembleAddress(address))
        do {
            _ = try ZooKeeperSession(address, timeoutMs: timeoutMs)
            return "it has a session"
        } catch {
            return error.description
        }
    }

    /// A port on which nobody answers: its queue takes connections, or it is closed at once.
    private func port(listening: Bool) throws -> (descriptor: CInt, port: UInt16) {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        try #require(result && (!listening || listen(descriptor, 5) == 0))
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    @Test func `where nobody listens is told at once`() throws {
        let (descriptor, port) = try port(listening: false)
        defer { close(descriptor) }
        #expect(
            try failure("127.0.0.1:\(port)")
                == "cannot connect to ZooKeeper at 127.0.0.1:\(port): Connection refused")
    }

    @Test func `a listener that is no ZooKeeper is waited for so long and no longer`() throws {
        let (descriptor, port) = try port(listening: true)
        defer { close(descriptor) }
        #expect(
            try failure("127.0.0.1:\(port)", timeoutMs: 50)
                == "ZooKeeper at 127.0.0.1:\(port) gives no session within 50 ms; is it ZooKeeper that listens there?")
    }

    @Test func `servers that are gone were waited for one after the other`() throws {
        // Its queue has room for one; to whoever comes later it does not answer at all.
        let (descriptor, port) = try port(listening: false)
        defer { close(descriptor) }
        try #require(listen(descriptor, 0) == 0)
        let server = "127.0.0.1:\(port)"
        let full = try #require(EnsembleAddress(server))
        var fillers: [CInt] = []
        defer { for filler in fillers { close(filler) } }
        for _ in 0..<3 { fillers.append(try filler(port)) }
        #expect(throws: ZooKeeperError.self) { try ServerProbe(address: full, timeoutMs: 200).resolvedServers() }
        let start = Clock.system.now
        #expect(try failure("\(server),\(server),\(server),\(server),\(server)", timeoutMs: 400).hasSuffix("timed out"))
        #expect(Clock.system.now - start < .milliseconds(1500))
        // One that accepts is enough.
        let (open, openPort) = try self.port(listening: true)
        defer { close(open) }
        let both = try #require(EnsembleAddress("\(server),127.0.0.1:\(openPort)"))
        #expect(try ServerProbe(address: both, timeoutMs: 20_000).resolvedServers().count == 2)
        #expect(Clock.system.now - start < .seconds(10))
    }

    /// A connection to a port that may never be accepted.
    private func filler(_ port: UInt16) throws -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_INET, type, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
        address.sin_port = port.bigEndian
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    @Test func `a name that means nothing is told`() throws {
        #expect(try failure("nowhere.invalid").hasPrefix("cannot find ZooKeeper at nowhere.invalid:2181: nowhere"))
    }
}
