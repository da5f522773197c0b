/// A host name or address and a port, written `host:port` or `[address]:port`.
public struct HostPort: Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
        self.init(host: String(host), port: port)
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// A controller of a static quorum: `id@host:port`.
public struct QuorumVoter: Hashable, Sendable {
    public let nodeID: Int32
    public let address: HostPort

    init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, let nodeID = Int32(parts[0]), let address = HostPort(String(parts[1])) else {
            return nil
        }
        self.nodeID = nodeID
        self.address = address
    }
}

/// A limit of connections for one address: `host:count`.
struct AddressCount {
    let host: String
    let count: Int

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let count = Int32(text[text.index(after: colon)...]), count >= 0
        else { return nil }
        let host = text[..<colon]
        guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
        self.host = String(host)
        self.count = Int(count)
    }
}

/// Letters, digits and what else names and addresses of both families are written with.
func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
        UInt8(ascii: ":"), UInt8(ascii: "%"):
        true
    default: false
    }
}
