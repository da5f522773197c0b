import CommandLine
import Configuration

/// A broker as it has registered itself in ZooKeeper, `/brokers/ids/1`:
///
///     {"version":5,"endpoints":["INTERNAL://a:9092"],"listener_security_protocol_map":{"INTERNAL":"PLAINTEXT"},…}
///
/// Before version 2 there were only `host` and `port`; before version 4 a listener's name was its protocol.
struct RegisteredBroker: Equatable {
    struct Endpoint: Equatable {
        let address: HostPort
        let securityProtocol: String
    }

    let endpoints: [Endpoint]

    /// Nil when it is no registration.
    init?(json: [UInt8]) {
        let document: StructuredValue
        do throws(JSONError) {
            document = try JSONParser.parse(json)
        } catch {
            return nil
        }
        guard case .object(let members) = document else { return nil }
        var endpoints: [Endpoint] = []
        if case .list(let words)? = Self.member("endpoints", members) {
            var protocols: [String: String] = [:]
            if case .object(let map)? = Self.member("listener_security_protocol_map", members) {
                for entry in map { if case .string(let name) = entry.value { protocols[entry.name] = name } }
            }
            for case .string(let word) in words {
                guard let endpoint = Self.endpoint(word, protocols) else { continue }
                endpoints.append(endpoint)
            }
        } else if case .string(let host)? = Self.member("host", members),
            case .int(let number)? = Self.member("port", members), let port = UInt16(exactly: number)
        {
            endpoints = [Endpoint(address: HostPort(host: host, port: port), securityProtocol: "PLAINTEXT")]
        }
        self.endpoints = endpoints
    }

    private static func member(_ name: String, _ members: [StructuredValue.Member]) -> StructuredValue? {
        members.first { $0.name == name }?.value
    }

    /// `NAME://host:port`
    private static func endpoint(_ word: String, _ protocols: [String: String]) -> Endpoint? {
        guard let colon = word.firstIndex(of: ":"), word[colon...].hasPrefix("://") else { return nil }
        let name = String(word[..<colon])
        guard let address = HostPort(String(word[colon...].dropFirst(3))), address.port > 0 else { return nil }
        return Endpoint(address: address, securityProtocol: protocols[name] ?? name)
    }
}
