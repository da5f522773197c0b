import CZooKeeper
import Glibc
import Posix

/// A session with an ensemble, through ZooKeeper's own client library. It begins within a time or not at all, reads the
/// tree below the address's chroot, and ends with `close` or with the last reference. Calls may come from any thread
/// as long as none is under way or follows when it is closed; each blocks until the ensemble has answered or the library
/// gives the session up.
public final class ZooKeeperSession: @unchecked Sendable {
    // The library guards the handle by itself; the events have a lock.
    private let handle: OpaquePointer
    private let events: Unmanaged<SessionEvents>
    private let address: EnsembleAddress
    private let isClosed = Guarded(false)

    /// The library takes a server that is silent for this long for dead.
    private static let sessionTimeoutMs: CInt = 18_000

    public init(_ address: EnsembleAddress, timeoutMs: Int64 = 10_000) throws(ZooKeeperError) {
        self.address = address
        let servers = try ServerProbe(address: address, timeoutMs: timeoutMs).resolvedServers()
        // Without a level the library writes to stderr whatever it meets.
        zoo_set_debug_level(ZooLogLevel(0))
        events = Unmanaged.passRetained(SessionEvents())
        let known = EnsembleAddress(servers: servers, chroot: address.chroot).description
        guard
            let handle = zookeeper_init2(
                known, sessionEvent, Self.sessionTimeoutMs, nil, events.toOpaque(), ZOO_NO_LOG_CLIENTENV, nil)
        else {
            let failure = Errno.last
            events.release()
            throw ZooKeeperError(address, .noClient(failure))
        }
        self.handle = handle
        guard events.takeUnretainedValue().connected(withinMs: timeoutMs) else {
            close()
            throw ZooKeeperError(address, .noSession(milliseconds: timeoutMs))
        }
    }

    deinit {
        close()
        events.release()
    }

    /// The library's threads have ended when this returns.
    public func close() {
        let isNews = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        if isNews { zookeeper_close(handle) }
    }

    /// The names of the nodes below one, in order.
    public func children(of path: String) throws(ZooKeeperError) -> [String] {
        var names = String_vector()
        let code = zoo_get_children(handle, path, 0, &names)
        guard code == 0 else { throw failure(code, path) }
        defer { deallocate_String_vector(&names) }
        return UnsafeBufferPointer(start: names.data, count: Int(names.count)).compactMap { name in
            name.map { String(cString: $0) }
        }.sorted()
    }

    /// What a node holds; empty where it holds nothing.
    public func data(of path: String) throws(ZooKeeperError) -> [UInt8] {
        var capacity = 16 << 10
        while true {
            var code: CInt = 0
            var stat = Stat()
            let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                var length = CInt(buffer.count)
                code = buffer.withMemoryRebound(to: CChar.self) {
                    zoo_get(handle, path, 0, $0.baseAddress, &length, &stat)
                }
                count = code == 0 ? max(0, Int(length)) : 0
            }
            guard code == 0 else { throw failure(code, path) }
            // It grew since, or is larger than most.
            guard Int(stat.dataLength) > capacity else { return bytes }
            capacity = Int(stat.dataLength)
        }
    }

    private func failure(_ code: CInt, _ path: String) -> ZooKeeperError {
        let whole = address.path(path)
        if code == CInt(ZNONODE.rawValue) { return ZooKeeperError(address, .noNode(path: whole)) }
        let text = zerror(code).map { String(cString: $0) } ?? "unknown error"
        return ZooKeeperError(address, .refused(path: whole, code: code, text: text))
    }
}

/// Whether the session has begun, as the library's thread tells it.
private final class SessionEvents: Sendable {
    private let isConnected = Monitor(false)

    func connected(withinMs timeout: Int64) -> Bool {
        isConnected.wait(milliseconds: timeout) { $0 ? true : nil } ?? false
    }

    func changed(toConnected connected: Bool) { isConnected.update { $0 = connected } }
}

private func sessionEvent(
    _: OpaquePointer?, _ type: CInt, _ state: CInt, _: UnsafePointer<CChar>?, _ context: UnsafeMutableRawPointer?
) {
    guard let context, type == ZOO_SESSION_EVENT else { return }
    Unmanaged<SessionEvents>.fromOpaque(context).takeUnretainedValue()
        .changed(toConnected: state == ZOO_CONNECTED_STATE)
}
