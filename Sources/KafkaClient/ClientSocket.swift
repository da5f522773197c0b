import Bytes
import CLinux
import Configuration
import Glibc
import Posix
import Timing

/// A connection to one address, used by one thread, that never waits beyond a deadline.
final class ClientSocket {
    let descriptor: CInt
    private let clock: Clock
    private let interruption: Interruption?

    /// Why a socket operation did not come to its end.
    enum Failure: Error {
        case system(Errno)
        case timedOut
        case closed
        case unknownHost(String)
        case interrupted
    }

    private init(descriptor: CInt, clock: Clock, interruption: Interruption?) {
        self.descriptor = descriptor
        self.clock = clock
        self.interruption = interruption
    }

    deinit { close(descriptor) }

    /// What the system is told about the memory of a socket; nil leaves it its choice.
    struct Buffers: Sendable {
        var sendBytes: Int32?
        var receiveBytes: Int32?
    }

    /// Tries every address of the host in turn, IPv4 before IPv6; the last failure is told.
    static func connect(
        _ server: HostPort, timeout: Duration, until deadline: Instant, clock: Clock, buffers: Buffers = Buffers(),
        interruption: Interruption? = nil
    ) throws(Failure) -> ClientSocket {
        var last = Failure.unknownHost("it has no address")
        let patience = min(deadline, clock.now + timeout)
        let addresses = try NameLookup.addresses(of: server.host, port: server.port, until: patience, clock: clock)
        for address in addresses {
            do throws(Failure) {
                return try connect(address, until: min(deadline, clock.now + timeout), clock, buffers, interruption)
            } catch {
                last = error
            }
            if case .interrupted = last { break }
            if clock.now >= deadline { break }
        }
        throw last
    }

    private static func connect(
        _ address: NameLookup.Address, until deadline: Instant, _ clock: Clock, _ buffers: Buffers,
        _ interruption: Interruption?
    ) throws(Failure) -> ClientSocket {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(address.family, type, 0)
        guard descriptor >= 0 else { throw .system(.last) }
        let opened = ClientSocket(descriptor: descriptor, clock: clock, interruption: interruption)
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<CInt>.size))
        opened.set(SO_SNDBUF, buffers.sendBytes)
        opened.set(SO_RCVBUF, buffers.receiveBytes)
        let result = withUnsafePointer(to: address.storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, address.length)
            }
        }
        if result == 0 { return opened }
        guard errno == EINPROGRESS || errno == EINTR else { throw .system(.last) }
        try opened.wait(for: Int16(POLLOUT), until: deadline)
        var problem: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &length)
        guard problem == 0 else { throw .system(Errno(problem)) }
        return opened
    }

    private func set(_ option: CInt, _ bytes: Int32?) {
        guard var bytes else { return }
        setsockopt(descriptor, SOL_SOCKET, option, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }

    private func wait(for events: Int16, until deadline: Instant) throws(Failure) {
        while true {
            let left = (deadline - clock.now).wholeMilliseconds
            guard left > 0 else { throw .timedOut }
            var entries = (
                pollfd(fd: descriptor, events: events, revents: 0),
                pollfd(fd: interruption?.descriptor ?? -1, events: Int16(POLLIN), revents: 0)
            )
            let count = withUnsafeMutablePointer(to: &entries) { entries in
                entries.withMemoryRebound(to: pollfd.self, capacity: 2) { poll($0, 2, CInt(clamping: left)) }
            }
            let problem = errno
            if interruption?.isRaised == true { throw .interrupted }
            if count > 0 { return }
            if count < 0, problem != EINTR { throw .system(Errno(problem)) }
        }
    }

    func send(_ bytes: RawSpan, until deadline: Instant) throws(Failure) {
        var done = 0
        while done < bytes.byteCount {
            let rest = bytes.extracting(droppingFirst: done)
            let (count, problem) = rest.withUnsafeBytes { buffer -> (Int, CInt) in
                let count = Glibc.send(descriptor, buffer.baseAddress, buffer.count, CInt(MSG_NOSIGNAL))
                return (count, errno)
            }
            if count >= 0 {
                done += count
            } else if problem == EAGAIN {
                try wait(for: Int16(POLLOUT), until: deadline)
            } else if problem == EPIPE || problem == ECONNRESET {
                throw .closed
            } else if problem != EINTR {
                throw .system(Errno(problem))
            }
        }
    }

    /// Adds exactly `count` bytes to `buffer`, which grows only as they come.
    func receive(_ count: Int, into buffer: inout ByteWriter, until deadline: Instant) throws(Failure) {
        var left = count
        while left > 0 {
            var problem: CInt = 0
            let descriptor = descriptor
            // Memory that is there already is filled in one go; new memory comes as the bytes do.
            let room = max(Self.pieceBytes, buffer.reservedBytes - buffer.count)
            let came = buffer.appendUninitialized(upTo: min(left, room)) { room -> Int in
                let count = recv(descriptor, room.baseAddress, room.count, 0)
                problem = count < 0 ? errno : 0
                if count == 0 { problem = ECONNRESET }
                return max(0, count)
            }
            left -= came
            switch problem {
            case 0, EINTR: break
            case EAGAIN: try wait(for: Int16(POLLIN), until: deadline)
            case ECONNRESET: throw .closed
            default: throw .system(Errno(problem))
            }
            if clock.now >= deadline, left > 0 { throw .timedOut }
        }
    }

    private static let pieceBytes = 64 << 10
}
