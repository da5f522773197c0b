/// One address to listen on.
public struct ListenerConfiguration: Sendable {
    public var name: String
    /// A literal address or a host name; empty means every address of the machine, IPv4 and IPv6.
    public var host: String
    /// 0 lets the system choose; `Server.start` tells what it chose.
    public var port: UInt16
    public var backlog: Int
    /// nil leaves the size to the kernel, which then tunes it to the connection.
    public var sendBufferBytes: Int?
    public var receiveBufferBytes: Int?

    public init(
        name: String, host: String, port: UInt16, backlog: Int = 50, sendBufferBytes: Int? = nil,
        receiveBufferBytes: Int? = nil
    ) {
        self.name = name
        self.host = host
        self.port = port
        self.backlog = backlog
        self.sendBufferBytes = sendBufferBytes
        self.receiveBufferBytes = receiveBufferBytes
    }
}

/// Everything that bounds a server.
public struct ServerConfiguration: Sendable {
    public var listeners: [ListenerConfiguration]
    public var loopsPerServer = 3
    /// The longest frame, without its four bytes of length.
    public var frameBytesMax = 104_857_600
    /// How much memory all frames together may hold that came in part or wait behind an answer; nil is no bound.
    public var requestMemoryBytesMax: Int?
    public var connectionsMax = Int.max
    public var connectionsPerAddressMax = Int.max
    /// By literal address or host name.
    public var perAddressOverrides: [String: Int] = [:]
    /// Zero or less keeps idle connections for ever.
    public var idleTimeout: Duration = .seconds(600)
    /// How long `stop` lets answers leave.
    public var shutdownTimeout: Duration = .seconds(2)

    public init(listeners: [ListenerConfiguration]) { self.listeners = listeners }
}

/// Where a listener really listens.
public struct BoundAddress: Sendable, Equatable, CustomStringConvertible {
    public let listenerName: String
    public let host: String
    public let port: UInt16

    public var description: String { "\(listenerName)://\(PeerAddress(host: host, port: port))" }
}
