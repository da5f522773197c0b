/// The listeners of a node, from the five settings that say something about them.
struct ListenerSettings {
    let listeners: [Listener]
    let controllerListeners: [Listener]
    let advertisedListeners: [Listener]
    let advertisedControllerListeners: [Listener]
    let interBrokerListenerName: String

    init(_ reader: ConfigReader) throws(ConfigurationError) {
        let controllerNames = try reader.list("controller.listener.names").map { $0.uppercased() }
        let protocols = try Self.protocols(reader, controllerNames: controllerNames)
        let all = try Self.parse(reader, "listeners", protocols)
        try Self.checkDistinctPorts(reader, all)
        listeners = all.filter { !controllerNames.contains($0.name) }
        controllerListeners = all.filter { controllerNames.contains($0.name) }
        guard !listeners.isEmpty else {
            throw reader.refusal("listeners", "all of them are in controller.listener.names; none is left for clients")
        }
        let isAdvertised = reader.isSet("advertised.listeners")
        let advertised = isAdvertised ? try Self.parse(reader, "advertised.listeners", protocols) : all
        advertisedListeners = advertised.filter { !controllerNames.contains($0.name) }
        advertisedControllerListeners = advertised.filter { controllerNames.contains($0.name) }
        let advertisedKey = isAdvertised ? "advertised.listeners" : "listeners"
        if advertised.contains(where: { $0.host == "0.0.0.0" || $0.host == "::" }) {
            throw reader.refusal(
                advertisedKey,
                "clients cannot reach the meta-address 0.0.0.0; advertised.listeners must name a routable address")
        }
        if let stranger = advertised.first(where: { one in !all.contains { $0.name == one.name } }) {
            throw reader.refusal(
                "advertised.listeners",
                "\(stranger.name) is not one of the listeners " + all.map(\.name).joined(separator: ", "))
        }
        if let zero = advertised.first(where: { isAdvertised && $0.port == 0 }) {
            throw reader.refusal("advertised.listeners", "\(zero) has no port that a client could connect to")
        }
        guard !advertisedListeners.isEmpty else {
            throw reader.refusal("advertised.listeners", "there must be at least one listener for clients")
        }
        interBrokerListenerName = try Self.interBrokerName(reader, protocols, advertisedListeners)
    }

    /// The protocol of each listener name. Without a map, names of controller listeners mean PLAINTEXT.
    private static func protocols(
        _ reader: ConfigReader, controllerNames: [String]
    ) throws(ConfigurationError) -> [String: SecurityProtocol] {
        let key = "listener.security.protocol.map"
        var protocols = SecurityProtocol.map(try reader.text(key) ?? "")
        guard !reader.isSet(key) else { return protocols }
        let names = try reader.list("listeners").compactMap { ListenerAddress($0)?.name } + controllerNames
        if names.allSatisfy({ protocols[$0] == nil || protocols[$0] == .plaintext }) {
            for name in controllerNames { protocols[name] = .plaintext }
        }
        return protocols
    }

    private static func parse(
        _ reader: ConfigReader, _ key: String, _ protocols: [String: SecurityProtocol]
    ) throws(ConfigurationError) -> [Listener] {
        var parsed: [Listener] = []
        for text in try reader.list(key) {
            guard let address = ListenerAddress(text) else {
                throw reader.refusal(key, "'\(text)' is not of the form NAME://host:port with a port of 0 to 65535")
            }
            guard let security = protocols[address.name] else {
                throw reader.refusal(
                    key, "listener.security.protocol.map has no security protocol for the listener \(address.name)")
            }
            guard security == .plaintext else {
                let isNamedSo = address.name == security.rawValue
                throw reader.refusal(
                    isNamedSo ? key : "listener.security.protocol.map",
                    "the listener \(address.name) asks for \(security.rawValue); this version serves PLAINTEXT only")
            }
            guard !parsed.contains(where: { $0.name == address.name }) else {
                throw reader.refusal(key, "the listener name \(address.name) comes twice")
            }
            parsed.append(
                Listener(name: address.name, host: address.host, port: address.port, securityProtocol: security))
        }
        return parsed
    }

    /// A port serves one listener, or two when one has an IPv4 and the other an IPv6 address.
    private static func checkDistinctPorts(
        _ reader: ConfigReader, _ listeners: [Listener]
    ) throws(ConfigurationError) {
        for (position, one) in listeners.enumerated() where one.port != 0 {
            for other in listeners.dropFirst(position + 1) where other.port == one.port {
                let areOfTwoFamilies = one.isIPv4 && other.isIPv6 || one.isIPv6 && other.isIPv4
                guard areOfTwoFamilies else {
                    throw reader.refusal(
                        "listeners",
                        "\(one.name) and \(other.name) have the same port \(one.port); a port serves two "
                            + "listeners only when one has an IPv4 and the other an IPv6 address")
                }
            }
        }
    }

    private static func interBrokerName(
        _ reader: ConfigReader, _ protocols: [String: SecurityProtocol], _ advertised: [Listener]
    ) throws(ConfigurationError) -> String {
        let nameKey = "inter.broker.listener.name"
        let protocolKey = "security.inter.broker.protocol"
        if let name = try reader.text(nameKey)?.uppercased() {
            guard !reader.isSet(protocolKey) else {
                throw reader.refusal(nameKey, "\(protocolKey) is set too; only one of them may be")
            }
            guard advertised.contains(where: { $0.name == name }) else {
                throw reader.refusal(
                    nameKey,
                    "it must be one of the advertised listeners " + advertised.map(\.name).joined(separator: ", "))
            }
            return name
        }
        let name = try reader.text(protocolKey) ?? SecurityProtocol.plaintext.rawValue
        if advertised.contains(where: { $0.name == name }) { return name }
        guard !reader.isSet(protocolKey) else {
            throw reader.refusal(
                protocolKey,
                "no advertised listener has that name; \(nameKey) can choose one of "
                    + advertised.map(\.name).joined(separator: ", "))
        }
        // Kafka refuses here; a single node talks to nobody, so the only listener there is will do.
        return advertised.first?.name ?? name
    }
}

extension Listener {
    fileprivate var isIPv6: Bool { host.contains(":") }
    fileprivate var isIPv4: Bool {
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
    }
}
