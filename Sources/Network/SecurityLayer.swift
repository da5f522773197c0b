import CLinux
import Glibc

/// What lies between a connection's bytes and its socket. All reading and writing of connections passes here.
public enum SecurityLayer: Sendable {
    case plaintext

    /// The name that listeners are given for it.
    public var protocolName: String {
        switch self {
        case .plaintext: "PLAINTEXT"
        }
    }

    enum Transfer {
        case bytes(Int)
        /// Nothing moves until the socket is ready again.
        case blocked
        /// Reading: the peer ended its side. Sending a file: the file ends before its region.
        case ended
        case failed(CInt)
    }

    func receive(_ descriptor: CInt, into base: UnsafeMutableRawPointer, upTo count: Int) -> Transfer {
        switch self {
        case .plaintext:
            while true {
                let received = recv(descriptor, base, count, 0)
                if received > 0 { return .bytes(received) }
                if received == 0 { return .ended }
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked : .failed(errno)
            }
        }
    }

    /// `more` keeps the bytes back until what follows can share their packet.
    func send(_ descriptor: CInt, _ base: UnsafeRawPointer, count: Int, more: Bool) -> Transfer {
        switch self {
        case .plaintext:
            let flags = CInt(MSG_NOSIGNAL) | (more ? CInt(MSG_MORE) : 0)
            while true {
                let sent = Glibc.send(descriptor, base, count, flags)
                if sent >= 0 { return .bytes(sent) }
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked : .failed(errno)
            }
        }
    }

    /// File to socket without passing user space.
    func sendFile(_ descriptor: CInt, file: CInt, at offset: Int64, count: Int) -> Transfer {
        switch self {
        case .plaintext:
            var position = off_t(offset)
            while true {
                let sent = sendfile(descriptor, file, &position, count)
                if sent > 0 { return .bytes(sent) }
                if sent == 0 { return .ended }
                if errno == EINTR { continue }
                return errno == EAGAIN ? .blocked : .failed(errno)
            }
        }
    }
}
