/// Where an ensemble is and which part of its tree is meant: `host:port,host:port/chroot`, as `zookeeper.connect` has it.
public struct EnsembleAddress: Hashable, Sendable, CustomStringConvertible {
    public struct Server: Hashable, Sendable, CustomStringConvertible {
        public let host: String
        public let port: UInt16

        public init(host: String, port: UInt16) {
            self.host = host
            self.port = port
        }

        public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
    }

    public let servers: [Server]
    /// Begins with a slash; empty when the whole tree is meant.
    public let chroot: String

    public static let defaultPort: UInt16 = 2181

    public init(servers: [Server], chroot: String) {
        self.servers = servers
        self.chroot = chroot
    }

    public init?(_ text: String) {
        let slash = text.firstIndex(of: "/") ?? text.endIndex
        var chroot = text[slash...]
        while chroot.hasSuffix("/") { chroot.removeLast() }
        guard !chroot.contains("//") else { return nil }
        var servers: [Server] = []
        for word in text[..<slash].split(separator: ",", omittingEmptySubsequences: false) {
            guard let server = Self.server(word.filter { $0 != " " }) else { return nil }
            servers.append(server)
        }
        self.init(servers: servers, chroot: String(chroot))
    }

    private static func server(_ word: String) -> Server? {
        var host = word[...]
        var port = defaultPort
        // The colons of an address in brackets are not those of a port.
        if let colon = word.lastIndex(of: ":"), !word[colon...].contains("]") {
            guard let number = UInt16(word[word.index(after: colon)...]), number > 0 else { return nil }
            (host, port) = (word[..<colon], number)
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty else { return nil }
        return Server(host: String(host), port: port)
    }

    /// The path of a node in the whole tree.
    public func path(_ path: String) -> String { path == "/" && !chroot.isEmpty ? chroot : chroot + path }

    public var description: String { servers.map(\.description).joined(separator: ",") + chroot }
}
