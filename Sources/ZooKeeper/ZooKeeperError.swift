public import Posix

/// Why something asked of ZooKeeper was not done: where, at which step, and the reason. The description is one line for a
/// person.
public struct ZooKeeperError: Error, Sendable, CustomStringConvertible {
    public enum Reason: Sendable {
        /// Resolving the names of all servers failed, the last with this text.
        case unknownHost(String)
        case unreachable(Errno)
        /// Somebody takes connections there, and answers none of them as a server of ZooKeeper.
        case noSession(milliseconds: Int64)
        case noNode(path: String)
        /// The library's own code and text.
        case refused(path: String, code: Int32, text: String)
        case noClient(Errno)
    }

    /// The servers, `host:port,host:port`.
    public let servers: String
    public let reason: Reason

    init(_ address: EnsembleAddress, _ reason: Reason) {
        servers = EnsembleAddress(servers: address.servers, chroot: "").description
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .unknownHost(let text): "cannot find ZooKeeper at \(servers): \(text)"
        case .unreachable(let errno): "cannot connect to ZooKeeper at \(servers): \(errno)"
        case .noSession(let milliseconds):
            "ZooKeeper at \(servers) gives no session within \(milliseconds) ms; is it ZooKeeper that listens there?"
        case .noNode(let path): "ZooKeeper at \(servers) has no node \(path)"
        case .refused(let path, let code, let text):
            "cannot read \(path) in ZooKeeper at \(servers): \(text) (\(code))"
        case .noClient(let errno): "cannot make a client for ZooKeeper at \(servers): \(errno)"
        }
    }
}
