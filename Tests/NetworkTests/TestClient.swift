import CLinux
import Glibc
import Posix
import Testing

/// A blocking socket to a server under test. Nothing it does takes longer than its timeout.
final class TestClient {
    private(set) var descriptor: CInt
    private(set) var localPort: UInt16 = 0

    init(port: UInt16, receiveBufferBytes: Int? = nil, family: CInt = AF_INET) throws {
        descriptor = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        if var bytes = receiveBufferBytes.map({ CInt($0) }) {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<CInt>.size))
        }
        let result: CInt
        if family == AF_INET6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_addr = in6addr_loopback
            result = connectTo(&address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            result = connectTo(&address)
        }
        try #require(result == 0, "connect: \(Errno.last)")
    }

    deinit { hangUp() }

    private func connectTo<Address>(_ address: inout Address) -> CInt {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }

    func hangUp() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
    }

    func send(_ bytes: [UInt8]) throws {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            try #require(count > 0, "send: \(Errno.last)")
            sent += count
        }
    }

    /// Sends what the socket takes without waiting; returns how much that was.
    func sendWhatFits(_ bytes: [UInt8]) -> Int {
        max(0, Glibc.send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)))
    }

    /// Exactly so many bytes; fewer when the server closes first.
    func receive(_ count: Int) throws -> [UInt8] {
        var received = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let came = received.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress! + done, count - done, 0) }
            if came == 0 || (came < 0 && errno == ECONNRESET) { break }
            try #require(came > 0, "receive: \(Errno.last)")
            done += came
        }
        return Array(received[..<done])
    }

    /// The payload of one frame.
    func receiveFrame() throws -> [UInt8] {
        let length = try receive(4)
        try #require(length.count == 4, "closed before a frame came")
        return try receive(length.reduce(0) { $0 << 8 | Int($1) })
    }

    /// Everything until the server closes.
    func receiveAll() throws -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try receive(64 * 1024)
            all += part
            if part.count < 64 * 1024 { return all }
        }
    }

    var isClosedByServer: Bool {
        get throws { try receive(1).isEmpty }
    }
}

/// Length field and payload.
func framed(_ payload: [UInt8]) -> [UInt8] {
    let count = UInt32(payload.count)
    return [UInt8(count >> 24), UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255)] + payload
}

/// Waits for something that other threads bring about.
func eventually(_ what: Comment, _ condition: () -> Bool) {
    for _ in 0..<5000 {
        if condition() { return }
        usleep(2000)
    }
    Issue.record(what)
}

/// Sends until everything is gone or the other side is.
func sendAll(_ descriptor: CInt, _ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
        let count = bytes.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, CInt(MSG_NOSIGNAL))
        }
        guard count > 0 else { return }
        sent += count
    }
}
