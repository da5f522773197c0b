import CLinux
import Glibc

extension Target {
    /// A whole broker behind its port, built with a sanitizer: one to four frames, then the end of the sentence. What it
    /// answers does not matter; that it still answers the next one does.
    static func broker(port: UInt16) -> Target {
        Target(name: "broker", seeds: { $0.map(\.request) }) { input, mutator in
            let connection = dial(port)
            defer { close(connection) }
            for _ in 0...mutator.random(below: 4) {
                var length = UInt32(input.bytes.count).bigEndian
                guard send(connection, &length, 4, CInt(MSG_NOSIGNAL)) == 4,
                    send(connection, input.bytes, input.bytes.count, CInt(MSG_NOSIGNAL)) == input.bytes.count
                else { return false }
            }
            shutdown(connection, CInt(SHUT_WR))
            return answered(connection)
        }
    }
}

private func dial(_ port: UInt16) -> CInt {
    let connection = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
    // A frame that waits, such as a fetch for records that do not come, is left alone soon.
    var patience = timeval(tv_sec: 0, tv_usec: 100_000)
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let status = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
    guard connection >= 0, status == 0 else { end("the broker takes no connection: errno \(errno)", 1) }
    return connection
}

private func answered(_ connection: CInt) -> Bool {
    var part = [UInt8](repeating: 0, count: 65536)
    var some = false
    while recv(connection, &part, part.count, 0) > 0 { some = true }
    return some
}
