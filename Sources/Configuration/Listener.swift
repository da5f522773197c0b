/// How the connections of a listener are protected.
public enum SecurityProtocol: String, CaseIterable, Sendable {
    case plaintext = "PLAINTEXT"
    case ssl = "SSL"
    case saslPlaintext = "SASL_PLAINTEXT"
    case saslSSL = "SASL_SSL"

    /// `NAME:PROTOCOL,...` as a table.
    static func map(_ text: String) -> [String: SecurityProtocol] {
        var map: [String: SecurityProtocol] = [:]
        for element in text.listElements {
            guard let colon = element.lastIndex(of: ":") else { continue }
            let name = String(element[..<colon]).trimmed.uppercased()
            map[name] = SecurityProtocol(rawValue: String(element[element.index(after: colon)...]).trimmed.uppercased())
        }
        return map
    }

    static func mapProblem(_ text: String) -> String? {
        for element in text.listElements {
            guard let colon = element.lastIndex(of: ":"), colon != element.startIndex else {
                return "'\(element)' is not of the form {name}:{protocol}"
            }
            let name = String(element[element.index(after: colon)...]).trimmed
            if SecurityProtocol(rawValue: name.uppercased()) == nil {
                return "'\(name)' is not one of the protocols " + allCases.map(\.rawValue).joined(separator: ", ")
            }
        }
        return nil
    }
}

/// A place where the broker listens, or the address of it that clients are told.
public struct Listener: Hashable, Sendable, CustomStringConvertible {
    /// In capital letters: names are compared without regard to case.
    public let name: String
    /// Empty stands for every address of both families; in an advertised listener, for the name of the machine.
    public let host: String
    /// 0 lets the system choose.
    public let port: UInt16
    public let securityProtocol: SecurityProtocol

    public init(name: String, host: String, port: UInt16, securityProtocol: SecurityProtocol = .plaintext) {
        self.name = name
        self.host = host
        self.port = port
        self.securityProtocol = securityProtocol
    }

    public var description: String { "\(name)://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }
}

/// `NAME://host:port`, not yet bound to a protocol.
struct ListenerAddress {
    let name: String
    let host: String
    let port: UInt16

    init?(_ text: String) {
        guard let mark = text.firstRange(of: "://"), mark.lowerBound != text.startIndex,
            let colon = text.lastIndex(of: ":"), colon >= mark.upperBound,
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[mark.upperBound..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard host.utf8.allSatisfy(isHostByte) else { return nil }
        name = text[..<mark.lowerBound].uppercased()
        self.host = String(host)
        self.port = port
    }
}
